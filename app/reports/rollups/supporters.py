"""Supporters kept for their list: since when and how long each stands, and how to find a name."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Index,
    Integer,
    Select,
    String,
    and_,
    any_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import Account
from app.extensions import Base, Moment, db
from app.giving.models import Donation, Pledge
from app.mailer import NOWHERE
from app.reports.rollups.kept import PEOPLE, Rollup
from app.reports.spans import ends

#: Stands for a pledge without an end.
NEVER = literal("9999-12-31 00:00:00+00", DateTime(timezone=True))
#: The key that stands for everybody.
EVERYBODY = 0
#: So many letters in a row find a name.
PART = 3


class Supporter(Base):
    """One person who pledged or gave, as far as the list is narrowed and put in order by it."""

    __tablename__ = "supporter"
    __table_args__ = (
        Index("ix_supporter_since", "since", "account_id"),
        Index("ix_supporter_last_gift", "last_gift", "account_id"),
        Index("ix_supporter_name", "name", "account_id"),
        Index("ix_supporter_stands", "stands_until"),
        Index("ix_supporter_twice", "twice_until", postgresql_where="twice_until IS NOT NULL"),
        Index("ix_supporter_parts", "parts", postgresql_using="gin"),
    )

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    #: When the first pledge began or the first gift came.
    since: Mapped[Moment]
    last_gift: Mapped[Moment | None]
    #: To when the last of the pledges stands, and the last but one; null where there is none.
    stands_until: Mapped[Moment | None]
    twice_until: Mapped[Moment | None]
    #: In small letters, to be put in order by.
    name: Mapped[str] = mapped_column(String(120))
    #: The name and, under it, the address, all small; what a search looks into.
    letters: Mapped[str] = mapped_column(String(400))
    #: A number for every three of these in a row.
    parts: Mapped[list[int]] = mapped_column(ARRAY(Integer))


def rows(accounts: Sequence[int] | None = None) -> Select[Any]:
    """Define `Supporter`, of some accounts or of all."""
    out_at, _cause = ends()
    until = func.coalesce(out_at, NEVER)
    longest = func.array_agg(
        aggregate_order_by(until, until.desc()), type_=ARRAY(DateTime(timezone=True))
    )
    pledged = (
        select(
            Pledge.account_id,
            func.min(Pledge.started_at).label("first_came_at"),
            longest[1].label("stands_until"),
            longest[2].label("twice_until"),
        )
        .where(
            Pledge.started_at.is_not(None),
            until > Pledge.started_at,
            _of(Pledge.account_id, accounts),
        )
        .group_by(Pledge.account_id)
        .subquery("pledged")
    )
    gave = (
        select(
            Donation.account_id,
            func.min(Donation.received_at).label("first_gift"),
            func.max(Donation.received_at).label("last_gift"),
        )
        .where(_of(Donation.account_id, accounts))
        .group_by(Donation.account_id)
        .subquery("gave")
    )
    return (
        select(
            Account.id.label("account_id"),
            func.least(pledged.c.first_came_at, gave.c.first_gift).label("since"),
            gave.c.last_gift,
            pledged.c.stands_until,
            pledged.c.twice_until,
            func.lower(Account.name).label("name"),
            _letters().label("letters"),
            _parts().label("parts"),
        )
        .outerjoin(pledged, pledged.c.account_id == Account.id)
        .outerjoin(gave, gave.c.account_id == Account.id)
        .where(
            or_(pledged.c.account_id.is_not(None), gave.c.account_id.is_not(None)),
            _of(Account.id, accounts),
        )
    )


def _letters() -> ColumnElement[str]:
    """What a search may be for; an address of nowhere is nobody's."""
    nowhere = Account.email.endswith(f"@{NOWHERE}")
    return func.lower(Account.name + func.chr(10) + case((nowhere, ""), else_=Account.email))


def _parts() -> ColumnElement[Any]:
    letters = _letters()
    place = func.generate_series(1, func.length(letters) - PART + 1).column_valued("place")
    number = func.hashtext(func.substr(letters, place, PART))
    numbers = func.coalesce(func.array_agg(number.distinct()), cast([], ARRAY(Integer)))
    return select(numbers).correlate(Account).scalar_subquery()


def holds(text: str) -> ColumnElement[bool]:
    """Whether a supporter's name or address holds a text, in any case.

    From three letters on an index finds them.
    """
    letters = text.lower()
    found = Supporter.letters.contains(letters, autoescape=True)
    parts = {letters[place : place + PART] for place in range(len(letters) - PART + 1)}
    if not parts:
        return found
    numbers = array([func.hashtext(part, type_=Integer) for part in sorted(parts)])
    return and_(Supporter.parts.contains(numbers), found)


def _of(column: Any, accounts: Sequence[int] | None) -> ColumnElement[bool]:
    if accounts is None:
        return true()
    return and_(column == any_(cast(list(accounts), ARRAY(BigInteger))))


def refill(keys: Sequence[int]) -> None:
    """Bring the rows of some accounts up to date, or of everybody; the caller commits."""
    accounts = None if EVERYBODY in keys else list(keys)
    db.session.execute(
        delete(Supporter)
        .where(_of(Supporter.account_id, accounts))
        .execution_options(synchronize_session=False)
    )
    named = [column.key for column in Supporter.__table__.c]
    db.session.execute(insert(Supporter).from_select(named, rows(accounts)))


def every() -> Select[Any]:
    """Select everybody's key."""
    return select(Account.id)


ROLLUP = Rollup(
    "supporter",
    (Supporter,),
    refill,
    every,
    lambda table, keys: table.__table__.c.account_id.in_(keys),
    PEOPLE,
    everything=EVERYBODY,
)
