"""Where each account stands: the pledge that says the most of it, and what it gave in all."""

from datetime import datetime

from sqlalchemy import FromClause, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.giving.models import Donation, Pledge
from app.reports.spans import spans


def pledge_that_tells(now: datetime) -> FromClause:
    """Of each account the pledge that stands, else the last one that did; and how many stand."""
    one = spans(now).subquery("span")
    pledge = aliased(Pledge)
    stands = one.c.out_at.is_(None)
    return (
        select(
            pledge.id.label("pledge_id"),
            pledge.status,
            pledge.amount_minor,
            pledge.currency,
            pledge.interval,
            pledge.article,
            pledge.ends_at,
            one.c.out_at,
            one.c.cause,
            func.min(one.c.came_at).over().label("first_came_at"),
            func.count().filter(stands).over().label("standing"),
        )
        .join(pledge, pledge.id == one.c.id)
        .where(one.c.account_id == Account.id)
        .order_by(stands.desc(), one.c.came_at.desc(), pledge.id)
        .limit(1)
        .lateral("told")
    )


def gave() -> FromClause:
    """Of each account what was received, with one sum for each currency."""
    sums = (
        select(
            Donation.currency,
            func.count().label("gifts"),
            func.min(Donation.received_at).label("first_gift"),
            func.max(Donation.received_at).label("last_gift"),
            func.sum(Donation.amount_minor).label("minor"),
        )
        .where(Donation.account_id == Account.id)
        .group_by(Donation.currency)
        .correlate(Account)
        .subquery("sums")
    )
    return select(
        func.sum(sums.c.gifts).label("gifts"),
        func.min(sums.c.first_gift).label("first_gift"),
        func.max(sums.c.last_gift).label("last_gift"),
        func.jsonb_object_agg(sums.c.currency, sums.c.minor)
        .filter(sums.c.currency.is_not(None))
        .label("given"),
    ).lateral("gave")
