"""Stays of people recounted slowly from the raw rows, to hold the reports against."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Pledge, PledgeMovement
from tests.reports.lives import NOW

GRACE = timedelta(days=14)
NEVER = datetime.max.replace(tzinfo=UTC)
WHY = {"left": "wish", "unpaid": "payment", "disputed": "payment", "paused": "paused"}


@dataclass
class Stay:
    """One unbroken time of somebody: `out` is `NEVER` while it lasts; the pledges it is made of."""

    came: datetime
    out: datetime
    why: str
    pledges: list[Pledge]


@dataclass
class Human:
    """Somebody with all stays, in order; plan, currency and article of the very first pledge."""

    name: str
    plan: str
    currency: str
    article: str
    stays: list[Stay]


def out_of(pledge: Pledge) -> tuple[datetime, str]:
    """When and why a pledge ceased to stand."""
    if pledge.ended_at is not None:
        return pledge.ended_at, WHY.get(pledge.end_reason or "", "unknown")
    out, why = NEVER, ""
    if pledge.status == "past_due" and pledge.past_due_since is not None:
        out, why = pledge.past_due_since + GRACE, "payment"
    if pledge.status == "paused":
        out, why = pledge.paid_until or NEVER, "paused"
    return (out, why) if out <= NOW else (NEVER, "")


def humans(currency: str | None = None) -> list[Human]:
    """Everybody who was ever a patron."""
    found = []
    for account in db.session.scalars(select(Account)).all():
        mine = db.session.scalars(select(Pledge).where(Pledge.account_id == account.id)).all()
        begun = [
            pledge
            for pledge in mine
            if pledge.started_at is not None
            and currency in (None, pledge.currency)
            and out_of(pledge)[0] > pledge.started_at
        ]
        begun.sort(key=lambda one: (one.started_at or NOW, one.id))
        stays: list[Stay] = []
        for pledge in begun:
            assert pledge.started_at is not None
            out, why = out_of(pledge)
            if not stays or stays[-1].out < pledge.started_at:
                stays.append(Stay(pledge.started_at, out, why, [pledge]))
                continue
            last = stays[-1]
            last.pledges.append(pledge)
            if out > last.out:
                last.out, last.why = out, why
        if stays:
            found.append(_human(account, stays))
    return found


def _human(account: Account, stays: list[Stay]) -> Human:
    first = stays[0].pledges[0]
    began = db.session.scalars(
        select(PledgeMovement)
        .where(PledgeMovement.pledge_id == first.id)
        .order_by(PledgeMovement.id)
    ).first()
    plan = began.interval if began else first.interval
    return Human(account.name, plan, first.currency, first.article or "", stays)
