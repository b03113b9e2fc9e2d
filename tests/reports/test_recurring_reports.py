"""What recurs, what was lost of it, who raised it and on whom it hangs: small cases by hand."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.current import zone
from app.giving import settlement
from app.giving.models import Pledge
from app.money import Money
from app.payments.facts import Ending, Standing
from app.reports.figures import (
    changes,
    concentration,
    gifts_size,
    movements,
    recurring,
    revenue_churn,
)
from app.reports.shape import Asked, Report, Share
from config.settings import Settings
from tests.builders import a_pledge, a_reader
from tests.giving.facts import paid
from tests.giving.test_movements import begun, told
from tests.reports.lives import DAY, NOW, asked, cells

#: Pledges of these tests begin on the 14th of August; changes of them are told of in September.
SEPTEMBER = datetime(2026, 9, 10, 12, tzinfo=UTC)
REPORTS = [one.REPORT for one in (recurring, revenue_churn, changes, gifts_size, concentration)]


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def in_september() -> Asked:
    """September alone, looked at from the middle of October."""
    first = date(2026, 9, 1)
    return Asked(first, first, datetime(2026, 10, 15, tzinfo=UTC), zone())


def gone(pledge: Pledge, at: datetime, ending: Ending = Ending.BY_WISH) -> None:
    told(pledge, Standing.ENDED, at=at, ended_at=at, ending=ending)


def euro(minor: int) -> Money:
    return Money(minor, "EUR")


def test_a_yearly_pledge_counts_by_a_twelfth_and_what_is_about_to_end_is_not_committed() -> None:
    begun(amount_minor=500)
    ending = begun(amount_minor=6100, interval="year")
    begun(amount_minor=900, currency="USD")
    told(ending, at=NOW - DAY, ends_at=NOW + DAY)
    table = cells(recurring.build(asked("2026-07", "2026-08", "EUR")))[0]
    # 61.00 a year are 5.08 a month; in July nobody gave yet.
    assert table == [
        ["July 2026", "EUR", euro(0), None, None, None, euro(0), 0],
        ["August 2026", "EUR", euro(1008), euro(0), euro(508), euro(500), euro(12100), 2],
    ]
    table = cells(recurring.build(asked("2026-08", "2026-08")))[0]
    assert [row[1:3] for row in table] == [["EUR", euro(1008)], ["USD", Money(900, "USD")]]


def test_what_recurs_past_due_is_shown_apart_until_its_grace_is_over() -> None:
    failed = begun(amount_minor=500)
    told(failed, Standing.PAST_DUE, at=NOW - DAY)
    table = cells(recurring.build(asked("2026-08", "2026-08")))[0]
    assert table[0][2:6] == [euro(500), euro(500), euro(0), euro(500)]


def test_only_who_gave_as_the_month_began_moves_its_retention() -> None:
    raised, lowered, left, paused = (begun(amount_minor=1000) for _each in range(4))
    told(raised, at=SEPTEMBER, amount=euro(1500))
    told(lowered, at=SEPTEMBER, amount=euro(800))
    gone(left, SEPTEMBER)
    told(paused, Standing.PAUSED, at=SEPTEMBER)
    late = begun(amount_minor=3000)
    gone(late, datetime(2026, 8, 20, tzinfo=UTC), Ending.UNPAID)
    (table,) = cells(revenue_churn.build(in_september()))
    # 480 a year; 60 more, 24 less, 120 paused, 120 left: 264 lost, 276 kept.
    start = euro(48000)
    row = [euro(6000), None, euro(-2400), euro(-12000), euro(-12000), None, None, euro(27600)]
    shares = [Share(26400, 48000, "EUR"), Share(27600, 48000, "EUR")]
    assert table == [["September 2026", "EUR", 4, start, *row, *shares]]


def test_who_is_lost_and_back_in_one_month_counts_as_lost_and_not_as_kept() -> None:
    pledge = begun(reader := a_reader(), amount_minor=1000)
    gone(pledge, SEPTEMBER)
    back = a_pledge(reader, amount_minor=5000, status="pending", started_at=None)
    settlement.apply([paid(back, received_at=SEPTEMBER + DAY)], now=SEPTEMBER + DAY)
    told(back, at=SEPTEMBER + 2 * DAY, amount=euro(6000))
    (table,) = cells(revenue_churn.build(in_september()))
    assert table[0][-3:] == [
        euro(0),
        Share(12000, 12000, "EUR"),
        Share(0, 12000, "EUR"),
    ]


def test_the_middle_rise_is_that_of_people_and_want_of_payment_is_no_wish() -> None:
    for more in (100, 200, 900):
        told(begun(amount_minor=1000), at=SEPTEMBER, amount=euro(1000 + more))
    reader = a_reader()
    begun(reader)
    gone(begun(reader), SEPTEMBER, Ending.UNPAID)
    table, reasons = cells(changes.build(in_september()))
    assert table == [
        ["September 2026", "EUR", 4, 3, Share(3, 4), euro(200), 0, Share(0, 4), None],
    ]
    assert reasons == [
        ["the payment failed", "Less", "EUR", 1, euro(-6000)],
        ["another amount or period", "More", "EUR", 3, euro(14400)],
    ]


def test_one_person_with_two_pledges_gives_one_gift() -> None:
    reader = a_reader()
    begun(reader, amount_minor=300)
    begun(reader, amount_minor=2400, interval="year")
    begun(amount_minor=1000)
    answer = gifts_size.build(in_september())
    # 3.00 and 2.00 a month are one gift of 5.00, which is in the band that begins there.
    assert [figure.values[0] for figure in answer.figures[:2]] == [euro(750), euro(500)]
    bands, plans = cells(answer)
    assert [row[2] for row in bands] == [0, 1, 1, 0, 0, 0]
    assert bands[1][3:] == [Share(1, 2), euro(500), Share(6000, 18000, "EUR")]
    assert [row[0] for row in plans] == ["Monthly and yearly", "Monthly"]


def test_the_ten_largest_and_one_percent_rounded_up_are_a_share_of_all() -> None:
    for minor in range(100, 1300, 100):
        begun(amount_minor=minor)
    tops, plans = cells(concentration.build(in_september()))
    # 1 + 2 + ... + 12 = 78 a month, of which the two smallest are 3 and the largest 12.
    assert [row[2:] for row in tops] == [
        [10, 12, euro(7500), Share(90000, 93600, "EUR")],
        [1, 12, euro(1200), Share(14400, 93600, "EUR")],
    ]
    assert plans[0] == ["Monthly", "EUR", euro(7800), Share(93600, 93600, "EUR")]


@pytest.mark.parametrize(
    ("offered", "shown"), [(("EUR", "USD", "UAH"), "EUR"), (("GBP", "EUR"), "USD")]
)
def test_the_chart_is_of_the_newsrooms_currency_or_of_most_people_and_not_of_the_largest_number(
    app: Flask,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    offered: tuple[str, ...],
    shown: str,
) -> None:
    begun(amount_minor=500)
    for _person in range(2):
        begun(amount_minor=700, currency="USD")
    begun(amount_minor=90000, currency="UAH")
    own = settings.model_copy(update={"currencies": offered})
    monkeypatch.setitem(app.extensions, "settings", own)
    chart = movements.build(asked()).chart
    assert chart is not None
    assert chart.currency == shown


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("key", ["", "2026-08", "2026-08-01:EUR:nobody", "2031-01-01:EUR:start"])
def test_a_key_that_was_never_given_out_has_no_list(report: Report, key: str) -> None:
    assert report.listed is not None
    with pytest.raises(KeyError):
        report.listed(asked(), key)
