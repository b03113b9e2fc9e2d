"""Keep tables of people and the counts of them: what leaves a table leaves its counts as well.

A count is moved by the rows that go and by those that come, so that a change of one person costs
the same however many there are. Whoever calls holds the lock of the rollup, and commits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    FromClause,
    Select,
    Subquery,
    and_,
    delete,
    insert,
    literal_column,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from app.extensions import Base, db
from app.reports.rollups.people_rows import of

#: What is counted of the rows that a select from a relation gives.
Definition = Callable[[FromClause], Select[Any]]


@dataclass(frozen=True, slots=True)
class People:
    """A table with rows of accounts, how they are defined, and the counts that are made of them."""

    table: type[Base]
    defined: Callable[[Sequence[int] | None], Select[Any]]
    counts: Sequence[tuple[type[Base], Definition]]
    #: Beside each other lie what have this alike, where everything is filled at once.
    order: str = "account_id"

    def moved(self, accounts: Sequence[int]) -> Sequence[int]:
        """Return which of the accounts have other rows than they should have."""
        mine = self.table.__table__
        names = [column.name for column in mine.columns]
        there = select(*mine.columns).where(*of(mine.c.account_id, accounts))
        other = _apart(there, self.defined(accounts), names)
        return db.session.scalars(select(other.c.account_id).distinct()).all()

    def leave(self, accounts: Sequence[int]) -> None:
        """Take the rows of accounts away, and out of the counts."""
        mine = self.table.__table__
        rows = select(mine).where(*of(mine.c.account_id, accounts)).subquery()
        for table, counted in self.counts:
            shift(table, counted(rows), -1)
        db.session.execute(
            delete(self.table)
            .where(*of(mine.c.account_id, accounts))
            .execution_options(synchronize_session=False)
        )

    def enter(self, accounts: Sequence[int]) -> None:
        """Make the rows of accounts that have none, and add them to the counts."""
        mine = self.table.__table__
        wanted = self.defined(accounts).subquery()
        names = [column.name for column in mine.columns]
        db.session.execute(
            insert(self.table).from_select(names, select(*(wanted.c[name] for name in names)))
        )
        rows = select(mine).where(*of(mine.c.account_id, accounts)).subquery()
        for table, counted in self.counts:
            shift(table, counted(rows), 1)

    def fill(self) -> None:
        """Make all rows and all counts anew."""
        wanted = self.defined(None).subquery()
        replace(self.table, true(), select(wanted).order_by(wanted.c[self.order]))
        # What is defined by it is planned by how many rows it has.
        db.session.execute(text(f"ANALYZE {self.table.__tablename__}"))
        for table, counted in self.counts:
            replace(table, true(), counted(self.table.__table__.alias()))


def shift(table: type[Base], counted: Select[Any], sign: int) -> None:
    """Add counts to those of a table, or take them away; a row that counts nothing goes."""
    one = counted.subquery()
    keys = [column.name for column in table.__table__.primary_key]
    sums = [column.name for column in table.__table__.columns if column.name not in keys]
    added = upsert(table).from_select(
        keys + sums,
        select(*(one.c[key] for key in keys), *((sign * one.c[name]).label(name) for name in sums)),
    )
    db.session.execute(
        added.on_conflict_do_update(
            index_elements=keys,
            set_={name: table.__table__.c[name] + added.excluded[name] for name in sums},
        )
    )
    if sign > 0:
        nothing = and_(*(table.__table__.c[name] == literal_column("0") for name in sums))
        db.session.execute(
            delete(table).where(nothing).execution_options(synchronize_session=False)
        )


def replace(table: type[Base], gone: Any, wanted: Select[Any]) -> None:
    """Take the rows away of which a condition holds, and fill in what is wanted in their place."""
    db.session.execute(delete(table).where(gone).execution_options(synchronize_session=False))
    one = wanted.subquery()
    names = [column.name for column in table.__table__.columns]
    db.session.execute(insert(table).from_select(names, select(*(one.c[name] for name in names))))


def differs(table: type[Base], wanted: Select[Any]) -> bool:
    """Whether a table has other rows than it should have."""
    mine = table.__table__
    names = [column.name for column in mine.columns]
    other = _apart(select(*mine.columns), wanted, names)
    return db.session.execute(select(other).limit(1)).first() is not None


def _apart(kept: Select[Any], wanted: Select[Any], names: Sequence[str]) -> Subquery:
    """The rows that are kept and not wanted, or wanted and not kept."""
    ours = kept.cte("kept").prefix_with("MATERIALIZED")
    theirs = wanted.cte("wanted").prefix_with("MATERIALIZED")
    one, other = (select(*(each.c[name] for name in names)) for each in (ours, theirs))
    return union_all(one.except_all(other), other.except_all(one)).subquery()
