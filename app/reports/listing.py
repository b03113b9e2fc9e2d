"""Rows of lists, read a part at a time: of a query, or few that are at hand already."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select

from app.extensions import db
from app.reports.shape import Listing, Value

#: How many rows stand on one page.
PER_PAGE = 100
#: How many rows of a file are held at once.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of a query, each as `written` puts it.

    The order of the query leaves no two rows equal, so that no row is on two pages or on none. A
    limit of its own belongs into a subquery.
    """

    query: Select[*tuple[Any, ...]]
    written: Callable[[Row[Any]], Sequence[Value]]

    def count(self) -> int:
        """Count them all; one statement."""
        whole = self.query.order_by(None).subquery()
        return db.session.scalar(select(func.count()).select_from(whole)) or 0

    def part(self, start: int, most: int) -> Sequence[Sequence[Value]]:
        """Read up to `most` rows from the one at `start`, which counts from 0; one statement."""
        rows = db.session.execute(self.query.limit(most).offset(start))
        return [self.written(row) for row in rows]

    def each(self) -> Iterator[Sequence[Value]]:
        """Yield every row, holding few at once; the transaction lasts as long."""
        for row in db.session.execute(self.query, execution_options={"yield_per": BATCH}):
            yield self.written(row)


@dataclass(frozen=True, slots=True)
class AtHand:
    """Rows that are at hand, because they are few or had to be worked out one by one."""

    rows: Sequence[Sequence[Value]]

    def count(self) -> int:
        """Count them all."""
        return len(self.rows)

    def part(self, start: int, most: int) -> Sequence[Sequence[Value]]:
        """Return up to `most` rows from the one at `start`, which counts from 0."""
        return self.rows[start : start + most]

    def each(self) -> Iterator[Sequence[Value]]:
        """Yield every row."""
        return iter(self.rows)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list; `number` counts from 1 and is at most `pages`, which is at least 1."""

    number: int
    pages: int
    total: int
    rows: Sequence[Sequence[Value]]

    @property
    def first(self) -> int:
        """The place of its first row in the list, from 1; 0 of an empty list."""
        return (self.number - 1) * PER_PAGE + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The place of its last row."""
        return min(self.number * PER_PAGE, self.total)


def page(of: Listing, number: int) -> Page:
    """Return a page of a list; a number beyond the last gives the last."""
    total = of.rows.count()
    pages = max(1, -(-total // PER_PAGE))
    number = min(max(1, number), pages)
    return Page(number, pages, total, of.rows.part((number - 1) * PER_PAGE, PER_PAGE))
