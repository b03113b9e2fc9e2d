"""How many visits reached each step on the way to a gift, in all and by what is known of them.

Steps up to Stripe's page are counts of visits; what was paid are the checkouts themselves.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.accounts.models import Account
from app.extensions import db
from app.giving.arrivals.steps import Step
from app.giving.models import Checkout, FunnelDay
from app.reports import article_names, months
from app.reports.rollups import following, reached_days
from app.reports.rollups.reached_days import PAID, WHOLE, Side
from app.reports.shape import Asked

#: The steps in their order.
STEPS = (Step.SEEN.value, Step.SENT.value, Step.OPENED.value, PAID)


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
    following.fresh(reached_days.ROLLUP)
    since = first_day()
    if since is None:
        return Funnel(None, (0,) * len(STEPS), {side: [] for side in Side})
    one = reached_days.read(asked, since).c
    rows = db.session.execute(
        select(one.side, one.name, one.step, func.sum(one.count)).group_by(
            one.side, one.name, one.step
        )
    )
    found: dict[str, dict[str, dict[str, int]]] = {}
    for side, name, step, count in rows:
        found.setdefault(side, {}).setdefault(name, {})[step] = int(count)
    return Funnel(
        since,
        _in_order(found.get(WHOLE, {}).get("", {})),
        {
            side: [Reached(name, _in_order(each)) for name, each in found.get(side, {}).items()]
            for side in Side
        },
    )


def _in_order(of: dict[str, int]) -> tuple[int, ...]:
    return tuple(of.get(step, 0) for step in STEPS)


def first_day() -> date | None:
    """Return the first day on which visits were counted; before it nothing is known of them."""
    return db.session.scalar(select(func.min(FunnelDay.day)).where(FunnelDay.step != Step.SHOWN))


def people(asked: Asked, side: Side | None, name: str) -> Select[Any]:
    """Select the paid checkouts of one kind of visit, or all, with the names of the givers.

    Those of the period, on the first day counted or later.
    """
    since = months.start_of(first_day() or asked.last, asked.zone)
    one = reached_days.paid(
        Checkout.closed_at >= max(asked.since, since), Checkout.closed_at < asked.until
    ).subquery()
    where: list[ColumnElement[bool]] = [] if side is None else [one.c[side] == name]
    return (
        select(one, Account.name, article_names.title_of(one.c.article).label("title"))
        .join(Account, Account.id == one.c.account_id)
        .where(*where)
        .order_by(one.c.closed_at.desc(), one.c.id)
    )
