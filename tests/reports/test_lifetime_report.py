"""Lifetime value: refused for too few, by hand, and against a slow recount."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from flask import Flask

from app.current import zone
from app.extensions import db
from app.giving.models import Adjustment, Pledge
from app.money import Money
from app.reports import lifetimes, survival
from app.reports.figures import lifetime
from app.reports.shape import Share
from app.reports.survival import Lasted
from tests.builders import a_pledge, a_reader
from tests.reports.entries import a_donation
from tests.reports.lives import NOW, asked, cells, opened
from tests.reports.oracles.stays import NEVER, Stay, humans

DAY = timedelta(days=1)
COME = datetime(2026, 2, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def gave(since: datetime, until: datetime | None = None, **over: object) -> Pledge:
    """A pledge that began, and ended by the patron's wish where `until` is given."""
    pledge = a_pledge(a_reader(), started_at=since, **over)  # type: ignore[arg-type]
    if until is not None:
        pledge.status, pledge.ended_at, pledge.end_reason = "ended", until, "left"
        db.session.commit()
    return pledge


def test_nothing_is_told_of_fewer_than_thirty_who_left() -> None:
    assert lifetime.build(asked()).refused
    for place in range(40):
        gave(COME, COME + 40 * DAY if place < 29 else None)
    answer = lifetime.build(asked())
    assert "30" in answer.refused
    assert not answer.figures
    (row,) = cells(answer)[0]
    assert row[:5] == ["Monthly", "EUR", 40, 29, 2]
    assert row[7] is None
    assert answer.tables[0].muted == {0}


def test_the_value_is_the_gifts_of_those_who_stay_less_fees() -> None:
    # Of sixty who came six months ago thirty left in the second month and none later.
    for place in range(60):
        pledge = gave(COME, COME + 40 * DAY if place < 30 else None)
        if place == 0:
            a_donation_of(pledge)
    answer = lifetime.build(asked())
    # One gift on coming and one after the first month, four halves after months 2 to 5 and one
    # after the sixth: 1 + 1 + 5 / 2 gifts of 5 euro, less the 6 % that were kept.
    assert answer.figures[0].values == [Money(2115, "EUR")]
    # 5 euro less 30 cents and a refund of 2 euro, for each of sixty, rounded half up.
    assert answer.figures[1].values == [Money(5, "EUR")]
    steps = cells(answer)[0]
    assert [row[1:] for row in steps] == [[60, 0, 1000], [60, 30, 500], *[[30, 0, 500]] * 4]
    row = cells(answer)[1][0]
    assert row[2:7] == [60, 30, 6, Money(500, "EUR"), Share(30, 500, "EUR")]


def a_donation_of(pledge: Pledge) -> None:
    """A gift of 5 euro of which 30 cents were kept, and of which 2 euro went back."""
    account = a_reader()
    pledge.account_id = account.id
    donation = a_donation(account, at=COME, pledge=pledge, net_minor=470)
    db.session.add(
        Adjustment(
            donation_id=donation.id,
            kind="refund",
            amount_minor=-200,
            currency="EUR",
            settled_minor=-200,
            fee_minor=0,
            net_minor=-200,
            settled_currency="EUR",
            stripe_balance_transaction_id="txn_back",
            happened_at=COME + DAY,
            entered_at=COME + DAY,
        )
    )
    db.session.commit()


def test_a_month_that_few_were_seen_for_ends_what_is_told() -> None:
    lasted = [Lasted(2, None, 15), Lasted(5, 1, 10), Lasted(5, 2, 5), Lasted(5, None, 6)]
    found = survival.steps(lasted)
    # 36 were seen for a month and ten left; 26 for the second and five left; 6 for the third.
    assert [(step.at_risk, step.lost) for step in found] == [(36, 10), (26, 5)]
    assert round(survival.gifts(found, 1), 9) == round(1 + Decimal(26 + 21) / 36, 9)
    assert survival.gifts(found, 12) == 1


@pytest.mark.parametrize(
    "key",
    [
        "",
        "people:month:EUR",
        "people:month:XXX:0",
        "left:week:EUR:1",
        "who:month:EUR:1",
        "left:month:EUR:x",
    ],
)
def test_a_key_that_was_never_given_out_has_no_list(key: str) -> None:
    gave(COME)
    with pytest.raises(KeyError):
        lifetime.listed(asked(), key)


def _after(at: datetime, count: int) -> datetime:
    """The same time of day some months later; the days used here are in every month."""
    local = at.astimezone(zone())
    index = local.year * 12 + local.month - 1 + count
    return local.replace(year=index // 12, month=index % 12 + 1)


def _stood_through(stay: Stay, month: int) -> bool:
    return stay.out > _after(stay.came, month)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_month_is_what_a_slow_recount_finds(seed: int) -> None:
    chance = random.Random(seed)
    for _person in range(150):
        since = NOW - timedelta(days=chance.randrange(20, 500), hours=chance.randrange(24))
        since = since.replace(day=chance.randrange(1, 18))
        until = since + timedelta(days=chance.randrange(1, 300))
        if chance.random() < 0.2:
            until = _after(since, 2)
        left = until if until < NOW and chance.random() < 0.8 else None
        gave(
            since,
            left,
            interval=chance.choice(["month", "month", "month", "year"]),
            currency=chance.choice(["EUR", "EUR", "USD"]),
            amount_minor=chance.choice([500, 700, 1100]),
        )
    slow = defaultdict(list)
    for one in humans():
        slow[one.plan, one.currency].append(one.stays[0])
    found = {(one.plan.value, one.currency): one for one in lifetimes.lifetimes(asked())}
    assert set(found) == set(slow)
    for name, stays in slow.items():
        _same(found[name], stays)
    answer = lifetime.build(asked())
    for behind, rows in opened(lifetime.REPORT, asked(), answer):
        assert len(rows) == behind.value, behind.key


def test_the_day_and_the_hour_somebody_came_decide_for_how_many_months_they_are_known() -> None:
    chance = random.Random(3)
    for hour in range(-36, 84, 2):
        since = _after(NOW, -chance.randrange(1, 5)) + timedelta(hours=hour)
        if since < NOW:
            left = since + timedelta(days=chance.randrange(1, 70))
            gave(since, left if left < NOW and chance.random() < 0.5 else None)
    (found,) = lifetimes.lifetimes(asked())
    _same(found, [one.stays[0] for one in humans()])
    for behind, rows in opened(lifetime.REPORT, asked(), lifetime.build(asked())):
        assert len(rows) == behind.value, behind.key


def _same(one: lifetimes.Lifetime, stays: list[Stay]) -> None:
    """Hold the months of a lifetime against the stays it was made of."""
    assert one.people == len(stays)
    share, lost, gifts = Fraction(1), 0, Fraction(1)
    for step in one.steps:
        whole = [stay for stay in stays if _after(stay.came, step.month) <= NOW]
        there = [stay for stay in whole if _stood_through(stay, step.month - 1)]
        gone = [stay for stay in there if not _stood_through(stay, step.month)]
        assert (step.at_risk, step.lost) == (len(there), len(gone)), step.month
        share *= Fraction(len(there) - len(gone), len(there))
        lost += len(gone)
        if one.plan == "month" or step.month % 12 == 0:
            gifts += share
    assert one.losses == lost
    standing = [stay.pledges[0].amount_minor for stay in stays if stay.out == NEVER]
    if lost >= 30:
        value = gifts * Fraction(sum(standing), len(standing))
        assert one.value_minor is not None
        assert abs(value - one.value_minor) <= Fraction(1, 2)
    else:
        assert one.value_minor is None
