"""What a report is made of: what was asked, the figures, the chart, the tables. Pure.

A report is one module of `reports.figures` that holds a `Report`. It answers in values; how they
are written on a page or into a file is the business of `report_words`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from typing import Generic, Protocol, TypeVar, overload
from zoneinfo import ZoneInfo

from app.accounts.models import Role
from app.money import Money
from app.reports import months

#: A page shows so many rows of a table: no period has more months.
ROWS = 120
#: And of a table whose rows are things: there may be thousands, and the file has all.
FIRST_ROWS = 60

Of = TypeVar("Of")


class Group(StrEnum):
    """What a report is about; the list of reports stands in this order."""

    RECURRING = "recurring"
    PEOPLE = "people"
    MONEY = "money"
    VOTES = "votes"
    HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, written as a percentage beside its two numbers; of nothing it is none.

    `small` greys it: too few to say much. `currency` is that of money, whose two numbers are minor
    units; null where people or things are counted.
    """

    part: int
    whole: int
    currency: str | None = None

    #: Below this a share of the whole moves by whole percents with each single one.
    SMALL = 20

    @property
    def small(self) -> bool:
        """Whether it is of too few to say much."""
        return self.currency is None and self.whole < self.SMALL


@dataclass(frozen=True, slots=True)
class Behind:
    """A value that opens the list it was counted from; `key` names the list to the report."""

    value: "Plain"
    key: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, by name, with the page that tells more."""

    account_id: int
    name: str


Plain = str | int | Money | Share | date | datetime | Person | None
Value = Plain | Behind


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its name, a value for each currency or one, and a sentence that says what it is.

    `before` holds the same of the period before; empty where there is none to compare with.
    """

    label: str
    values: Sequence[Value]
    sentence: str = ""
    before: Sequence[Value] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under named columns; the first column names the row. `caption` says what they are.

    Rows whose index is in `muted` are of too few, or not over yet; `note` says why. A page shows
    the first `shown` rows.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]
    note: str = ""
    muted: frozenset[int] = frozenset()
    shown: int = ROWS


@dataclass(frozen=True, slots=True, eq=False)
class Each(Sequence[Sequence[Value]], Generic[Of]):
    """Rows of a table that are each made of a thing when they are read, not before."""

    things: Sequence[Of]
    row: Callable[[Of], Sequence[Value]]

    def __len__(self) -> int:
        return len(self.things)

    @overload
    def __getitem__(self, place: int) -> Sequence[Value]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Sequence[Value]]: ...
    def __getitem__(self, place: int | slice) -> Sequence[Value] | Sequence[Sequence[Value]]:
        if isinstance(place, slice):
            return [self.row(thing) for thing in self.things[place]]
        return self.row(self.things[place])

    def __eq__(self, other: object) -> bool:
        """Rows are alike by what stands in them, however each is made."""
        return isinstance(other, Sequence) and list(self) == list(other)

    # Of lists, which may change.
    __hash__ = None  # type: ignore[assignment]


class Rows(Protocol):
    """The rows of a list in their order, read a part at a time: there may be a million."""

    def count(self) -> int:
        """Count them all."""

    def part(self, start: int, most: int) -> Sequence[Sequence[Value]]:
        """Return up to `most` rows from the one at `start`, which counts from 0."""

    def each(self) -> Iterator[Sequence[Value]]:
        """Yield every row, holding few at once."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The list behind a figure: columns as of a `Table`, and as many rows as were counted."""

    caption: str
    head: Sequence[str]
    rows: Rows
    note: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, one for each row of a table that is shown with it. Money is in minor units."""

    title: str
    #: Under the bar, in full, and the value.
    bars: Sequence[tuple[str, str, int]]
    #: The currency of the values; null where they count people or things.
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole report. The first table has the rows of the chart."""

    figures: Sequence[Figure] = ()
    chart: Chart | None = None
    tables: Sequence[Table] = ()
    #: What stands in the place of figures that would mislead, such as too few cases.
    refused: str = ""
    #: What is wrong and wants a person, in red above everything; empty where nothing is.
    alarm: str = ""
    #: The page where that is set right: its name and its endpoint.
    mend: tuple[str, str] | None = None


@dataclass(frozen=True)
class Asked:
    """What is asked of a report: whole months of the newsroom's, and of which currency.

    `since` is the first instant of the first month, `until` the end of the last or `now`, whichever
    is earlier. `currency` is null for every currency, each apart.
    """

    first: date
    last: date
    now: datetime
    zone: ZoneInfo
    currency: str | None = None
    #: Whether this is the period before the one that was asked for.
    compared: bool = field(default=False)

    @cached_property
    def months(self) -> tuple[date, ...]:
        """The first day of each month."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return tuple(months.following(self.first, step) for step in range(count))

    @cached_property
    def since(self) -> datetime:
        """The first instant of the period."""
        return months.start_of(self.first, self.zone)

    @cached_property
    def until(self) -> datetime:
        """The instant after the last of the period; never after now."""
        return min(months.start_of(months.following(self.last), self.zone), self.now)

    def spans(self) -> list[tuple[date, datetime, datetime]]:
        """Return each month that has begun with its first instant and the one after its last."""
        return list(self._spans)

    @cached_property
    def _spans(self) -> tuple[tuple[date, datetime, datetime], ...]:
        found = []
        for month in self.months:
            since = months.start_of(month, self.zone)
            until = min(months.start_of(months.following(month), self.zone), self.now)
            if since < self.now:
                found.append((month, since, until))
        return tuple(found)

    def before(self) -> "Asked":
        """Return the same number of months just before."""
        count = len(self.months)
        return replace(
            self,
            first=months.following(self.first, -count),
            last=months.following(self.first, -1),
            compared=True,
        )


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `name` stands in its address; `definition` is one sentence on the page.

    `title` and `definition` are asked for each time, in the reader's language. `listed` returns the
    list behind a figure by its key, and raises `KeyError` for a key that says nothing to it.
    """

    name: str
    group: Group
    roles: tuple[Role, ...]
    title: Callable[[], str]
    definition: Callable[[], str]
    build: Callable[[Asked], Answer]
    listed: Callable[[Asked, str], Listing] | None = None
    #: What the figure is not, where it is often misread.
    caveat: Callable[[], str] | None = None
    #: Whether a period and a currency can be chosen.
    by_period: bool = True
    by_currency: bool = True
