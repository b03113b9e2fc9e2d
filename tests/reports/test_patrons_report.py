"""Patrons and churn: by hand for small cases, and against a slow recount of random lives."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.current import zone
from app.extensions import db
from app.giving.models import Pledge
from app.giving.rules import Interval
from app.reports import months
from app.reports.figures import churn, patrons
from app.reports.shape import Asked, Share
from app.reports.spans import Why
from tests.builders import a_pledge, a_reader
from tests.reports.lives import DAY, NOW, asked, cells, live, opened, plain

GRACE = timedelta(days=14)
MAY = datetime(2026, 5, 10, 12, tzinfo=UTC)
WHY = {"left": "wish", "unpaid": "payment", "disputed": "payment", "paused": "paused"}


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def ended(pledge: Pledge, at: datetime, reason: str = "left") -> None:
    pledge.status, pledge.ended_at, pledge.end_reason = "ended", at, reason
    db.session.commit()


def test_a_patron_is_counted_once_however_many_pledges_stand() -> None:
    reader = a_reader()
    first = a_pledge(reader, started_at=MAY)
    a_pledge(reader, started_at=MAY + DAY)
    ended(first, MAY + 2 * DAY)
    (table,) = cells(patrons.build(asked("2026-05", "2026-06")))
    # Start, new, returned, four ways out, end: the second pledge goes on, so nobody has left.
    assert table == [["May 2026", 0, 1, 0, 0, 0, 0, 0, 1], ["June 2026", 1, 0, 0, 0, 0, 0, 0, 1]]


def test_who_leaves_and_comes_back_in_one_month_is_lost_and_returned() -> None:
    reader = a_reader()
    ended(a_pledge(reader, started_at=datetime(2026, 4, 2, tzinfo=UTC)), MAY)
    a_pledge(reader, started_at=MAY + 5 * DAY)
    (table,) = cells(patrons.build(asked("2026-05", "2026-05")))
    assert table == [["May 2026", 1, 0, 1, 1, 0, 0, 0, 1]]
    monthly, yearly = cells(churn.build(asked("2026-05", "2026-05")))
    assert monthly == [
        ["May 2026", 1, 1, 0, 0, 0, 1, Share(1, 1), Share(1, 1), Share(0, 1)],
    ]
    assert yearly == [["May 2026", 0, 0, 0, 0, 0, 0, Share(0, 0), Share(0, 0), Share(0, 0)]]


def test_a_pledge_that_begins_as_another_ends_is_the_same_stay() -> None:
    reader = a_reader()
    ended(a_pledge(reader, started_at=datetime(2026, 4, 2, tzinfo=UTC)), MAY)
    a_pledge(reader, started_at=MAY)
    (table,) = cells(patrons.build(asked("2026-05", "2026-05")))
    assert table == [["May 2026", 1, 0, 0, 0, 0, 0, 0, 1]]


def test_who_joins_and_goes_in_one_month_moves_no_churn() -> None:
    ended(a_pledge(a_reader(), started_at=MAY), MAY + DAY, "unpaid")
    (table,) = cells(patrons.build(asked("2026-05", "2026-05")))
    assert table == [["May 2026", 0, 1, 0, 0, 1, 0, 0, 0]]
    monthly, _yearly = cells(churn.build(asked("2026-05", "2026-05")))
    assert monthly[0][1:7] == [0, 0, 0, 0, 0, 0]


def test_the_churn_of_a_period_leaves_out_the_month_that_runs() -> None:
    for day in (1, 2, 3):
        pledge = a_pledge(a_reader(), started_at=datetime(2026, 6, day, tzinfo=UTC))
        if day < 3:
            ended(pledge, datetime(2026, 6 + day, 9, tzinfo=UTC), "left" if day > 1 else "disputed")
    answer = churn.build(asked("2026-07", "2026-08"))
    # Three stood when July began and one was lost; August is not over.
    assert answer.figures[0].values == [Share(1, 3)]
    assert answer.tables[0].muted == {0, 1}


@pytest.mark.parametrize("report", [patrons.REPORT, churn.REPORT])
@pytest.mark.parametrize("key", ["", "2026-05-01", "2031-01-01:new", "2026-05-01:month:nobody"])
def test_a_key_that_was_never_given_out_has_no_list(report: object, key: str) -> None:
    with pytest.raises(KeyError):
        report.listed(asked(), key)  # type: ignore[attr-defined]


Stay = tuple[datetime, datetime | None, str | None, bool, str]


def _out(pledge: Pledge) -> tuple[datetime | None, str | None]:
    """When and why a pledge ceased to stand, as a person would tell from its row."""
    out, why = _ends(pledge)
    return (out, why) if out is not None and out <= NOW else (None, None)


def _ends(pledge: Pledge) -> tuple[datetime | None, str | None]:
    """The same, also of one whose grace or paid time will only run out."""
    out, why = None, None
    if pledge.ended_at is not None:
        return pledge.ended_at, WHY.get(pledge.end_reason or "", "unknown")
    if pledge.status == "past_due" and pledge.past_due_since is not None:
        out, why = pledge.past_due_since + GRACE, "payment"
    if pledge.status == "paused":
        out, why = pledge.paid_until, "paused"
    return out, why


def stays_of(currency: str | None) -> list[Stay]:
    """Every stay: from when, to when, why over, whether the person's first, the plan."""
    people: dict[int, list[Pledge]] = {}
    for pledge in db.session.scalars(select(Pledge).where(Pledge.started_at.is_not(None))):
        if currency in (None, pledge.currency):
            people.setdefault(pledge.account_id, []).append(pledge)
    found: list[Stay] = []
    for pledges in people.values():
        group: list[Pledge] = []
        count = 0
        for pledge in sorted(pledges, key=lambda one: (one.started_at or NOW, one.id)):
            out = _out(pledge)[0]
            assert pledge.started_at is not None
            if out is not None and out <= pledge.started_at:
                continue
            reach = max(
                (_out(one)[0] or datetime.max.replace(tzinfo=UTC) for one in group), default=None
            )
            if reach is not None and reach < pledge.started_at:
                found.append(_stay(group, count == 0))
                group, count = [], count + 1
            group.append(pledge)
        if group:
            found.append(_stay(group, count == 0))
    return found


def _stay(group: list[Pledge], first: bool) -> Stay:
    far = datetime.max.replace(tzinfo=UTC)
    longest = max(_ends(one)[0] or far for one in group)
    last = min((one for one in group if (_ends(one)[0] or far) == longest), key=lambda one: one.id)
    assert group[0].started_at is not None
    return (group[0].started_at, *_out(last), first, last.interval)


def _bounds(of: Asked) -> list[tuple[datetime, datetime]]:
    return [
        (months.start_of(month, zone()), min(months.start_of(months.following(month), zone()), NOW))
        for month in of.months
    ]


def _within(moment: datetime | None, since: datetime, until: datetime) -> bool:
    return moment is not None and since <= moment < until


def _before(stay: Stay, moment: datetime) -> bool:
    return stay[0] < moment and (stay[1] is None or stay[1] >= moment)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("currency", [None, "EUR"])
def test_every_count_is_what_a_slow_recount_of_random_lives_finds(
    seed: int, currency: str | None
) -> None:
    live(seed)
    of = asked(currency=currency)
    stays = stays_of(currency)
    answer = patrons.build(of)
    (table,) = cells(answer)
    for row, (since, until) in zip(table, _bounds(of), strict=True):
        came = [one for one in stays if _within(one[0], since, until)]
        went = [one for one in stays if _within(one[1], since, until)]
        start = sum(_before(one, since) for one in stays)
        end = sum(_before(one, until) for one in stays)
        new = sum(one[3] for one in came)
        by_why = [sum(one[2] == why for one in went) for why in Why]
        assert row[1:] == [start, new, len(came) - new, *by_why, end]
        assert start + len(came) - len(went) == end
    for value, rows in opened(patrons.REPORT, of, answer):
        assert len(rows) == plain(value)
    totals = [plain(figure.values[0]) for figure in answer.figures]
    assert totals == [table[-1][-1], *(sum(row[place] for row in table) for place in range(2, 8))]

    answer = churn.build(of)
    for plan, rows_ in zip((Interval.MONTH, Interval.YEAR), cells(answer), strict=True):
        for row, (since, until) in zip(rows_, _bounds(of), strict=True):
            stood = [one for one in stays if _before(one, since) and one[4] == plan]
            lost = [one for one in stood if _within(one[1], since, until)]
            by_why = [sum(one[2] == why for one in lost) for why in Why]
            n = len(stood)
            shares = [Share(len(lost), n), Share(by_why[0], n), Share(by_why[1], n)]
            assert row[1:] == [n, *by_why, len(lost), *shares]
    for value, rows in opened(churn.REPORT, of, answer):
        assert len(rows) == plain(value)
