"""What stated campaigns brought: gifts begun by their links in their days, and what came of them.

A gift belongs to the campaign of its last touch; pledges are followed for a year after its end.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Numeric,
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
from app.giving.arrivals.touches import Turn
from app.giving.models import (
    Adjustment,
    Campaign,
    Donation,
    DonationFee,
    Pledge,
    PledgeMovement,
    Touch,
)
from app.giving.rules import MovementKind
from app.reports.rollups.origin_rows import CAME, MORE, NEW, RETURNED
from app.reports.shape import Asked
from app.reports.spans import BEGINS

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
    gift = gifts(asked)
    money = db.session.execute(
        select(
            gift.c.campaign_id,
            gift.c.currency,
            func.coalesce(func.sum(case((gift.c.within, gift.c.amount_minor))), 0),
            func.sum(gift.c.net_minor),
        ).group_by(gift.c.campaign_id, gift.c.currency)
    )
    found = {
        (campaign_id, currency): Result(int(raised), int(net))
        for campaign_id, currency, raised, net in money
    }
    one = movements(asked)
    counts = [func.coalesce(func.sum(case((one.c.came == came, 1))), 0) for came in CAME]
    moved = db.session.execute(
        select(one.c.campaign_id, one.c.currency, *counts).group_by(
            one.c.campaign_id, one.c.currency
        )
    )
    for campaign_id, currency, *came in moved:
        known = found.get((campaign_id, currency), Result())
        found[campaign_id, currency] = Result(known.raised, known.net, tuple(map(int, came)))
    return found


def _moment(day: Any, asked: Asked) -> ColumnElement[Any]:
    """The first instant of a day in the newsroom's zone."""
    return func.timezone(str(asked.zone), cast(day, DateTime(timezone=False)))


def _since(asked: Asked) -> ColumnElement[Any]:
    return _moment(Campaign.starts_on, asked)


def _until(asked: Asked) -> ColumnElement[Any]:
    return _moment(Campaign.ends_on + DAY, asked)


def _touched(turn: Turn = Turn.LAST) -> ColumnElement[bool]:
    return and_(Touch.campaign == Campaign.name, Touch.turn == turn)


def gifts(asked: Asked) -> Subquery:
    """Select every gift of each campaign within a year after it, with what was left of it by then.

    `within` tells which came in its own days.
    """
    begun = and_(Pledge.started_at >= _since(asked), Pledge.started_at < _until(asked))
    on_pledges = (
        select(Campaign.id.label("campaign_id"), Donation.id.label("donation_id"))
        .join(Touch, _touched())
        .join(Pledge, and_(Pledge.id == Touch.pledge_id, begun))
        .join(Donation, Donation.pledge_id == Pledge.id)
        .where(_shown(asked))
    )
    once = (
        select(Campaign.id.label("campaign_id"), Donation.id.label("donation_id"))
        .join(Touch, _touched())
        .join(Donation, Donation.checkout_id == Touch.checkout_id)
        .where(
            _shown(asked),
            Donation.received_at >= _since(asked),
            Donation.received_at < _until(asked),
        )
    )
    of = union_all(on_pledges, once).subquery()
    later = _moment(Campaign.ends_on + DAY + FOLLOWED, asked)
    # What the bank keeps of a dispute is lost as well, and so are both given back when it is won.
    bank_kept = func.round(
        cast(Adjustment.amount_minor, Numeric)
        * Adjustment.fee_minor
        / func.nullif(Adjustment.settled_minor, 0)
    )
    moved = Adjustment.amount_minor - func.coalesce(bank_kept, 0)
    returned = (
        select(func.coalesce(func.sum(moved), 0))
        .where(
            Adjustment.donation_id == Donation.id,
            Adjustment.happened_at < later,
            Adjustment.happened_at < asked.now,
        )
        .correlate(Donation, Campaign)
        .scalar_subquery()
    )
    # A fee is taken as the share of the gift that it is, so that no rate of exchange is needed.
    whole = func.nullif(DonationFee.fee_minor + DonationFee.net_minor, 0)
    fee = func.round(cast(Donation.amount_minor, Numeric) * DonationFee.fee_minor / whole)
    return (
        select(
            Campaign.id.label("campaign_id"),
            Donation.id,
            Donation.account_id,
            Donation.received_at,
            Donation.amount_minor,
            Donation.currency,
            (Donation.amount_minor + returned - func.coalesce(fee, 0)).label("net_minor"),
            (Donation.received_at < _until(asked)).label("within"),
        )
        .join(of, of.c.campaign_id == Campaign.id)
        .join(Donation, Donation.id == of.c.donation_id)
        .outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        .where(Donation.received_at < later, Donation.received_at < asked.now)
        .subquery()
    )


def movements(asked: Asked) -> Subquery:
    """Select the movements by which something came by each campaign within its days."""
    kind = PledgeMovement.kind
    came = case((kind == MovementKind.NEW, NEW), (kind == MovementKind.RETURNING, RETURNED))
    return (
        select(
            Campaign.id.label("campaign_id"),
            PledgeMovement.id,
            PledgeMovement.account_id,
            PledgeMovement.at,
            PledgeMovement.yearly_minor,
            PledgeMovement.currency,
            func.coalesce(came, MORE).label("came"),
        )
        .join(Touch, _touched())
        .join(PledgeMovement, PledgeMovement.pledge_id == Touch.pledge_id)
        .where(
            _shown(asked),
            # A failed payment made good returns as well, and was begun by no link.
            PledgeMovement.cause.in_(BEGINS),
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
