"""What stated campaigns brought: gifts begun by their links in their days, and what came of them.

A gift belongs to the campaign of its last touch; pledges are followed for a year after its end.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    select,
    text,
    union_all,
)

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Adjustment, Campaign, Donation, DonationFee, PledgeMovement, Touch
from app.reports.rollups import campaign_days, following
from app.reports.rollups.origin_rows import CAME
from app.reports.shape import Asked

#: For how long after its last day what a campaign began is followed.
FOLLOWED = text("interval '12 months'")
DAY = text("interval '1 day'")


@dataclass(frozen=True, slots=True)
class Result:
    """What a campaign brought in one currency, in minor units.

    `came` counts movements by `CAME`; `net` is what was left of all its gifts within a year after
    it, less what went back and the fees that are known by then.
    """

    raised: int = 0
    net: int = 0
    came: tuple[int, ...] = (0,) * len(CAME)


def stated(asked: Asked) -> list[Campaign]:
    """Return the campaigns that have a day in the period, the newest first."""
    found = select(Campaign).where(_shown(asked))
    return list(db.session.scalars(found.order_by(Campaign.starts_on.desc(), Campaign.id.desc())))


def _shown(asked: Asked) -> ColumnElement[bool]:
    """Whether a campaign has a day in the period: nothing is summed of any other."""
    return and_(Campaign.starts_on < _after(asked), Campaign.ends_on >= asked.first)


def _after(asked: Asked) -> date:
    return date(asked.last.year + asked.last.month // 12, asked.last.month % 12 + 1, 1)


def results(asked: Asked) -> dict[tuple[int, str], Result]:
    """Sum what each campaign brought, by its id and currency; two statements."""
    names = db.session.scalars(select(Campaign.name).where(_shown(asked)).distinct()).all()
    if not names:
        return {}
    following.fresh(campaign_days.ROLLUP)
    one = campaign_days.read(asked.now, names)
    of_its = and_(
        one.c.campaign == Campaign.name,
        one.c.began.between(Campaign.starts_on, Campaign.ends_on),
        one.c.day < cast(Campaign.ends_on + DAY + FOLLOWED, Date),
    )
    within = case((one.c.day <= Campaign.ends_on, one.c.raised_minor))
    rows = db.session.execute(
        select(
            Campaign.id,
            one.c.currency,
            func.coalesce(func.sum(within), 0),
            *(func.sum(one.c[name]) for name in campaign_days.SUMS[1:]),
        )
        .join(one, of_its)
        .where(_shown(asked))
        .group_by(Campaign.id, one.c.currency)
    )
    return {
        (campaign_id, currency): Result(int(raised), int(net), tuple(map(int, came)))
        for campaign_id, currency, raised, net, *came in rows
    }


def _moment(day: Any, asked: Asked) -> ColumnElement[Any]:
    """The first instant of a day in the newsroom's zone."""
    return func.timezone(str(asked.zone), cast(day, DateTime(timezone=False)))


def _since(asked: Asked) -> ColumnElement[Any]:
    return _moment(Campaign.starts_on, asked)


def _until(asked: Asked) -> ColumnElement[Any]:
    return _moment(Campaign.ends_on + DAY, asked)


def gifts(asked: Asked) -> Subquery:
    """Select every gift of each campaign within a year after it, with what was left of it by then.

    `within` tells which came in its own days.
    """
    later = _moment(Campaign.ends_on + DAY + FOLLOWED, asked)
    returned = (
        select(func.coalesce(func.sum(campaign_days.WENT), 0))
        .where(
            Adjustment.donation_id == Donation.id,
            Adjustment.happened_at < later,
            Adjustment.happened_at < asked.now,
        )
        .correlate(Donation, Campaign)
        .scalar_subquery()
    )
    found = [
        each.join(Campaign, Campaign.name == Touch.campaign)
        .outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        .where(
            _shown(asked),
            began >= _since(asked),
            began < _until(asked),
            Donation.received_at < later,
            Donation.received_at < asked.now,
        )
        for each, began in campaign_days.by_link(
            Campaign.id.label("campaign_id"),
            Donation.id,
            Donation.account_id,
            Donation.received_at,
            Donation.amount_minor,
            Donation.currency,
            (Donation.amount_minor + returned - campaign_days.FEE).label("net_minor"),
            (Donation.received_at < _until(asked)).label("within"),
        )
    ]
    return union_all(*found).subquery()


def movements(asked: Asked) -> Subquery:
    """Select the movements by which something came by each campaign within its days."""
    return (
        campaign_days.movements(
            Campaign.id.label("campaign_id"),
            PledgeMovement.id,
            PledgeMovement.account_id,
            PledgeMovement.at,
            PledgeMovement.yearly_minor,
            PledgeMovement.currency,
            campaign_days.HOW.label("came"),
        )
        .join(Campaign, Campaign.name == Touch.campaign)
        .where(
            _shown(asked),
            PledgeMovement.at >= _since(asked),
            PledgeMovement.at < _until(asked),
            PledgeMovement.at < asked.now,
        )
        .subquery()
    )


def of_one(one: Subquery, campaign_id: int, currency: str) -> Select[Any]:
    """Select the gifts or movements of one campaign and currency with the names of the people."""
    moment = one.c.received_at if "received_at" in one.c else one.c.at
    return (
        select(one, Account.name)
        .join(Account, Account.id == one.c.account_id)
        .where(one.c.campaign_id == campaign_id, one.c.currency == currency)
        .order_by(moment.desc(), one.c.id.desc())
    )
