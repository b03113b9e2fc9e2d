"""Stays of patrons beside how each person's first one began: when, on which plan, by what article.

The plan is that of the first gift: who changes it later stays among those they came with.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.accounts.models import Account
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import Interval, MovementCause
from app.reports import stay_words, stays
from app.reports.listing import Found
from app.reports.shape import Asked, Behind, Listing, Person, Share, Value
from app.reports.stays import Why

#: What the first movement of a pledge was caused by.
BEGINS = (MovementCause.FIRST_GIFT, MovementCause.ANOTHER_PLEDGE)
#: The plans, in the order they are shown.
PLANS = (Interval.MONTH, Interval.YEAR)


def begun(asked: Asked) -> Subquery:
    """Select every stay with the beginning of its person's first one.

    What `stays.joined` selects, and `since`, `begun_as` (an interval), `currency` and `article`
    (empty for none) of the first pledge of the first stay.
    """
    stay = stays.joined(asked)
    since = func.min(stay.c.came_at).over(partition_by=stay.c.account_id)
    one = select(stay, since.label("since")).subquery()
    pledge = select(
        Pledge.id,
        Pledge.account_id,
        Pledge.started_at,
        Pledge.currency,
        Pledge.article,
        Pledge.interval,
    ).where(Pledge.started_at.is_not(None))
    if asked.currency:
        pledge = pledge.where(Pledge.currency == asked.currency)
    first = (
        pledge.ext(distinct_on(Pledge.account_id, Pledge.started_at))
        .order_by(Pledge.account_id, Pledge.started_at, Pledge.id)
        .subquery()
    )
    entered = (
        select(PledgeMovement.pledge_id, func.min(PledgeMovement.interval).label("interval"))
        .where(PledgeMovement.cause.in_(BEGINS))
        .group_by(PledgeMovement.pledge_id)
        .subquery()
    )
    return (
        select(
            one,
            func.coalesce(entered.c.interval, first.c.interval).label("begun_as"),
            first.c.currency,
            func.coalesce(first.c.article, "").label("article"),
        )
        .join(
            first,
            and_(first.c.account_id == one.c.account_id, first.c.started_at == one.c.since),
        )
        .outerjoin(entered, entered.c.pledge_id == first.c.id)
        .subquery()
    )


def stands_at(one: Subquery, moment: ColumnElement[datetime] | datetime) -> ColumnElement[bool]:
    """Whether a stay lasted up to a moment; one that begins at it has not."""
    ends = one.c.out_at
    return and_(one.c.came_at < moment, (ends.is_(None)) | (ends >= moment))


def people(
    one: Subquery, *where: ColumnElement[bool], order: Sequence[ColumnElement[Any]] = ()
) -> Select[*tuple[Any, ...]]:
    """Select stays of `begun` with the names of the people."""
    return (
        select(one, Account.name)
        .join(Account, Account.id == one.c.account_id)
        .where(*where)
        .order_by(*order, one.c.came_at.desc(), one.c.account_id)
    )


def listing(caption: str, query: Select[*tuple[Any, ...]]) -> Listing:
    """The list of the people behind a figure, a row for each stay, as `people` has them."""
    return Listing(
        caption,
        [_("Name"), _("Came"), _("Until"), _("Plan at first"), _("Why"), _("Article")],
        Found(query, _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.came_at,
        row.out_at,
        stay_words.plan(Interval(row.begun_as)),
        stay_words.why(Why(row.why)) if row.why else None,
        article(row.article),
    ]


def article(of: str) -> str:
    """Write which article a reader came from; none is unknown."""
    return of or str(_("unknown"))


def opened(value: int | Share, key: str) -> Value:
    """A count or share that opens its list; what counts nobody has none."""
    part = value.part if isinstance(value, Share) else value
    return Behind(value, key) if part else value


def muted(shares: Sequence[Share]) -> frozenset[int]:
    """Which of these rows are of too few to say much."""
    return frozenset(place for place, share in enumerate(shares) if share.small)


def too_few() -> str:
    """Say why rows are grey."""
    return str(
        _(
            "Grey rows are of fewer than %(count)s people: one more or less moves them much.",
            count=Share.SMALL,
        )
    )


def count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group a condition holds of."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
