"""Fill an empty database with the made-up newsroom: the story, through the product's own tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, insert, select, text

from app.accounts import second_factor
from app.accounts.models import Account, Role
from app.current import settings
from app.demo import (
    agreed,
    arrivals,
    asked,
    erased,
    failures,
    house,
    ledger,
    mistakes,
    movements,
    payouts,
    promised,
    reprints,
    reversals,
    suggestions,
    votes,
    wishes,
)
from app.demo.story import Life, OnceStory, PledgeStory, Teller
from app.extensions import db
from app.giving.models import Checkout, Pledge
from app.giving.rules import Interval
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


def fill(*, now: datetime, zone: ZoneInfo, seed: int = SEED) -> Filled:
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
    staff = _staff(teller.first)
    accounts = _supporters(lives)
    pledges = _pledges(lives, accounts)
    dice = Random(seed + 2)  # noqa: S311 - the same reason
    tags = asked.appeals(today=now)
    arrivals.fill(
        lives,
        until=teller.until,
        zone=zone,
        rng=Random(seed),  # noqa: S311 - the same
        tags=tags,
        dice=dice,
    )
    asked.views(tags, until=teller.until.astimezone(zone).date(), rng=dice)
    grace = timedelta(days=settings().grace_days)
    movements.fill(lives, accounts, grace=grace, now=now)
    wishes.fill(Random(seed), lives, accounts, until=teller.until)  # noqa: S311 - a story
    gifts = ledger.gifts(lives)
    ledger.fill(gifts, accounts, zone, Random(seed))  # noqa: S311 - ids of a story, not secrets
    reversals.fill(by=staff[Role.FINANCE], now=now, rng=Random(seed))  # noqa: S311 - the same
    payouts.fill(now=now)
    failures.fill(lives, now=now, zone=zone, rng=Random(seed))  # noqa: S311 - the same reason
    house.letters(rng=Random(seed + 1))  # noqa: S311 - ids that no receipt has
    house.checks(now=now, zone=zone)
    asked.goals(now=now, zone=zone)
    # What follows reads over all of it, which the server would else plan as for empty tables.
    db.session.execute(text("ANALYZE"))
    db.session.commit()
    cast = votes.fill(
        teller.rng, accounts, lives, by=staff[Role.OWNER], today=teller.until, now=now, zone=zone
    )
    suggestions.fill(Random(seed), by=staff[Role.OWNER], now=now)  # noqa: S311 - the same reason
    agreed.fill(lives, accounts)
    agreed.runs(now=now, rng=Random(seed))  # noqa: S311 - the same reason
    editor = staff[Role.EDITOR]
    promised.fill(by=editor, editor=editor, now=now, zone=zone)
    reprints.fill(Random(seed), by=editor, now=now)  # noqa: S311 - the same reason
    mistakes.fill(Random(seed), by=editor, now=now)  # noqa: S311 - the same reason
    erased.fill(Random(seed), now=now)  # noqa: S311 - the same reason
    return Filled(len(lives), pledges, len(gifts), cast)


def _staff(since: datetime) -> dict[Role, int]:
    """Make the staff and return the account of each role."""
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
    return {Role(account.role or ""): account.id for account in made}


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
        _pledge(life, pledge, accounts[life.person.email])
        for life in lives
        for pledge in life.pledges
    ]
    given: list[tuple[Life, PledgeStory | OnceStory]] = [
        (life, each) for life in lives for each in life.pledges
    ]
    given += [(life, each) for life in lives for each in life.once]
    checkouts = [_checkout(life, each, accounts[life.person.email]) for life, each in given]
    db.session.execute(insert(Pledge), rows)
    db.session.execute(insert(Checkout), checkouts)
    return len(rows)


def _pledge(life: Life, pledge: PledgeStory, account_id: int) -> dict[str, Any]:
    brand, last4 = life.card
    year, month = _good_until(life)
    return {
        "id": pledge.id,
        "account_id": account_id,
        "status": pledge.status,
        "interval": pledge.interval,
        "amount_minor": pledge.amount.minor,
        "cover_minor": life.covers.get(pledge.amount, 0),
        "currency": pledge.amount.currency,
        "article": pledge.article,
        "card_brand": brand,
        "card_last4": last4,
        "card_exp_year": year,
        "card_exp_month": month,
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


def _good_until(life: Life) -> tuple[int, int]:
    """The year and month to the end of which a life's card is good: four years from some month.

    Banks renew cards before they expire, so most are good for long; the last digits tell.
    """
    first = life.came_at.year * 12 + life.came_at.month - 1
    month = first + 17 + int(life.card[1]) % 30
    return month // 12, month % 12 + 1


def _checkout(life: Life, given: PledgeStory | OnceStory, account_id: int) -> dict[str, Any]:
    pledge = given if isinstance(given, PledgeStory) else None
    at, amount = given.payments[0] if isinstance(given, PledgeStory) else (given.at, given.amount)
    return {
        "id": given.checkout_id,
        "account_id": account_id,
        "pledge_id": pledge.id if pledge else None,
        "interval": pledge.interval if pledge else Interval.ONCE,
        "amount_minor": amount.minor,
        "cover_minor": life.covers.get(amount, 0),
        "currency": amount.currency,
        "article": given.article,
        "locale": life.person.locale,
        "status": "paid",
        "stripe_session_id": f"cs_demo_{given.checkout_id.hex[:20]}",
        "created_at": at - AT_CHECKOUT,
        "closed_at": at,
    }
