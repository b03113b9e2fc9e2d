"""How many visits reached each step on the way to a gift, in all and by what is known of them.

Steps up to Stripe's page are counts of visits; what was paid are the checkouts themselves.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    Subquery,
    and_,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from app.accounts.models import Account
from app.extensions import db
from app.giving.arrivals.steps import Step
from app.giving.arrivals.touches import Turn
from app.giving.models import Checkout, FunnelDay, Touch
from app.reports import months
from app.reports.shape import Asked

PAID = "paid"
#: The steps in their order.
STEPS = (Step.SEEN.value, Step.SENT.value, Step.OPENED.value, PAID)


class Side(StrEnum):
    """By what visits are told apart."""

    LANGUAGE = "language"
    DEVICE = "device"
    CAMPAIGN = "campaign"
    ARTICLE = "article"


@dataclass(frozen=True, slots=True)
class Reached:
    """How many visits of one kind reached each of `STEPS`; empty for what is unknown."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Funnel:
    """The visits of a period: in all, and by each side. `since` is the first day ever counted."""

    since: date | None
    whole: tuple[int, ...]
    sides: dict[Side, list[Reached]]


def counted(asked: Asked) -> Funnel:
    """Count the visits of a period by how far they went; two statements."""
    since = first_day()
    if since is None:
        return Funnel(None, (0,) * len(STEPS), {side: [] for side in Side})
    one = union_all(_visits(asked), _paid(asked, since)).subquery()
    sides = [one.c[side] for side in Side]
    rows = db.session.execute(
        select(one.c.step, func.grouping(*sides), *sides, func.sum(one.c.count)).group_by(
            func.grouping_sets(tuple_(one.c.step), *(tuple_(one.c.step, each) for each in sides))
        )
    )
    whole: dict[str, int] = {}
    by: dict[Side, dict[str, dict[str, int]]] = {side: {} for side in Side}
    for step, grouping, *names, count in rows:
        side = _side(grouping)
        if side is None:
            whole[step] = int(count)
        else:
            by[side].setdefault(names[list(Side).index(side)], {})[step] = int(count)
    return Funnel(
        since,
        _in_order(whole),
        {
            side: [Reached(name, _in_order(each)) for name, each in by[side].items()]
            for side in Side
        },
    )


def _side(grouping: int) -> Side | None:
    """By what a row is grouped: its bit, counted from the left, is the one that is not set."""
    for place, side in enumerate(Side, 1):
        if not grouping & 1 << (len(Side) - place):
            return side
    return None


def _in_order(of: dict[str, int]) -> tuple[int, ...]:
    return tuple(of.get(step, 0) for step in STEPS)


def first_day() -> date | None:
    """Return the first day on which visits were counted; before it nothing is known of them."""
    return db.session.scalar(select(func.min(FunnelDay.day)).where(FunnelDay.step != Step.SHOWN))


def _visits(asked: Asked) -> Select[Any]:
    return select(
        FunnelDay.step,
        *(getattr(FunnelDay, side).label(side) for side in Side),
        FunnelDay.count.label("count"),
    ).where(
        FunnelDay.day >= asked.first,
        FunnelDay.day < months.following(asked.last),
        FunnelDay.step != Step.SHOWN,
    )


def _paid(asked: Asked, since: date) -> Select[Any]:
    one = paid(asked, since)
    return select(
        literal(PAID, String).label("step"),
        *(one.c[side] for side in Side),
        literal(1).label("count"),
    )


def paid(asked: Asked, since: date) -> Subquery:
    """Select every checkout that was paid in the period, on the first day counted or later.

    One whose browser is not known was begun by no visit that is counted, but by a letter's button.
    """
    last = and_(Touch.checkout_id == Checkout.id, Touch.turn == Turn.LAST)
    return (
        select(
            Checkout.id,
            Checkout.account_id,
            Checkout.closed_at,
            Checkout.interval,
            Checkout.amount_minor,
            Checkout.currency,
            Checkout.locale.label(Side.LANGUAGE),
            Checkout.device.label(Side.DEVICE),
            func.coalesce(Touch.campaign, "").label(Side.CAMPAIGN),
            func.coalesce(Touch.article, "").label(Side.ARTICLE),
        )
        .outerjoin(Touch, last)
        .where(
            Checkout.status == "paid",
            Checkout.device.is_not(None),
            Checkout.closed_at >= max(asked.since, months.start_of(since, asked.zone)),
            Checkout.closed_at < asked.until,
        )
        .subquery()
    )


def people(asked: Asked, side: Side | None, name: str) -> Select[Any]:
    """Select the paid checkouts of one kind of visit, or all, with the names of the givers."""
    one = paid(asked, first_day() or asked.last)
    where: list[ColumnElement[bool]] = [] if side is None else [one.c[side] == name]
    return (
        select(one, Account.name)
        .join(Account, Account.id == one.c.account_id)
        .where(*where)
        .order_by(one.c.closed_at.desc(), one.c.id)
    )
