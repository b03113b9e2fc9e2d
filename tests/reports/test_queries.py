"""Figures at their edges: currencies, months, grace, people with two pledges, what went wrong."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.accounts.models import Account
from app.desk.models import Difference
from app.extensions import db
from app.giving import pledges
from app.giving.models import Pledge, PledgeChange
from app.giving.rules import EndReason
from app.letters.models import Letter
from app.owed import MAX_ATTEMPTS
from app.payments.models import InboxEvent, Outcome
from app.reports import checks, movements, queries
from app.reports.spans import PAUSED
from tests.builders import AUGUST, a_patron, a_pledge, a_reader
from tests.reports.entries import a_donation

KYIV = ZoneInfo("Europe/Kyiv")
NOVEMBER = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def _pledged(account: Account, began: datetime, **changes: Any) -> Pledge:
    pledge = a_pledge(account, started_at=began, paid_until=began + 30 * DAY)
    for name, value in changes.items():
        setattr(pledge, name, value)
    db.session.commit()
    return pledge


def test_currencies_are_never_added(app: Flask) -> None:
    a_patron(amount_minor=500, currency="EUR")
    a_patron(amount_minor=12_000, currency="EUR", interval="year")
    a_patron(amount_minor=20_000, currency="UAH")

    standing = queries.standing(NOVEMBER)

    assert standing.patrons == 3
    assert [(row.currency, row.patrons, row.yearly_minor) for row in standing.recurring] == [
        ("EUR", 2, 500 * 12 + 12_000),
        ("UAH", 1, 240_000),
    ]
    assert standing.recurring[0].monthly.minor == 1500


def test_a_person_with_two_pledges_is_one_patron_and_one_thing_to_look_at(app: Flask) -> None:
    account = a_patron()
    a_pledge(account, amount_minor=1000)

    assert queries.standing(NOVEMBER).patrons == 1
    assert checks.look(NOVEMBER).pledged_twice == 1
    assert checks.look(NOVEMBER).wrong == 1


def test_who_leaves_at_the_end_of_the_paid_time_counts_but_is_not_committed(app: Flask) -> None:
    _pledged(a_reader(), AUGUST, ends_at=NOVEMBER + DAY)
    a_patron(amount_minor=1000)

    (euros,) = queries.standing(NOVEMBER).recurring

    assert euros.monthly.minor == 1500
    assert euros.committed.minor == 1000


def test_a_paused_pledge_brings_nothing_while_its_giver_is_still_a_patron(app: Flask) -> None:
    _pledged(a_reader(), AUGUST, status="paused", paid_until=NOVEMBER + DAY)

    standing = queries.standing(NOVEMBER)

    assert standing.patrons == 1
    assert standing.recurring[0].yearly_minor == 0


def test_past_due_counts_within_grace_and_not_after(app: Flask) -> None:
    failed = _pledged(a_reader(name="Ганна Мороз"), AUGUST, status="past_due")
    failed.past_due_since = NOVEMBER - 13 * DAY
    db.session.commit()

    assert queries.standing(NOVEMBER).patrons == 1
    assert queries.standing(NOVEMBER).recurring[0].at_risk_minor == 6000
    (risk,) = queries.at_risk(NOVEMBER, limit=5)
    assert (risk.name, risk.until) == ("Ганна Мороз", NOVEMBER + DAY)

    failed.past_due_since = NOVEMBER - 14 * DAY
    db.session.commit()
    assert queries.standing(NOVEMBER).patrons == 0
    assert queries.at_risk(NOVEMBER, limit=5) == []
    assert queries.patrons_by_month(NOVEMBER, KYIV)[-1][1] == 0


@pytest.mark.parametrize(
    ("at", "month"),
    [
        # Kyiv is two hours ahead of UTC in winter and three in summer.
        (datetime(2026, 3, 31, 20, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 31, 21, 0, tzinfo=UTC), date(2026, 4, 1)),
        (datetime(2026, 10, 31, 21, 59, 59, tzinfo=UTC), date(2026, 10, 1)),
        (datetime(2026, 10, 31, 22, 0, tzinfo=UTC), date(2026, 11, 1)),
    ],
)
def test_a_gift_belongs_to_the_month_on_the_newsrooms_calendar(
    app: Flask, at: datetime, month: date
) -> None:
    a_donation(a_reader(), at=at)

    (row,) = queries.received(NOVEMBER, KYIV)

    assert row.month == month


def test_gifts_are_summed_by_currency_and_their_net_where_the_fee_is_known(app: Flask) -> None:
    account = a_reader()
    pledge = a_pledge(account)
    a_donation(account, at=NOVEMBER - DAY, minor=500, pledge=pledge, net_minor=470)
    a_donation(account, at=NOVEMBER - DAY, minor=700)
    a_donation(account, at=NOVEMBER - DAY, minor=10_000, currency="UAH", net_minor=176)
    a_donation(account, at=NOVEMBER + DAY, minor=99_999)

    rows = queries.received(NOVEMBER, KYIV)

    assert [
        (row.currency, row.settled_in, row.gifts, row.once, row.gross_minor, row.net_minor)
        for row in rows
    ] == [
        ("EUR", "EUR", 1, 0, 500, 470),
        ("EUR", None, 1, 1, 700, 0),
        ("UAH", "EUR", 1, 1, 10_000, 176),
    ]


def test_leaving_is_told_apart_from_failed_payments(app: Flask) -> None:
    month = datetime(2026, 10, 31, 22, tzinfo=UTC)
    for reason in (EndReason.LEFT, EndReason.UNPAID, EndReason.DISPUTED, EndReason.UNKNOWN):
        _pledged(a_reader(), AUGUST, status="ended", ended_at=month + DAY, end_reason=reason)
    _pledged(a_reader(), AUGUST, status="past_due", past_due_since=NOVEMBER - 15 * DAY)
    _pledged(a_reader(), AUGUST, status="paused", paid_until=month + 2 * DAY)

    moved = movements.between(month, NOVEMBER, newest=10)

    assert (moved.left, moved.left_by_will) == (6, 1)
    assert (moved.left_for_payment, moved.left_for_dispute) == (2, 1)
    assert sorted(str(mover.cause) for mover in moved.newest_left) == sorted(
        ["left", "unpaid", "disputed", "unknown", "unpaid", PAUSED]
    )


def test_who_joins_and_leaves_within_the_month_is_counted_in_both(app: Flask) -> None:
    month = datetime(2026, 10, 31, 22, tzinfo=UTC)
    _pledged(a_reader(), month + DAY, status="ended", ended_at=month + 2 * DAY, end_reason="left")

    moved = movements.between(month, NOVEMBER, newest=10)

    assert (moved.joined, moved.left) == (1, 1)


def test_who_takes_up_another_pledge_before_the_first_ends_neither_joins_nor_leaves(
    app: Flask,
) -> None:
    month = datetime(2026, 10, 31, 22, tzinfo=UTC)
    for seam in (month + 3 * DAY, month + 2 * DAY):
        account = a_reader()
        _pledged(account, AUGUST, status="ended", ended_at=seam, end_reason="left")
        _pledged(account, month + 2 * DAY)

    moved = movements.between(month, NOVEMBER, newest=10)

    assert (moved.joined, moved.left) == (0, 0)


def test_two_pledges_that_begin_and_end_together_are_one_joining_and_one_leaving(
    app: Flask,
) -> None:
    month = datetime(2026, 10, 31, 22, tzinfo=UTC)
    account = a_reader()
    for _each in range(2):
        _pledged(account, month + DAY, status="ended", ended_at=month + 2 * DAY)

    moved = movements.between(month, NOVEMBER, newest=10)

    assert (moved.joined, moved.left) == (1, 1)


def test_who_comes_back_is_known_to_have_been_a_patron(app: Flask) -> None:
    month = datetime(2026, 10, 31, 22, tzinfo=UTC)
    account = a_reader(name="Роман Ткачук")
    _pledged(account, AUGUST, status="ended", ended_at=AUGUST + 30 * DAY, end_reason="left")
    _pledged(account, month + DAY, article="the-bakers-of-kherson")

    moved = movements.between(month, NOVEMBER, newest=10)

    assert (moved.joined, moved.returned) == (1, 1)
    assert moved.newest_joined[0].article == "the-bakers-of-kherson"


def test_long_lists_are_cut_and_counted_whole(app: Flask) -> None:
    month = datetime(2026, 10, 31, 22, tzinfo=UTC)
    for day in range(5):
        _pledged(a_reader(), month + day * DAY)

    moved = movements.between(month, NOVEMBER, newest=2)

    assert moved.joined == 5
    assert [mover.at for mover in moved.newest_joined] == [month + 4 * DAY, month + 3 * DAY]


def test_a_pledge_that_waits_for_its_first_money_is_nobody_yet(app: Flask) -> None:
    a_pledge(a_reader(), status="pending", started_at=None)

    assert queries.standing(NOVEMBER).patrons == 0
    assert queries.patrons_by_month(NOVEMBER, KYIV)[-1][1] == 0


def test_the_last_months_patrons_are_the_patrons_in_standing(app: Flask) -> None:
    a_patron()
    _pledged(a_reader(), AUGUST, status="paused", paid_until=NOVEMBER - DAY)
    _pledged(a_reader(), AUGUST, status="past_due", past_due_since=NOVEMBER - DAY)

    (*_earlier, (_month, patrons)) = queries.patrons_by_month(NOVEMBER, KYIV)

    assert patrons == queries.standing(NOVEMBER).patrons == 2
    in_standing = db.session.query(Pledge).filter(pledges.standing_at(NOVEMBER)).count()
    assert in_standing == 2


def test_whatever_was_given_up_or_is_late_is_counted(app: Flask) -> None:
    account = a_reader()
    worn = {"due_at": NOVEMBER, "attempts": MAX_ATTEMPTS}
    db.session.add_all(
        [
            Letter(kind="sign_in", matter="1", account_id=account.id, **worn),
            Letter(
                kind="receipt",
                matter="2",
                account_id=account.id,
                due_at=NOVEMBER,
                created_at=NOVEMBER - timedelta(hours=2),
            ),
            InboxEvent(id="evt_1", type="invoice.paid", body={}, **worn),
            InboxEvent(id="evt_2", type="strange", body={}, outcome=Outcome.UNKNOWN),
            PledgeChange(
                pledge_id=a_pledge(account).id,
                kind="leave_now",
                asked_at=NOVEMBER,
                amount_before=500,
                interval_before="month",
                **worn,
            ),
            *(
                Difference(
                    kind="invoice.paid",
                    object_id=name,
                    what="missing_here",
                    field="",
                    ours="",
                    theirs="",
                    found_at=NOVEMBER,
                    gone_at=gone,
                )
                for name, gone in (("in_1", None), ("in_2", NOVEMBER))
            ),
        ]
    )
    db.session.commit()

    found = checks.look(NOVEMBER)

    assert (found.letters_given_up, found.receipts_late, found.events_given_up) == (1, 1, 1)
    assert (found.acts_given_up, found.differences) == (1, 1)
    assert found.events_unknown == 1
    assert found.wrong == 5


def test_a_test_clock_that_runs_ahead_takes_the_figures_with_it(app: Flask) -> None:
    assert queries.up_to(NOVEMBER) == NOVEMBER
    giver = a_patron()
    a_donation(giver, at=NOVEMBER - DAY)
    assert queries.up_to(NOVEMBER) == NOVEMBER
    a_donation(giver, at=NOVEMBER + 30 * DAY)
    ahead = queries.up_to(NOVEMBER)
    assert ahead == NOVEMBER + 30 * DAY
    assert [row.month.month for row in queries.received(ahead, KYIV)] == [11, 12]
