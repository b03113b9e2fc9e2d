"""What is kept of money is what the raw rows say, whatever happened and whoever followed it."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Donation, DonationFee, FailedPayment, Pledge, PledgeMovement
from app.reports import catalogue, supporters
from app.reports.rollups import following, mode
from app.reports.rollups.catalogue import ROLLUPS
from app.reports.rollups.kept import Rollup
from app.reports.rollups.movement_days import GiverDay
from app.reports.rollups.tables import RollupStale
from app.reports.supporters import Filter, Question, Sort
from tests.builders import a_patron, a_pledge, a_reader, a_staff_member, signed_in
from tests.reports.entries import a_donation
from tests.reports.keeping import anew, follow, rows
from tests.reports.lives import NOW, asked
from tests.reports.stories import FEW, Story, stories
from tests.reports.test_cash import moved

NAMES = (
    "movement_day",
    "cash_day",
    "failure_day",
    "renewal_day",
    "supporter",
    "yearly_day",
)
KEPT = [one for one in ROLLUPS if one.name in NAMES]
REPORTS = (
    "movements",
    "recurring",
    "revenue-churn",
    "changes",
    "gifts-size",
    "concentration",
    "cash",
    "fees",
    "returns",
    "failed-payments",
)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def _what_happens(chance: random.Random) -> None:
    """Something of what comes late, changes rows, or belongs to an earlier day."""
    pledges = db.session.scalars(
        select(Pledge).where(Pledge.started_at.is_not(None)).order_by(Pledge.started_at)
    ).all()
    pledge = chance.choice(pledges)
    assert pledge.started_at is not None
    at = min(pledge.started_at + timedelta(days=chance.randrange(1, 90)), NOW - timedelta(days=1))
    account = db.session.get_one(Account, pledge.account_id)
    match chance.choice(["gift", "fails", "fee", "back", "merge", "interval", "name"]):
        case "gift":
            a_donation(account, at=at, pledge=pledge, net_minor=chance.choice([470, None]))
        case "fails":
            paid = db.session.scalars(select(Donation).where(Donation.pledge_id == pledge.id)).all()
            invoice = chance.choice([one.stripe_invoice_id for one in paid] or [None])
            db.session.add(_failed(pledge, invoice or f"in_{chance.random()}", at))
        case "fee":
            known = select(DonationFee.donation_id)
            late = select(Donation).where(Donation.id.not_in(known)).order_by(Donation.id).limit(1)
            for gift in db.session.scalars(late):
                db.session.add(_fee(gift))
        case "back":
            for gift in db.session.scalars(select(Donation).order_by(Donation.id).limit(1)):
                moved(gift, "refund", max(at, gift.received_at), -100)
        case "merge":
            other = chance.choice(pledges)
            for row in db.session.scalars(
                select(PledgeMovement).where(PledgeMovement.account_id == other.account_id)
            ):
                row.account_id = pledge.account_id
        case "interval":
            pledge.interval = "year" if pledge.interval == "month" else "month"
        case _:
            account.name = f"Somebody {chance.randrange(99)}"
    db.session.commit()


def _failed(pledge: Pledge, invoice: str, at: Any) -> FailedPayment:
    return FailedPayment(
        pledge_id=pledge.id,
        stripe_invoice_id=invoice,
        attempt=1 + len(db.session.scalars(_attempts(invoice)).all()),
        amount_minor=pledge.amount_minor,
        currency=pledge.currency,
        failed_at=at,
        remedy="wait",
        entered_at=at,
    )


def _attempts(invoice: str) -> Any:
    return select(FailedPayment.id).where(FailedPayment.stripe_invoice_id == invoice)


def _fee(gift: Donation) -> DonationFee:
    return DonationFee(
        donation_id=gift.id,
        fee_minor=40,
        net_minor=gift.amount_minor - 40,
        currency=gift.currency,
        stripe_balance_transaction_id=f"txn_late_{gift.id}",
        entered_at=gift.received_at,
    )


@FEW
@given(story=stories(), chance=st.randoms(use_true_random=False))
def test_each_report_tells_the_same_from_the_raw_rows(story: Story, chance: random.Random) -> None:
    anew(story)
    for _turn in range(12):
        _what_happens(chance)
        if chance.random() < 0.5:
            follow(KEPT)
    for currency in (None, "EUR"):
        of = asked("2026-03", "2026-08", currency)
        for name in REPORTS:
            report = catalogue.named(name)
            kept = report.build(of)
            with mode.raw():
                assert kept == report.build(of), name


@FEW
@given(story=stories(), chance=st.randoms(use_true_random=False))
def test_followed_step_by_step_or_begun_anew_every_rollup_has_the_same_rows(
    story: Story, chance: random.Random
) -> None:
    anew(story)
    for _turn in range(15):
        _what_happens(chance)
        follow(KEPT)
    tables = [table for one in KEPT for table in one.tables]
    before = {table: rows(table) for table in tables}
    assert any(before.values())

    following.begin_anew(KEPT)
    follow(KEPT)

    assert {table: rows(table) for table in tables} == before


@FEW
@given(story=stories(most_people=12))
def test_the_kept_list_of_supporters_is_that_of_the_raw_rows(story: Story) -> None:
    anew(story)
    a_reader(name="Nobody who gives")
    for filter_ in Filter:
        for sort in Sort:
            for text in ("", "atron 1", "РЕЦ", "1"):
                question = Question(text, filter_, sort)
                page = supporters.page(question, 1, now=NOW)
                every = list(supporters.each(question, now=NOW))
                assert page.rows == every[: supporters.PER_PAGE], question
                assert page.total == len(every), question


def test_two_who_follow_at_once_while_gifts_come_lose_none_of_them(app: Flask) -> None:
    patron = a_patron(name="Busy")
    pledge = a_pledge(patron)
    start = threading.Barrier(3)

    def keep_up() -> None:
        with app.app_context():
            start.wait()
            for _turn in range(15):
                following.follow(KEPT)
            db.session.remove()

    def give() -> None:
        with app.app_context():
            start.wait()
            giver = db.session.get_one(Account, patron.id)
            for number in range(30):
                at = utcnow() - timedelta(days=number % 3, hours=1)
                a_donation(giver, at=at, pledge=db.session.get_one(Pledge, pledge.id))
            db.session.remove()

    with ThreadPoolExecutor(3) as threads:
        for done in [threads.submit(one) for one in (keep_up, keep_up, give)]:
            done.result()
    follow(KEPT)

    kept = db.session.scalar(select(func.sum(_cash().count)))
    assert kept == db.session.scalar(select(func.count()).select_from(Donation))
    assert db.session.scalar(select(RollupStale.id).where(RollupStale.rollup.in_(NAMES))) is None


def _cash() -> Any:
    rollup: Rollup = next(one for one in KEPT if one.name == "cash_day")
    return rollup.tables[0]


@FEW
@given(story=stories())
def test_who_gave_how_much_adds_up_to_who_gives(story: Story) -> None:
    anew(story)
    follow(KEPT)
    sums = db.session.execute(
        select(GiverDay.currency, func.sum(GiverDay.people * GiverDay.yearly_minor)).group_by(
            GiverDay.currency
        )
    )
    entered = db.session.execute(
        select(PledgeMovement.currency, func.sum(PledgeMovement.yearly_minor)).group_by(
            PledgeMovement.currency
        )
    )
    assert {code: int(minor) for code, minor in sums if minor} == {
        code: int(minor) for code, minor in entered if minor
    }


def test_a_page_that_cannot_wait_for_an_import_says_since_when_something_is_missing(
    app: Flask, client: FlaskClient
) -> None:
    a_donation(a_reader(), at=NOW, net_minor=470)
    follow(KEPT)
    many = [{"rollup": "cash_day", "key": 96 * day} for day in range(following.FEW + 1)]
    db.session.execute(insert(RollupStale), many)
    db.session.commit()
    signed_in(client, a_staff_member())
    for page in ("/staff", "/staff/reports/cash"):
        assert "Very much has changed since" in client.get(page).text

    follow(KEPT)

    for page in ("/staff", "/staff/reports/cash"):
        assert "Very much has changed since" not in client.get(page).text
