"""What happens to the ways by which people came: links that become known, visits, gifts by them."""

import itertools
import random
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import (
    Campaign,
    Checkout,
    Donation,
    DonationFee,
    FunnelDay,
    Pledge,
    PledgeMovement,
    Touch,
)
from tests.builders import a_reader
from tests.reports.entries import a_donation
from tests.reports.lives import NOW
from tests.reports.stories import FIRST
from tests.reports.test_cash import moved

DAY = timedelta(days=1)
NAMES = ("winter", "spring", None)
_NUMBERS = itertools.count(1)


def stated(name: str, first: date) -> Campaign:
    """A campaign of a hundred and one days."""
    campaign = Campaign(
        name=name,
        starts_on=first,
        ends_on=first + 100 * DAY,
        currency="EUR",
        goal_minor=10_000,
        cost_minor=1_000,
        stated_at=NOW,
    )
    db.session.add(campaign)
    db.session.commit()
    return campaign


def _when(chance: random.Random) -> datetime:
    """Any time of the story, often on the day that is looked at: before or after that moment."""
    if chance.random() < 0.3:
        return NOW + timedelta(hours=chance.choice([-13, -9, -1, 1, 9]))
    return FIRST + timedelta(minutes=chance.randrange(230 * 24 * 60))


def _some_pledge(chance: random.Random) -> Pledge:
    pledges = select(Pledge).where(Pledge.started_at.is_not(None)).order_by(Pledge.id)
    return chance.choice(db.session.scalars(pledges).all())


def _some_gift(chance: random.Random) -> Donation | None:
    gifts = db.session.scalars(select(Donation).order_by(Donation.id)).all()
    return chance.choice(gifts) if gifts else None


def _begin(chance: random.Random, pledge: Pledge | None, at: datetime) -> Checkout:
    """A paid checkout with two touches, of a pledge or of a gift given once."""
    checkout = Checkout(
        id=uuid.UUID(int=next(_NUMBERS) << 90, version=4),
        account_id=pledge.account_id if pledge else a_reader().id,
        pledge_id=pledge.id if pledge else None,
        interval=pledge.interval if pledge else "once",
        amount_minor=500,
        currency="EUR",
        locale=chance.choice(["en", "uk"]),
        device=chance.choice(["phone", "desktop", "desktop", None]),
        status="paid",
        closed_at=at,
    )
    db.session.add(checkout)
    db.session.flush()
    for turn in ("first", "last"):
        told = {"campaign": chance.choice(NAMES), "article": chance.choice([None, "night"])}
        db.session.add(
            Touch(
                checkout_id=checkout.id,
                turn=turn,
                pledge_id=checkout.pledge_id,
                on=at.date(),
                **told,
            )
        )
    return checkout


def touched(chance: random.Random) -> None:
    """The link of a pledge, which may have had gifts, becomes known, or another one."""
    pledge = _some_pledge(chance)
    known = select(Checkout.id).where(Checkout.pledge_id == pledge.id)
    db.session.execute(delete(Touch).where(Touch.checkout_id.in_(known)))
    _begin(chance, pledge, _when(chance))


def _renewed(chance: random.Random) -> None:
    pledge = _some_pledge(chance)
    account, net = db.session.get_one(Account, pledge.account_id), chance.choice([470, None])
    a_donation(account, at=_when(chance), pledge=pledge, net_minor=net)


def _once(chance: random.Random) -> None:
    at = _when(chance)
    checkout = _begin(chance, None, at)
    account = db.session.get_one(Account, checkout.account_id)
    a_donation(account, at=at, checkout_id=checkout.id, net_minor=chance.choice([460, None]))


def _fee_known(chance: random.Random) -> None:
    for gift in db.session.scalars(select(Donation).order_by(Donation.id)):
        if db.session.get(DonationFee, gift.id) is None:
            fee = {"fee_minor": 40, "net_minor": gift.amount_minor - 40, "currency": "EUR"}
            name = f"txn_late_{gift.id}"
            db.session.add(
                DonationFee(
                    donation_id=gift.id,
                    stripe_balance_transaction_id=name,
                    entered_at=NOW,
                    **fee,
                )
            )


def _went_back(chance: random.Random) -> None:
    if gift := _some_gift(chance):
        moved(gift, "refund", max(_when(chance), gift.received_at), -chance.randrange(1, 200))


def _begun_elsewhen(chance: random.Random) -> None:
    pledge = _some_pledge(chance)
    pledge.started_at = FIRST + chance.randrange(150) * DAY


def _moved_late(chance: random.Random) -> None:
    """A movement of an earlier day is entered."""
    pledge, at = _some_pledge(chance), FIRST + chance.randrange(150) * DAY
    db.session.add(
        PledgeMovement(
            account_id=pledge.account_id,
            pledge_id=pledge.id,
            kind=chance.choice(["new", "returning", "up"]),
            cause="another_pledge",
            yearly_minor=6000,
            currency="EUR",
            interval="month",
            at=at,
            entered_at=NOW,
        )
    )


def _campaign_changed(chance: random.Random) -> None:
    one = chance.choice(db.session.scalars(select(Campaign).order_by(Campaign.id)).all())
    one.ends_on = one.starts_on + chance.randrange(200) * DAY


def visited(chance: random.Random) -> None:
    """Visits of one kind, or views of an appeal, which are none."""
    key = {
        "day": _when(chance).date(),
        "step": chance.choice(["shown", "seen", "sent", "opened"]),
        "language": chance.choice(["en", "uk"]),
        "device": "phone",
        "campaign": chance.choice(["", "winter"]),
        "article": chance.choice(["", "night"]),
        "appeal": chance.choice(["", "1-1-a"]),
    }
    row = db.session.get(FunnelDay, tuple(key.values()))
    db.session.merge(FunnelDay(**key, count=(row.count if row else 0) + chance.randrange(1, 9)))


def _first_visit(chance: random.Random) -> None:
    """What was counted on an earlier day than any arrives late."""
    day = date(2026, 1, 1) - chance.randrange(300) * DAY
    names = ("step", "language", "device", "campaign", "article", "appeal")
    told = dict(zip(names, ("seen", "en", "phone", "", "", ""), strict=True))
    db.session.merge(FunnelDay(day=day, count=3, **told))


def _device_unknown(chance: random.Random) -> None:
    for checkout in db.session.scalars(select(Checkout).order_by(Checkout.id).limit(1)):
        checkout.device = None if checkout.device else "phone"


def _touch_gone(chance: random.Random) -> None:
    known = select(Touch.checkout_id).order_by(Touch.checkout_id).limit(1)
    db.session.execute(delete(Touch).where(Touch.checkout_id.in_(known)))


HAPPENS: tuple[Callable[[random.Random], None], ...] = (
    *(touched, _renewed, _once, _fee_known, _went_back, _begun_elsewhen, _moved_late),
    *(_campaign_changed, visited, _first_visit, _device_unknown, _touch_gone),
)


def something(chance: random.Random) -> None:
    """One of all that happens; commits."""
    chance.choice(HAPPENS)(chance)
    db.session.commit()


def much(chance: random.Random) -> None:
    """A pledge and gifts by links, and visits, so that everything that follows matters."""
    for what in (*[touched] * 18, *[_renewed] * 9, *[_once] * 3, *[visited] * 6, _first_visit):
        what(chance)
        db.session.commit()
