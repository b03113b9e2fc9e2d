"""The figures staff see, against a slow recount of the made-up newsroom in plain Python."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from app.demo import filling
from app.extensions import db
from app.giving.models import Donation, DonationFee, Pledge
from app.reports import months, movements, queries, supporters
from app.reports.supporters import Filter, Question, Sort

KYIV = ZoneInfo("Europe/Kyiv")
MARCH = datetime(2026, 3, 18, 7, 30, tzinfo=UTC)
GRACE = timedelta(days=14)
COUNT = 12


@pytest.fixture
def filled(app: Flask) -> Flask:
    """The made-up newsroom on a day in March."""
    filling.fill(now=MARCH, zone=KYIV)
    return app


def _out(pledge: Pledge) -> datetime | None:
    """When a pledge ceased to stand, as a person would tell from its row."""
    if pledge.ended_at is not None:
        return pledge.ended_at
    ran_out = None
    if pledge.status == "past_due" and pledge.past_due_since is not None:
        ran_out = pledge.past_due_since + GRACE
    if pledge.status == "paused":
        ran_out = pledge.paid_until
    return ran_out if ran_out is not None and ran_out <= MARCH else None


def _stood(pledge: Pledge, moment: datetime) -> bool:
    out = _out(pledge)
    assert pledge.started_at is not None
    return pledge.started_at <= moment and (out is None or out > moment)


def _patrons(pledges: list[Pledge], moment: datetime) -> set[int]:
    return {pledge.account_id for pledge in pledges if _stood(pledge, moment)}


def test_every_figure_of_the_month_is_what_a_slow_recount_finds(filled: Flask) -> None:
    pledges = list(db.session.scalars(select(Pledge)))
    standing = queries.standing(MARCH)

    assert standing.patrons == len(_patrons(pledges, MARCH))
    for promised in standing.recurring:
        yearly = Counter[str]()
        for pledge in pledges:
            if not _stood(pledge, MARCH) or pledge.currency != promised.currency:
                continue
            if pledge.status == "paused":
                continue
            amount = pledge.amount_minor * (12 if pledge.interval == "month" else 1)
            yearly["all"] += amount
            yearly["ending"] += amount if pledge.ends_at else 0
            yearly["at risk"] += amount if pledge.status == "past_due" else 0
        assert promised.yearly_minor == yearly["all"] > 0
        assert promised.ending_minor == yearly["ending"]
        assert promised.at_risk_minor == yearly["at risk"]
        assert abs(promised.monthly.minor - Fraction(yearly["all"], 12)) <= Fraction(1, 2)

    fees = {fee.donation_id: fee for fee in db.session.scalars(select(DonationFee))}
    slow: Counter[tuple[date, str, str]] = Counter()
    for donation in db.session.scalars(select(Donation)):
        month = donation.received_at.astimezone(KYIV).date().replace(day=1)
        fee = fees[donation.id]
        slow[month, donation.currency, "gross"] += donation.amount_minor
        slow[month, donation.currency, "gifts"] += 1
        slow[month, donation.currency, "net"] += fee.net_minor
        slow[month, donation.currency, "once"] += donation.pledge_id is None
    received = queries.received(MARCH, KYIV, count=COUNT)
    assert {row.month for row in received} == set(months.latest(COUNT, MARCH, KYIV))
    assert {row.settled_in for row in received} == {"EUR"}
    for row in received:
        key = (row.month, row.currency)
        assert row.gross_minor == slow[*key, "gross"]
        assert row.net_minor == slow[*key, "net"]
        assert row.gifts == slow[*key, "gifts"]
        assert row.once == slow[*key, "once"]

    counted = queries.patrons_by_month(MARCH, KYIV, count=COUNT)
    for month, patrons in counted[:-1]:
        end = months.start_of(months.following(month), KYIV) - timedelta(microseconds=1)
        assert patrons == len(_patrons(pledges, end))
    assert counted[-1] == (date(2026, 3, 1), standing.patrons)


def test_patrons_before_and_joined_less_left_are_patrons_after_in_every_month(
    filled: Flask,
) -> None:
    pledges = list(db.session.scalars(select(Pledge)))
    starts = [months.start_of(day, KYIV) for day in months.latest(COUNT, MARCH, KYIV)]
    instant = timedelta(microseconds=1)
    for start, end in zip(starts, [each - instant for each in starts[1:]] + [MARCH], strict=True):
        before, after = _patrons(pledges, start - instant), _patrons(pledges, end)
        moved = movements.between(start, end, newest=1000)
        assert len(before) + moved.joined - moved.left == len(after)
        assert moved.joined == len(moved.newest_joined) > 0
        assert moved.left == len(moved.newest_left)
        assert {mover.account_id for mover in moved.newest_joined} >= after - before
        assert {mover.account_id for mover in moved.newest_left} >= before - after
        causes = Counter(mover.cause for mover in moved.newest_left)
        assert moved.left_by_will == causes["left"]
        assert moved.left_for_payment == causes["unpaid"]
        assert moved.left_for_dispute == causes["disputed"]
        assert moved.returned == sum(mover.returned for mover in moved.newest_joined)


def test_the_list_of_supporters_holds_everyone_who_gives_once_each(filled: Flask) -> None:
    pledges = list(db.session.scalars(select(Pledge)))
    patrons = _patrons(pledges, MARCH)
    begun = select(Pledge.account_id).where(Pledge.started_at.is_not(None))
    everyone = set(db.session.scalars(begun.union(select(Donation.account_id))))

    listed = list(supporters.each(Question(), now=MARCH))

    assert [len(listed), {each.account_id for each in listed}] == [len(everyone), everyone]
    found = {
        chosen: {each.account_id for each in supporters.each(Question("", chosen), now=MARCH)}
        for chosen in Filter
    }
    assert found[Filter.PATRONS] == patrons
    assert found[Filter.PATRONS] | found[Filter.LEFT] | found[Filter.ONCE] == everyone
    assert not found[Filter.PATRONS] & found[Filter.LEFT]
    assert found[Filter.ONCE] == everyone - {pledge.account_id for pledge in pledges}
    assert found[Filter.AT_RISK] == {
        pledge.account_id
        for pledge in pledges
        if pledge.status == "past_due" and _stood(pledge, MARCH)
    }
    assert found[Filter.TWICE] == set()


def test_what_a_supporter_gave_is_summed_by_currency(filled: Flask) -> None:
    slow: Counter[tuple[int, str]] = Counter()
    for donation in db.session.scalars(select(Donation)):
        slow[donation.account_id, donation.currency] += donation.amount_minor

    listed = list(supporters.each(Question(sort=Sort.LAST_GIFT), now=MARCH))

    sums = {(each.account_id, sum_.currency): sum_.minor for each in listed for sum_ in each.given}
    assert sums == dict(slow)
    gifts = [each.last_gift for each in listed if each.last_gift]
    assert gifts == sorted(gifts, reverse=True)


def test_pages_of_the_list_join_without_a_gap_or_a_repetition(filled: Flask) -> None:
    asked = Question(sort=Sort.NAME)
    first = supporters.page(asked, 1, now=MARCH)
    rows = [
        row.account_id
        for number in range(1, first.pages + 1)
        for row in supporters.page(asked, number, now=MARCH).rows
    ]

    assert len(rows) == len(set(rows)) == first.total
    assert rows == [each.account_id for each in supporters.each(asked, now=MARCH)]
    assert supporters.page(asked, 10**9, now=MARCH).number == first.pages
