"""Work that is owed: rows that stay due until they are done, however often a worker dies.

A row is due while `due_at` holds a moment. A worker claims rows by moving that moment into the
future, so a row whose worker died comes back by itself and no connection is held while the
outside world answers. Being done sets `due_at` to null. A row that was tried `MAX_ATTEMPTS` times
is no longer claimed; it keeps its error for staff to see and may be made due again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, func, inspect, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Moment, db

#: After this many attempts a row waits for a person; with a lease of a minute, about two days.
MAX_ATTEMPTS = 14
#: A row that so many workers took in hand and did not finish comes alone from then on: should it
#: be what ended them, it takes no others with it.
ALONE_AFTER = 2
#: The wait between attempts doubles, from one lease up to this many.
LONGEST_WAIT = 512


class Owed:
    """The columns of a model whose rows are owed work."""

    #: How often a worker took this row in hand.
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    #: When it may be tried (again); null when it is done.
    due_at: Mapped[Moment | None] = mapped_column()
    #: Why the last attempt failed; null when it did not.
    error: Mapped[str | None] = mapped_column(Text)

    def done(self) -> None:
        """Owe no longer. The caller commits."""
        self.due_at = None
        self.error = None

    def failed(self, reason: str, *, for_good: bool = False) -> None:
        """Keep why an attempt failed; the claim has set when to try again, unless it is for good.

        The caller commits.
        """
        self.error = reason[:2000]
        if for_good:
            self.attempts = MAX_ATTEMPTS

    def unanswered(self, reason: str) -> None:
        """Keep that somebody else was silent, which is no reason to give up: it is tried for ever.

        For what is promised to a person, money above all. The claim has set when to try again, at
        last every `LONGEST_WAIT` leases. The caller commits.
        """
        self.failed(reason)
        self.attempts = min(self.attempts, MAX_ATTEMPTS - 1)

    def ask_again(self, now: datetime) -> None:
        """Make the row due at once with all its attempts. The caller commits."""
        self.attempts = 0
        self.due_at = now

    @classmethod
    def given_up(cls) -> ColumnElement[bool]:
        """The rows that no worker will try again by itself."""
        return cls.due_at.is_not(None) & (cls.attempts >= MAX_ATTEMPTS)


class NeverGivenUp(Owed):
    """Work that many people wait for, such as a count: tried for ever, with ever longer waits."""

    def failed(self, reason: str, *, for_good: bool = False) -> None:
        """Keep why an attempt failed, as `Owed` does, and leave another one. The caller commits."""
        super().failed(reason, for_good=for_good)
        self.attempts = min(self.attempts, MAX_ATTEMPTS - 1)


def claim(
    model: type[Owed], *, now: datetime, lease: timedelta, limit: int, first: Sequence[Any] = ()
) -> list[Any]:
    """Take up to `limit` due rows in hand and return their primary keys; commits.

    Rows come in the order of the columns `first`, then the longest due; one that was in hand
    `ALONE_AFTER` times comes alone, when no others are due. Two workers never claim the same row
    while a lease runs. The lease doubles with every attempt of a row, up to `LONGEST_WAIT` leases,
    so it is the wait before the next attempt as well.
    """
    wait = lease * func.least(func.power(2, model.attempts), LONGEST_WAIT)
    fresh, often = model.attempts < ALONE_AFTER, model.attempts >= ALONE_AFTER
    claimed = _take(model, fresh, limit, now, wait, first) or _take(
        model, often & (model.attempts < MAX_ATTEMPTS), 1, now, wait, first
    )
    db.session.commit()
    return claimed


def _take(
    model: type[Owed],
    which: ColumnElement[bool],
    limit: int,
    now: datetime,
    wait: ColumnElement[Any],
    first: Sequence[Any],
) -> list[Any]:
    key = inspect(model).primary_key[0]
    due = (
        select(key)
        .where(model.due_at <= now, which)
        .order_by(*first, model.due_at, key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = db.session.execute(
        update(model)
        .where(key.in_(due.scalar_subquery()))
        .values(attempts=model.attempts + 1, due_at=now + wait)
        .returning(key, *first)
        .execution_options(synchronize_session=False)
    ).all()
    # What an update returns is in no order.
    return [row[0] for row in sorted(taken, key=lambda row: tuple(row[1:]))]


def give_back(model: type[Owed], keys: Sequence[Any], *, now: datetime) -> None:
    """Make claimed rows that were not tried due again, as if never claimed; commits.

    Only for whoever claimed them, and while the lease runs.
    """
    key = inspect(model).primary_key[0]
    db.session.execute(
        update(model)
        .where(key.in_(keys))
        .values(attempts=model.attempts - 1, due_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
