"""What stated campaigns brought: by hand, and against a slow recount."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.giving import settlement
from app.giving.arrivals import campaigns
from app.giving.arrivals.campaigns import CampaignTaken, Terms
from app.giving.models import Campaign, Donation, Pledge, Touch
from app.money import Money
from app.payments.facts import MovementKind
from app.reports import campaign_gifts
from app.reports.figures import campaign_results
from app.reports.shape import Asked, Share
from tests.builders import a_pledge, a_reader, a_staff_member, a_touch
from tests.giving.facts import disputed, fee_of, moved, paid, refunded
from tests.reports.lives import asked, cells, opened

DAY = timedelta(days=1)
#: The first instant of the newsroom's 1st of March.
MARCH = datetime(2026, 2, 28, 22, tzinfo=UTC)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def stated(name: str = "winter", **over: object) -> Campaign:
    """A campaign of March that is to raise a hundred euro and cost ten."""
    kept: dict[str, object] = {
        "name": name,
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 3, 31),
        "goal": Money(10000, "EUR"),
        "cost": Money(1000, "EUR"),
    }
    return campaigns.add(Terms(**kept | over), by=a_staff_member().id, now=MARCH - DAY)  # type: ignore[arg-type]


def began(at: datetime, campaign: str, months: int = 1, **over: object) -> Pledge:
    """A pledge of five euro by a campaign's link, with so many gifts a month apart."""
    pledge = a_pledge(a_reader(), status="pending", started_at=None, paid_until=at, **over)  # type: ignore[arg-type]
    a_touch(pledge, campaign=campaign)
    for number in range(1, months + 1):
        when = at + 30 * DAY * (number - 1)
        settlement.apply([paid(pledge, number, received_at=when)], now=when)
    db.session.commit()
    return pledge


def test_a_campaign_is_told_what_it_raised_and_what_was_left_of_it() -> None:
    stated()
    first = began(MARCH, "winter", months=3)
    began(MARCH + 31 * DAY - timedelta(hours=2), "winter")
    # Before its first instant, after its last, and by another link.
    for at, name in ((MARCH - timedelta(minutes=1), "winter"), (MARCH + 31 * DAY, "winter")):
        began(at, name)
    began(MARCH + DAY, "spring")
    charge = paid(first, 2)
    settlement.apply([fee_of(paid(first), 40), refunded(charge)], now=MARCH + 40 * DAY)
    db.session.commit()
    _raised, (row,) = cells(campaign_results.build(asked("2026-03", "2026-03")))
    assert row[4:12] == [
        # The first gift of each of two; the first of the three again on the 31st of March.
        Money(1500, "EUR"),
        Share(1500, 10000, "EUR"),
        2,
        0,
        0,
        Money(1000, "EUR"),
        # Four gifts, less a fee of 40 cents and a whole gift that went back.
        Money(2000 - 40 - 500, "EUR"),
        Share(1460 - 1000, 1000, "EUR"),
    ]


def test_what_goes_back_counts_within_the_year_and_with_what_the_bank_keeps() -> None:
    stated(ends_on=date(2026, 3, 2))
    first, second, third = (began(MARCH, "winter") for _each in range(3))
    year = MARCH + 368 * DAY
    for pledge, at in ((first, MARCH + 9 * DAY), (second, year)):
        fact = disputed(paid(pledge), opened_at=at, seen_at=at)
        number = pledge.id.hex[:8]
        (move,) = fact.movements
        move = replace(move, happened_at=at, balance_transaction_id=f"txn_{number}")
        settlement.apply([replace(fact, movements=(move,))], now=at)
    back = moved(MovementKind.REFUND, -100, happened_at=year)
    settlement.apply([refunded(paid(third), 100, movements=(back,))], now=year)
    db.session.commit()
    of = replace(asked("2026-03", "2026-03"), now=year + 9 * DAY)
    _raised, (row,) = cells(campaign_results.build(of))
    # Three gifts of 5 euro, of which one was contested with a fee of 15 within the year.
    assert (row[4], row[10]) == (Money(1500, "EUR"), Money(1000 - 1500, "EUR"))


def test_nothing_is_summed_of_campaigns_that_the_page_does_not_show() -> None:
    stated()
    stated("spring", starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 9))
    began(MARCH, "winter")
    began(MARCH + 65 * DAY, "spring")
    names = {one.id: one.name for one in db.session.scalars(select(Campaign))}
    for month, name in (("2026-03", "winter"), ("2026-05", "spring")):
        results = campaign_gifts.results(asked(month, month))
        assert {names[campaign_id] for campaign_id, _currency in results} == {name}
    assert campaign_gifts.results(asked("2026-04", "2026-04")) == {}


def test_another_currency_is_a_row_of_its_own_without_goal_or_cost() -> None:
    stated()
    began(MARCH + DAY, "winter")
    began(MARCH + DAY, "winter", currency="UAH", amount_minor=20000)
    rows = cells(campaign_results.build(asked("2026-03", "2026-03")))[1]
    assert [[row[3], row[4], row[5], row[9], row[11]] for row in rows] == [
        [
            "EUR",
            Money(500, "EUR"),
            Share(500, 10000, "EUR"),
            Money(1000, "EUR"),
            Share(-500, 1000, "EUR"),
        ],
        ["UAH", Money(20000, "UAH"), None, None, None],
    ]
    only = cells(campaign_results.build(asked("2026-03", "2026-03", "UAH")))[1]
    assert [row[3] for row in only] == ["UAH"]


def test_the_year_after_is_over_only_after_its_last_day() -> None:
    stated(ends_on=date(2026, 3, 2))
    one = db.session.scalars(select(Campaign)).one()
    assert not campaign_results._over(one, date(2027, 3, 2))
    assert campaign_results._over(one, date(2027, 3, 3))


def test_two_campaigns_of_one_name_share_no_day() -> None:
    stated()
    with pytest.raises(CampaignTaken):
        stated(starts_on=date(2026, 3, 31), ends_on=date(2026, 5, 1))
    stated(starts_on=date(2026, 4, 1), ends_on=date(2026, 5, 1))
    stated("spring")


@pytest.mark.parametrize("key", ["", "raised:1", "raised:x:EUR", "lost:1:EUR", "raised:1:all"])
def test_a_key_that_says_nothing_has_no_list(key: str) -> None:
    stated()
    with pytest.raises(KeyError):
        campaign_results.listed(asked(), key)


def recount(one: Campaign, of: Asked) -> tuple[int, int]:
    """What a campaign raised in euro, and what was left within a year, from the raw rows."""
    since = datetime.combine(one.starts_on, time(), of.zone)
    until = datetime.combine(one.ends_on + DAY, time(), of.zone)
    raised = net = 0
    for gift in db.session.scalars(select(Donation).where(Donation.currency == "EUR")).all():
        pledge = db.session.get_one(Pledge, gift.pledge_id)
        touches = select(Touch).where(Touch.pledge_id == pledge.id, Touch.turn == "last")
        touch = db.session.scalars(touches).one()
        assert pledge.started_at is not None
        if touch.campaign != one.name or not since <= pledge.started_at < until:
            continue
        raised += gift.amount_minor if gift.received_at < until else 0
        if gift.fee is not None:
            share = Decimal(gift.amount_minor * gift.fee.fee_minor)
            whole = gift.fee.fee_minor + gift.fee.net_minor
            net -= int((share / whole).quantize(Decimal(1), ROUND_HALF_UP))
        net += gift.amount_minor
    return raised, net


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sums_are_what_a_slow_recount_finds_and_open_their_lists(seed: int) -> None:
    chance = random.Random(seed)
    for name in ("winter", "spring"):
        begin = date(2026, 2, chance.randrange(1, 28))
        stated(name, starts_on=begin, ends_on=begin + chance.randrange(60) * DAY)
    for _pledge in range(25):
        at = MARCH + timedelta(minutes=chance.randrange(-60_000, 90_000))
        months = chance.randrange(1, 4)
        minor = chance.choice([300, 500, 1100])
        pledge = began(at, chance.choice(["winter", "spring", "other"]), months, amount_minor=minor)
        if chance.random() < 0.5:
            settlement.apply([fee_of(paid(pledge), chance.randrange(20, 60))], now=at)
            db.session.commit()
    of = asked()
    results = campaign_gifts.results(of)
    for one in campaign_gifts.stated(of):
        found = results.get((one.id, "EUR"), campaign_gifts.Result())
        assert (found.raised, found.net) == recount(one, of)
    lists = list(opened(campaign_results.REPORT, of, campaign_results.build(of)))
    assert lists
    for behind, rows in lists:
        if isinstance(behind.value, Money):
            place = 2 if behind.key.startswith("raised") else 3
            assert sum(row[place].minor for row in rows) == behind.value.minor, behind.key
        else:
            assert len(rows) == behind.value, behind.key
