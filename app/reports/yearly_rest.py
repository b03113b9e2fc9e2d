"""What of yearly gifts is earned by a day and what is not, gift by gift, and the lists of these."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Select,
    cast,
    column,
    func,
    select,
)
from sqlalchemy import Interval as Span
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.models import Account
from app.giving.models import Adjustment
from app.reports.rollups.yearly_gifts import gifts
from app.reports.shape import Asked

#: No year is longer, whatever its clocks do.
A_YEAR = timedelta(days=368)


def rest_of(
    asked: Asked, moments: Sequence[datetime], *of: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Each wanted yearly gift at each moment with its `total` and what of it is not earned, `rest`.

    Earned is the total by the days that have passed of the year from the day it was received, to
    the nearest minor unit. What went back by then is no part of the total; a gift of which nothing
    is left has no rest.
    """
    at = moments_of(asked, moments)
    gift = gifts(*of)
    went_back = (
        select(func.coalesce(func.sum(Adjustment.amount_minor), 0))
        .where(Adjustment.donation_id == gift.c.id, Adjustment.happened_at < at.c.moment)
        .correlate(gift, at)
        .scalar_subquery()
    )
    total = cast(gift.c.amount_minor + went_back, BigInteger)
    began = cast(func.timezone(asked.zone.key, gift.c.received_at), Date)
    length = cast(began + cast("1 year", Span), Date) - began
    spread = (
        select(
            at.c.moment,
            gift,
            total.label("total"),
            length.label("length"),
            func.least(at.c.day - began, length).label("passed"),
        )
        .join_from(
            at,
            gift,
            (gift.c.received_at < at.c.moment) & (gift.c.received_at >= at.c.moment - A_YEAR),
        )
        .where(*only(gift.c.currency, asked.currency))
        .subquery("spread")
    )
    columns = spread.c
    rest = unearned(columns.total, columns.passed, columns.length)
    return select(spread, rest.label("rest")).where(columns.total > 0, rest != 0)


def moments_of(asked: Asked, moments: Sequence[datetime]) -> Any:
    """Moments as rows, each with its day."""
    days = [moment.astimezone(asked.zone).date() for moment in moments]
    return (
        func.unnest(cast(list(moments), ARRAY(DateTime(timezone=True))), cast(days, ARRAY(Date)))
        .table_valued(column("moment", DateTime(timezone=True)), column("day", Date))
        .render_derived()
    )


def unearned(total: Any, passed: Any, length: Any) -> Any:
    """What of a total is not earned after so many days of its year, to the nearest minor unit."""
    # Of whole numbers nothing is less than 0, and their division is quick.
    return total - (2 * total * passed + length) // (2 * length)


def rows_at(asked: Asked, moment: datetime, currency: str) -> Select[*tuple[Any, ...]]:
    """Select the gifts with a rest at a moment, the newest first, each with its giver's name."""
    rest = rest_of(asked, [moment]).subquery("rest")
    return (
        select(rest, Account.name)
        .join(Account, Account.id == rest.c.account_id)
        .where(rest.c.currency == currency)
        .order_by(rest.c.received_at.desc(), rest.c.id.desc())
    )


def rows_received(since: datetime, until: datetime, currency: str) -> Select[*tuple[Any, ...]]:
    """Select the yearly gifts of a span, the newest first, each with its giver's name."""
    gift = gifts()
    return (
        select(gift, Account.name)
        .join(Account, Account.id == gift.c.account_id)
        .where(
            gift.c.received_at >= since,
            gift.c.received_at < until,
            gift.c.currency == currency,
        )
        .order_by(gift.c.received_at.desc(), gift.c.id.desc())
    )


def only(of: Any, value: str | None) -> tuple[ColumnElement[bool], ...]:
    """The condition that a column has a value; none where every value is wanted."""
    return () if value is None else (of == value,)
