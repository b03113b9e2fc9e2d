"""Fill an empty database with the made-up newsroom: the story, through the product's own tables."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from random import Random
from typing import Any

from sqlalchemy import exists, insert, select

from app.accounts import second_factor
from app.accounts.models import Account, Role
from app.current import settings
from app.demo import arrivals, failures, movements, payouts, suggestions, votes, wishes
from app.demo.story import Life, OnceStory, PledgeStory, Teller
from app.extensions import db
from app.giving.models import Checkout, Donation, DonationFee, Pledge, Receipt, ReceiptYear
from app.giving.rules import Interval
from app.letters.models import Letter
from app.money import Money
from config.settings import Environment

#: Another seed tells another story.
SEED = 2022
#: The staff of the made-up newsroom; all have the same second factor, which is no secret.
STAFF = (
    ("editor@newsroom.example", "Марія Гончар", Role.EDITOR),
    ("fundraiser@newsroom.example", "Andrew Kovalchuk", Role.FUNDRAISER),
    ("finance@newsroom.example", "Лариса Бойко", Role.FINANCE),
    ("owner@newsroom.example", "Ірина Завадська", Role.OWNER),
)
SECOND_FACTOR = "HROMADADEMONEWSROOMSECONDFACTOR2"
#: How long a reader is at the checkout.
AT_CHECKOUT = timedelta(minutes=3)
#: Kopiykas in a euro, for gifts that are settled in euros.
HRYVNIAS = 4850


class NotEmpty(ValueError):
    """The database holds accounts already."""


class NotHere(ValueError):
    """This is a production database."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was made, by number."""

    supporters: int
    pledges: int
    donations: int
    ballots: int


@dataclass(frozen=True, slots=True)
class Gift:
    """One payment of the story: of a pledge or given once."""

    at: datetime
    life: Life
    amount: Money
    pledge: PledgeStory | None
    once: OnceStory | None


def fill(*, now: datetime, zone: tzinfo, seed: int = SEED) -> Filled:
    """Make the newsroom's staff, supporters, gifts, receipts, topics and rounds; commits.

    The same seed and day give the same newsroom, but for the secrets of its rounds. Nothing made is
    owed: no letter is due and Stripe is never asked about a pledge it does not know. Raises
    `NotHere`, `NotEmpty`.
    """
    if settings().environment is Environment.PRODUCTION:
        raise NotHere
    if db.session.scalar(select(exists().select_from(Account))):
        raise NotEmpty
    today = now.astimezone(zone).date()
    teller = Teller(seed, today, zone)
    lives = teller.lives()
    owner_id = _staff(teller.first)
    accounts = _supporters(lives)
    pledges = _pledges(lives, accounts)
    arrivals.fill(lives, until=teller.until, zone=zone, rng=Random(seed))  # noqa: S311 - the same
    grace = timedelta(days=settings().grace_days)
    movements.fill(lives, accounts, grace=grace, now=now)
    wishes.fill(Random(seed), lives, accounts, until=teller.until)  # noqa: S311 - a story
    gifts = _gifts(lives)
    _ledger(gifts, accounts, zone, Random(seed))  # noqa: S311 - ids of a story, not secrets
    payouts.fill(now=now)
    failures.fill(lives, now=now, zone=zone, rng=Random(seed))  # noqa: S311 - the same reason
    db.session.commit()
    cast = votes.fill(
        teller.rng, accounts, lives, by=owner_id, today=teller.until, now=now, zone=zone
    )
    suggestions.fill(Random(seed), by=owner_id, now=now)  # noqa: S311 - the same reason
    return Filled(len(lives), pledges, len(gifts), cast)


def _staff(since: datetime) -> int:
    """Make the staff and return the owner's account."""
    made = []
    for email, name, role in STAFF:
        account = Account(
            email=email,
            name=name,
            role=role,
            confirmed_at=since,
            created_at=since,
        )
        second_factor.preset(account, SECOND_FACTOR)
        made.append(account)
    db.session.add_all(made)
    db.session.flush()
    return made[-1].id


def _supporters(lives: Sequence[Life]) -> dict[str, int]:
    """Make the supporters' accounts, and return the account of each address."""
    rows = [
        {
            "email": life.person.email,
            "name": life.person.name,
            "locale": life.person.locale,
            "listed": life.listed,
            "created_at": life.came_at - timedelta(minutes=3),
            "confirmed_at": life.came_at + timedelta(hours=2) if life.confirmed else None,
        }
        for life in lives
    ]
    made = db.session.execute(
        insert(Account).returning(Account.email, Account.id, sort_by_parameter_order=True), rows
    )
    return {row.email: row.id for row in made}


def _pledges(lives: Sequence[Life], accounts: dict[str, int]) -> int:
    """Make every pledge, and the checkouts of pledges and of gifts given once."""
    rows = [
        _pledge(pledge, accounts[life.person.email]) for life in lives for pledge in life.pledges
    ]
    given: list[tuple[Life, PledgeStory | OnceStory]] = [
        (life, each) for life in lives for each in life.pledges
    ]
    given += [(life, each) for life in lives for each in life.once]
    checkouts = [
        _checkout(each, accounts[life.person.email], life.person.locale) for life, each in given
    ]
    db.session.execute(insert(Pledge), rows)
    db.session.execute(insert(Checkout), checkouts)
    return len(rows)


def _pledge(pledge: PledgeStory, account_id: int) -> dict[str, Any]:
    return {
        "id": pledge.id,
        "account_id": account_id,
        "status": pledge.status,
        "interval": pledge.interval,
        "amount_minor": pledge.amount.minor,
        "currency": pledge.amount.currency,
        "article": pledge.article,
        "stripe_customer_id": f"cus_demo_{account_id:06d}",
        "stripe_subscription_id": f"sub_demo_{pledge.id.hex[:14]}",
        "created_at": pledge.started_at - AT_CHECKOUT,
        "started_at": pledge.started_at,
        "paid_until": pledge.paid_until,
        "past_due_since": pledge.past_due_since,
        "ends_at": pledge.ends_at,
        "ended_at": pledge.ended_at,
        "end_reason": pledge.end_reason,
        "seen_at": pledge.ended_at or pledge.payments[-1][0],
    }


def _checkout(given: PledgeStory | OnceStory, account_id: int, locale: str) -> dict[str, Any]:
    pledge = given if isinstance(given, PledgeStory) else None
    at, amount = given.payments[0] if isinstance(given, PledgeStory) else (given.at, given.amount)
    return {
        "id": given.checkout_id,
        "account_id": account_id,
        "pledge_id": pledge.id if pledge else None,
        "interval": pledge.interval if pledge else Interval.ONCE,
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "article": given.article,
        "locale": locale,
        "status": "paid",
        "stripe_session_id": f"cs_demo_{given.checkout_id.hex[:20]}",
        "created_at": at - AT_CHECKOUT,
        "closed_at": at,
    }


def _gifts(lives: Sequence[Life]) -> list[Gift]:
    """Return every payment in the order it came."""

    def each() -> Iterator[Gift]:
        for life in lives:
            for pledge in life.pledges:
                for at, amount in pledge.payments:
                    yield Gift(at, life, amount, pledge, None)
            for once in life.once:
                yield Gift(once.at, life, once.amount, None, once)

    return sorted(each(), key=lambda gift: (gift.at, gift.life.person.email, gift.amount.minor))


def _ledger(gifts: Sequence[Gift], accounts: dict[str, int], zone: tzinfo, rng: Random) -> None:
    """Enter donations with their fees, receipts numbered in the order of time, letters sent."""
    donations = [_donation(place, gift, accounts) for place, gift in enumerate(gifts, start=1)]
    ids = db.session.scalars(
        insert(Donation).returning(Donation.id, sort_by_parameter_order=True), donations
    ).all()
    fees, receipts, letters = [], [], []
    years: dict[int, int] = {}
    for place, (donation_id, gift) in enumerate(zip(ids, gifts, strict=True), start=1):
        day = gift.at.astimezone(zone).date()
        years[day.year] = years.get(day.year, 0) + 1
        fees.append(_fee(place, donation_id, gift))
        receipts.append(
            {
                "donation_id": donation_id,
                "year": day.year,
                "number": years[day.year],
                "issued_on": day,
                "donor_name": gift.life.person.name,
                "locale": gift.life.person.locale,
            }
        )
        letters.append(_letter(donation_id, gift, accounts, rng))
    db.session.execute(insert(DonationFee), fees)
    db.session.execute(insert(Receipt), receipts)
    db.session.execute(insert(Letter), letters)
    db.session.execute(
        insert(ReceiptYear), [{"year": year, "last_number": last} for year, last in years.items()]
    )


def _donation(place: int, gift: Gift, accounts: dict[str, int]) -> dict[str, Any]:
    brand, last4 = gift.life.card
    return {
        "account_id": accounts[gift.life.person.email],
        "pledge_id": gift.pledge.id if gift.pledge else None,
        "checkout_id": gift.once.checkout_id if gift.once else None,
        "amount_minor": gift.amount.minor,
        "currency": gift.amount.currency,
        "received_at": gift.at,
        "entered_at": gift.at + timedelta(seconds=5),
        "card_brand": brand,
        "card_last4": last4,
        "stripe_invoice_id": f"in_demo_{place:06d}" if gift.pledge else None,
        "stripe_payment_intent_id": f"pi_demo_{place:06d}",
        "stripe_charge_id": f"ch_demo_{place:06d}",
        # The fee is entered, so nobody has to ask for it.
        "attempts": 1,
        "due_at": None,
    }


def _fee(place: int, donation_id: int, gift: Gift) -> dict[str, Any]:
    """What Stripe kept: everything is settled in euros, hryvnias at one rate and a higher fee."""
    if gift.amount.currency == "EUR":
        gross, fee = gift.amount.minor, round(gift.amount.minor * 0.015) + 25
    else:
        gross = gift.amount.minor * 100 // HRYVNIAS
        fee = round(gross * 0.0525) + 25
    return {
        "donation_id": donation_id,
        "fee_minor": fee,
        "net_minor": gross - fee,
        "currency": "EUR",
        "stripe_balance_transaction_id": f"txn_demo_{place:06d}",
        "entered_at": gift.at + timedelta(minutes=2),
    }


def _letter(donation_id: int, gift: Gift, accounts: dict[str, int], rng: Random) -> dict[str, Any]:
    return {
        "id": uuid.UUID(int=rng.getrandbits(128), version=4),
        "kind": "receipt",
        "matter": str(donation_id),
        "account_id": accounts[gift.life.person.email],
        "urgency": 5,
        "created_at": gift.at + timedelta(seconds=5),
        "sent_at": gift.at + timedelta(seconds=9),
        "attempts": 1,
        "due_at": None,
    }
