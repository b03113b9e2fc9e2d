"""Renewals: of the years that ended, which were paid again in time, by hand and by a recount."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from app.current import settings, zone
from app.extensions import db
from app.giving.models import Adjustment, Donation, Pledge, PledgeChange
from app.money import Money
from app.reports import months
from app.reports.figures import renewals
from app.reports.rollups import following, mode, yearly_days
from app.reports.rollups.yearly_gifts import Came
from app.reports.shape import Share
from tests.builders import a_pledge, a_reader
from tests.reports.entries import a_donation
from tests.reports.lives import DAY, NOW, asked, cells, opened, plain
from tests.reports.test_cash import moved

MARCH = datetime(2025, 3, 10, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def a_year(at: datetime = MARCH, again: datetime | None = None, why: str | None = None) -> Donation:
    """A yearly payment, the one that followed it, and why its pledge ended."""
    pledge = a_pledge(a_reader(), interval="year", started_at=at)
    first = a_donation(a_reader(), at=at, minor=6000, pledge=pledge)
    if again:
        a_donation(a_reader(), at=again, minor=6000, pledge=pledge)
    if why:
        pledge.status, pledge.ended_at, pledge.end_reason = "ended", at + YEAR, why
        db.session.commit()
    return first


def test_a_year_is_renewed_by_a_payment_within_the_days_of_grace() -> None:
    grace = settings().grace_days
    a_year(again=MARCH + YEAR)
    a_year(again=MARCH + YEAR + grace * DAY)
    a_year(again=MARCH + YEAR + (grace + 1) * DAY)
    a_year(why="left")
    a_year(why="unpaid")
    moved(a_year(), "refund", MARCH + DAY, -6000)
    a_year(NOW - YEAR - DAY)
    answer = renewals.build(asked("2026-03", "2026-08"))
    march, *others, august = cells(answer)[0]
    assert march == ["March 2026", 5, 2, 1, 1, 1, 0, Share(2, 5)]
    assert all(row[1] == 0 for row in others)
    assert august == ["August 2026", 1, 0, 0, 0, 0, 1, Share(0, 0)]
    assert [plain(figure.values[0]) for figure in answer.figures] == [Share(2, 5), 6, 1]
    (yes, *_no) = renewals.listed(asked("2026-03", "2026-08"), "2026-03-01:renewed").rows.each()
    assert yes[2] == Money(6000, "EUR")


@pytest.mark.parametrize("key", ["", "a:b", "2026-03-01:kept", "2031-01-01:renewed", "all:a:b"])
def test_a_key_that_was_never_given_out_has_no_list(key: str) -> None:
    with pytest.raises(KeyError):
        renewals.listed(asked(), key)


@pytest.mark.parametrize("seed", range(3))
def test_every_count_is_what_a_recount_finds_and_lists_have_the_rows(seed: int) -> None:
    chance = Random(seed)
    for _year in range(40):
        at = MARCH - 90 * DAY + chance.random() * 300 * DAY
        late = at + YEAR + chance.randrange(-2, 40) * DAY + timedelta(hours=chance.randrange(24))
        why = chance.choice([None, "left", "unpaid", "disputed", "unknown"])
        again = late if late < NOW and chance.random() < 0.6 else None
        a_year(at, again, None if again else why)
    of = asked()
    slow: Counter[tuple[str, Came]] = Counter()
    for gift in db.session.scalars(select(Donation)).all():
        local = gift.received_at.astimezone(zone())
        ended = local.replace(year=local.year + 1)
        if of.since <= ended < of.until:
            slow[months.first_day(ended, zone()).isoformat(), _came(gift, ended)] += 1
    answer = renewals.build(of)
    with mode.raw():
        assert renewals.build(of) == answer
    assert sum(slow.values()) == plain(answer.figures[1].values[0]) > 5
    for month, row in zip(of.months, cells(answer)[0], strict=True):
        assert row[2:7] == [slow[month.isoformat(), came] for came in Came]
        assert row[1] == sum(row[2:7])
        assert row[7] == Share(row[2], row[1] - row[6])
    for value, rows in opened(renewals.REPORT, of, answer):
        assert len(rows) == plain(value)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_changes_later_the_kept_years_are_those_of_the_raw_rows(seed: int) -> None:
    chance = Random(seed)
    gifts = [a_year(MARCH - 90 * DAY + chance.random() * 300 * DAY) for _year in range(15)]
    of = [asked(), asked("2026-03", "2026-05", "EUR"), asked("2025-01", "2025-06")]
    for _turn in range(15):
        _changed(chance, gifts)
        if chance.random() < 0.5:
            assert following.follow([yearly_days.ROLLUP])
        for one in of:
            answer = renewals.build(one)
            with mode.raw():
                assert renewals.build(one) == answer


def _changed(chance: Random, gifts: list[Donation]) -> None:
    """Something of what comes late or is set right afterwards."""
    gift = chance.choice(gifts)
    pledge = db.session.get_one(Pledge, gift.pledge_id)
    match chance.choice(["again", "ended", "back", "interval"]):
        case "again":
            at = gift.received_at + YEAR + chance.randrange(-30, 30) * DAY
            gifts.append(a_donation(a_reader(), at=min(at, NOW), minor=6000, pledge=pledge))
        case "ended":
            pledge.status, pledge.ended_at = "ended", gift.received_at + YEAR
            pledge.end_reason = chance.choice(["left", "unpaid", "disputed", "unknown"])
        case "back":
            part = chance.choice([-6000, -10])
            if db.session.scalar(select(Adjustment.id).filter_by(donation_id=gift.id)) is None:
                moved(gift, "refund", min(gift.received_at + 3 * DAY, NOW), part)
        case _:
            at, before = gift.received_at + chance.randrange(-5, 5) * DAY, pledge.interval
            pledge.interval = "month" if before == "year" else "year"
            db.session.add(_to_interval(pledge, at, before))
    db.session.commit()


def _to_interval(pledge: Pledge, at: datetime, before: str) -> PledgeChange:
    return PledgeChange(
        pledge_id=pledge.id,
        kind="interval",
        asked_at=at,
        applied_at=at,
        amount_before=6000,
        interval_before=before,
    )


def _came(gift: Donation, ended: datetime) -> Came:
    pledge = db.session.get_one(Pledge, gift.pledge_id)
    later = [
        one.received_at
        for one in db.session.scalars(select(Donation).where(Donation.pledge_id == pledge.id))
        if one.received_at > gift.received_at
    ]
    last = ended + settings().grace_days * DAY
    if later and min(later) <= last:
        return Came.RENEWED
    if last > NOW:
        return Came.OPEN
    words = {"left": Came.LEFT, "unpaid": Came.UNPAID, "disputed": Came.UNPAID}
    return words.get(pledge.end_reason or "", Came.OTHERWISE)
