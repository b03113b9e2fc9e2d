"""The made-up newsroom: the same each time, adding up, owing nothing, never over real data."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.accounts.models import Account, Role
from app.demo import filling
from app.extensions import db
from app.giving import pledges
from app.giving.books import movement_checks
from app.giving.models import (
    Checkout,
    Donation,
    DonationFee,
    Pledge,
    PledgeChange,
    PledgeMovement,
    Receipt,
    ReceiptYear,
)
from app.letters.models import Letter
from app.owed import Owed
from app.privacy import erasure_lists, erasure_outside
from app.privacy.erasure_models import ErasureState
from app.topics import lists, proposals
from app.topics.models import Proposal, Seconding, Step, Story
from app.topics.rules import State
from app.voting import rounds, turnouts
from app.voting.models import Ballot, Participation, Round, RoundStatus
from config.settings import Environment, Settings
from tests.conftest import _empty

KYIV = ZoneInfo("Europe/Kyiv")
#: After a winter and a summer time, and before today, so that past rounds are past.
MARCH = datetime(2026, 3, 18, 7, 30, tzinfo=UTC)
#: Everything but accounts' sealed secrets and the rounds, whose secrets are drawn anew.
TOLD = (
    *(
        Checkout,
        Pledge,
        PledgeChange,
        Donation,
        DonationFee,
        Receipt,
        ReceiptYear,
        Letter,
        Participation,
    ),
    *(Proposal, Seconding, Step, Story, PledgeMovement),
)


def _rows(model: type[Any]) -> list[tuple[Any, ...]]:
    columns = model.__table__.columns
    return sorted(map(tuple, db.session.execute(select(*columns)).all()), key=repr)


def _everything() -> dict[str, Any]:
    told: dict[str, Any] = {model.__tablename__: _rows(model) for model in TOLD}
    told["accounts"] = db.session.execute(
        select(Account.email, Account.name, Account.role, Account.created_at).order_by(Account.id)
    ).all()
    told["choices"] = sorted(
        map(tuple, db.session.execute(select(Ballot.round_id, Ballot.choices)).all()), key=repr
    )
    return told


def test_the_same_day_is_filled_with_the_same_newsroom_twice(app: Flask) -> None:
    filling.fill(now=MARCH, zone=KYIV)
    first = _everything()
    db.session.remove()
    _empty()
    filling.fill(now=MARCH, zone=KYIV)

    assert _everything() == first


def test_the_newsroom_adds_up_and_owes_nothing(app: Flask) -> None:
    made = filling.fill(now=MARCH, zone=KYIV)

    patrons = db.session.scalar(
        select(func.count(Pledge.account_id.distinct())).where(pledges.standing_at(MARCH))
    )
    assert patrons is not None
    assert 350 <= patrons <= 450
    assert made.donations == db.session.scalar(select(func.count()).select_from(Donation))
    for year, last in db.session.execute(select(ReceiptYear.year, ReceiptYear.last_number)):
        numbered = db.session.execute(
            select(Receipt.number, Donation.received_at)
            .join(Donation)
            .where(Receipt.year == year)
            .order_by(Receipt.number)
        ).all()
        assert [row.number for row in numbered] == list(range(1, last + 1))
        assert [row.received_at for row in numbered] == sorted(row.received_at for row in numbered)
    sent = select(func.count()).where(Letter.kind == "receipt", Letter.sent_at.is_not(None))
    assert db.session.scalar(sent) == made.donations
    assert db.session.scalar(select(func.count()).select_from(DonationFee)) == made.donations
    assert all(net > 0 for net in db.session.scalars(select(DonationFee.net_minor)))
    owed: type[Owed]
    for owed in (Donation, Letter):
        due = select(func.count()).where(owed.due_at.is_not(None), ~owed.given_up())
        assert db.session.scalar(due) == 0
    assert all(at < MARCH for at in db.session.scalars(select(Donation.received_at)))
    assert set(db.session.scalars(select(Donation.currency).distinct())) == {"EUR", "UAH"}


def test_the_history_has_leavers_lapses_returns_and_raised_gifts(app: Flask) -> None:
    filling.fill(now=MARCH, zone=KYIV)

    reasons = set(db.session.scalars(select(Pledge.end_reason).distinct()))
    assert {"left", "unpaid"} <= reasons
    assert db.session.scalar(
        select(func.count()).where(Pledge.status == "past_due").select_from(Pledge)
    )
    returned = (
        select(Pledge.account_id).group_by(Pledge.account_id).having(func.count() > 1).subquery()
    )
    assert db.session.scalar(select(func.count()).select_from(returned))
    changed = (
        select(Donation.pledge_id)
        .where(Donation.pledge_id.is_not(None))
        .group_by(Donation.pledge_id)
        .having(func.count(Donation.amount_minor.distinct()) > 1)
        .subquery()
    )
    assert db.session.scalar(select(func.count()).select_from(changed))
    assert set(db.session.scalars(select(Pledge.interval).distinct())) == {"month", "year"}


def test_some_said_why_they_leave_and_some_stayed_after_all(app: Flask) -> None:
    filling.fill(now=MARCH, zone=KYIV)

    asked = db.session.execute(
        select(PledgeChange, Pledge).join(Pledge, Pledge.id == PledgeChange.pledge_id)
    ).all()
    assert {change.kind for change, _pledge in asked} == {"leave", "stay", "amount"}
    assert {None, "too_expensive"} <= {change.reason for change, _pledge in asked}
    for change, pledge in asked:
        assert pledge.started_at is not None
        assert pledge.started_at <= change.asked_at < MARCH
        assert pledge.ended_at is None or change.asked_at <= pledge.ended_at
        assert change.due_at is None


def test_six_rounds_are_counted_and_one_is_open(app: Flask) -> None:
    filling.fill(now=MARCH, zone=KYIV)

    states = db.session.scalars(select(Round.status).order_by(Round.closes_at)).all()
    assert states == [RoundStatus.PUBLISHED] * 6 + [RoundStatus.OPEN]
    counted = db.session.scalars(select(Round).where(Round.status == RoundStatus.PUBLISHED)).all()
    assert all(round_.shredded_at is not None and round_.due_at is None for round_ in counted)
    current = rounds.current(MARCH)
    assert current is not None
    assert len(current.topics) == 8
    turnout = turnouts.turnout(current.id, now=MARCH)
    assert 0 < turnout.voted < turnout.eligible


def test_staff_have_every_role_and_a_second_factor(app: Flask) -> None:
    filling.fill(now=MARCH, zone=KYIV)

    staff = db.session.scalars(select(Account).where(Account.role.is_not(None))).all()
    assert {account.role for account in staff} == set(Role)
    assert all(account.totp_sealed for account in staff)


def test_a_database_that_holds_accounts_is_refused_in_one_sentence(app: Flask) -> None:
    runner = app.test_cli_runner()
    first = runner.invoke(args=["demo", "fill"])
    assert first.exit_code == 0, first.output
    assert "editor@newsroom.example" in first.output

    again = runner.invoke(args=["demo", "fill"])

    assert again.exit_code == 1
    assert again.output.strip().count("\n") == 0
    assert "only an empty one" in again.output


def test_production_is_refused(app: Flask, settings: Settings) -> None:
    real = settings.model_copy(update={"environment": Environment.PRODUCTION})
    with create_app(real).app_context(), pytest.raises(filling.NotHere):
        filling.fill(now=MARCH, zone=KYIV)


def test_patrons_have_suggested_topics_and_some_are_ready_for_a_vote(app: Flask) -> None:
    filling.fill(now=MARCH, zone=KYIV)

    assert len(proposals.shortlist()) == 5
    kept = proposals.shortlist()[0]
    assert len(proposals.proposers(kept.id)) == 2, "what was joined with it has its own author"
    counts = lists.counts()
    assert all(counts[state] for state in State if state is not State.CHOSEN)
    last = db.session.scalar(select(func.max(Step.at)))
    assert last is not None
    assert last < MARCH


def test_the_movements_add_up_to_what_the_pledges_promise(app: Flask) -> None:
    filling.fill(now=MARCH, zone=KYIV)
    assert movement_checks.differing(MARCH) == []


def test_one_supporter_has_asked_to_be_erased_and_one_is_nobody_now(app: Flask) -> None:
    filling.fill(now=MARCH, zone=KYIV)

    asked, done = erasure_lists.latest(limit=9)
    assert (asked.state, done.state) == (ErasureState.ASKED, ErasureState.DONE)
    gone = db.session.get_one(Account, done.account_id)
    assert gone.is_erased
    assert gone.name == ""
    names = select(Receipt.donor_name).join(Donation).where(Donation.account_id == gone.id)
    assert set(db.session.scalars(names)) == {""}
    assert erasure_outside.came_late(now=MARCH) == [], "nothing of it is asked of Stripe"
