"""Erasing people changes no figure: every report says before and after the same to the cent."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select, text

from app.clock import utcnow
from app.current import zone
from app.demo import filling
from app.extensions import db
from app.giving.models import Donation, Pledge
from app.giving.rules import FINAL
from app.payments.facts import Reading
from app.payments.gateway import UnknownObject
from app.privacy import erasing, erasure_books, erasures
from app.privacy.erasure_models import Erasure, ErasureState
from app.reports import asking, catalogue
from app.reports.rollups import catalogue as rollups
from app.reports.rollups import following
from app.reports.shape import Answer
from app.voting.models import Participation
from tests.conftest import _empty
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.gifts import sent
from tests.privacy.people import ledger_sums

#: What tells of money that came and went, also of somebody who still gives when being erased.
MONEY = ("cash", "fees", "returns", "payouts")


@pytest.fixture(scope="module")
def newsroom(application: Flask) -> Iterator[datetime]:
    """The demo newsroom, filled once; the moment it was filled at."""
    with application.app_context():
        _empty()
        application.extensions["redis"].flushall()
        application.extensions["gateway"] = FakeGateway()
        now = utcnow()
        filling.fill(now=now, zone=zone())
        # The database knows by itself how much there is only after a while, and plans badly before.
        db.session.execute(text("ANALYZE"))
        following.follow(rollups.ROLLUPS)
        db.session.execute(text("ANALYZE"))
        db.session.commit()
        yield now
        db.session.remove()


def figures(now: datetime, *names: str) -> dict[str, str]:
    """What each report says of the two years up to last month, names of people apart."""
    following.follow(rollups.ROLLUPS)
    db.session.commit()
    said = {}
    with force_locale("en"):
        for report in catalogue.REPORTS:
            if names and report.name not in names:
                continue
            first, last = now - timedelta(days=730), now.replace(day=1) - timedelta(days=1)
            words = {"from": f"{first:%Y-%m}", "to": f"{last:%Y-%m}"}
            answer = report.build(asking.read(report, words, now, zone()))
            said[report.name] = re.sub(r"Person\([^)]*\)", "Person", repr(_written(answer)))
        db.session.rollback()
    return said


def _written(answer: Answer) -> Answer:
    """The same with every row of its tables, some of which are made when they are read."""
    tables = [replace(table, rows=[list(row) for row in table.rows]) for table in answer.tables]
    return replace(answer, tables=tables)


def givers(*, live: bool) -> list[int]:
    """People with several gifts and votes, whose pledges all ended or one of whose goes on."""
    going_on = select(Pledge.account_id).where(
        Pledge.started_at.is_not(None), Pledge.status.not_in(FINAL)
    )
    which = Donation.account_id.in_(going_on) if live else Donation.account_id.not_in(going_on)
    voted = select(Participation.account_id)
    gone = select(Erasure.account_id)
    return list(
        db.session.scalars(
            select(Donation.account_id)
            .where(which, Donation.account_id.in_(voted), Donation.account_id.not_in(gone))
            .group_by(Donation.account_id)
            .order_by(func.count().desc(), Donation.account_id)
            .limit(3)
        )
    )


def erased(account_ids: list[int]) -> None:
    """Erase people to the end."""
    for account_id in account_ids:
        erasure = erasures.ask(account_id, now=utcnow())
        erasures.confirm(erasure.id, now=utcnow())
        later, gateway = utcnow() + timedelta(days=8), _Forgetful()
        erasing.carry_out(erasure.id, gateway, now=later)
        sent(FakeMailer(), "erasure_done")
        erasing.carry_out(erasure.id, gateway, now=later)
        assert erasures.find(erasure.id).state == ErasureState.DONE


class _Forgetful(FakeGateway):
    """A provider that never had what the demo made up."""

    def end_now(self, subscription_id: str, why: str | None = None) -> Reading:
        raise UnknownObject(subscription_id)


def test_no_report_says_anything_else_once_people_who_had_left_are_erased(
    newsroom: datetime,
) -> None:
    left = givers(live=False)
    assert len(left) == 3
    before, ledger = figures(newsroom), ledger_sums()
    erased(left)
    assert ledger_sums() == ledger
    after = figures(newsroom)
    # Letters that were not sent yet are called off, and this report counts letters.
    assert {name for name in after if after[name] != before[name]} <= {"letters"}


def test_no_money_is_other_than_it_was_once_people_who_still_gave_are_erased(
    newsroom: datetime,
) -> None:
    live = givers(live=True)
    assert len(live) == 3
    before, ledger = figures(newsroom, *MONEY), ledger_sums()
    assert set(before) == set(MONEY)
    erased(live)
    assert ledger_sums() == ledger
    assert figures(newsroom, *MONEY) == before


def test_no_figure_changes_when_the_books_need_their_gifts_no_longer(newsroom: datetime) -> None:
    erased(givers(live=False))
    before, ledger = figures(newsroom), ledger_sums()
    later = newsroom + timedelta(days=366 * 12)
    gone = select(Erasure.account_id).where(Erasure.state == ErasureState.DONE.value)
    theirs = select(func.count()).select_from(Donation).where(Donation.account_id.in_(gone))
    assert erasure_books.cut(now=newsroom) == 0
    assert erasure_books.cut(now=later) == db.session.scalar(theirs)
    assert erasure_books.cut(now=later) == 0
    assert ledger_sums() == ledger
    assert figures(newsroom) == before
    for gift in db.session.scalars(select(Donation).where(Donation.account_id.in_(gone))):
        db.session.refresh(gift)
        ids = (gift.stripe_charge_id, gift.stripe_invoice_id, gift.stripe_payment_intent_id)
        assert all(one is None or one.startswith("erased:") for one in ids)
        assert gift.card_last4 is None or gift.card_last4.startswith("x")
    pledges = db.session.scalars(
        select(Pledge.stripe_subscription_id).where(Pledge.account_id.in_(gone))
    ).all()
    assert set(pledges) <= {None}


def test_gifts_are_kept_for_whole_years_of_the_newsroom(newsroom: datetime) -> None:
    new_years_eve = datetime(2036, 12, 31, 12, tzinfo=UTC)
    assert erasure_books.kept_since(new_years_eve).astimezone(zone()).year == 2026
    a_day_later = erasure_books.kept_since(new_years_eve + timedelta(days=1))
    assert a_day_later.astimezone(zone()).year == 2027
