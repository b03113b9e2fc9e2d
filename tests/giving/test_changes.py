"""Wishes: what is asked of Stripe, what is kept, and what cannot be asked as a pledge stands."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.giving import pledges
from app.giving.models import Pledge, PledgeChange
from app.giving.rules import AmountOutOfRange, ChangeKind, Interval, LeaveReason
from app.giving.wishes import changes
from app.giving.wishes.changes import Asker, NotPossible
from app.letters.models import Letter
from app.money import Money
from app.payments.facts import Card, Ending, PledgeSeen, Reading, Standing
from app.payments.gateway import GatewayError, GatewayUnavailable
from app.payments.orders import Terms
from config.settings import Settings
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeGateway
from tests.giving.facts import seen

NOW = datetime(2026, 8, 20, 9, 0, tzinfo=UTC)
PAID_UNTIL = datetime(2026, 9, 14, 10, 30, tzinfo=UTC)
EURO_10 = Money(1000, "EUR")


def a_running(**over: Any) -> Pledge:
    """A pledge of five euro a month, paid to 14 September."""
    return a_pledge(a_reader(), **({"paid_until": PAID_UNTIL} | over))


def asker(pledge: Pledge) -> Asker:
    return Asker(pledge.account_id)


def answers(gateway: FakeGateway, pledge: Pledge, **over: Any) -> PledgeSeen:
    """Lay down what Stripe says of a pledge once it was asked."""
    fact = seen(pledge, **({"seen_at": NOW, "paid_until": PAID_UNTIL} | over))
    gateway.readings[pledge.stripe_subscription_id or ""] = Reading((fact,))
    return fact


def kinds_of_letters() -> list[str]:
    return sorted(db.session.scalars(select(Letter.kind)))


def the_change() -> PledgeChange:
    return db.session.scalars(select(PledgeChange)).one()


def test_another_amount_is_asked_for_with_its_cover_and_confirmed(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_running()
    amount, cover = changes.with_cover(EURO_10, covers=True)
    answers(gateway, pledge, amount=amount, cover_minor=cover, next_payment_at=PAID_UNTIL)
    changes.set_terms(
        pledge.id, amount, Interval.MONTH, asker(pledge), gateway, cover_minor=cover, now=NOW
    )
    change = the_change()
    ((act, _subscription, how),) = gateway.acts
    assert act == "change_terms"
    assert how == {"terms": Terms(amount, "month", cover), "change_id": str(change.id)}
    assert (change.kind, change.amount_before, change.amount_after) == ("amount", 500, amount.minor)
    assert change.applied_at == NOW
    assert (pledge.amount, pledge.cover_minor) == (amount, cover)
    assert pledge.next_payment_at == PAID_UNTIL
    assert kinds_of_letters() == ["pledge_changed"]


def test_another_period_is_a_change_of_its_own_kind(app: Flask, gateway: FakeGateway) -> None:
    pledge = a_running()
    yearly = Money(5000, "EUR")
    answers(gateway, pledge, amount=yearly, interval="year", next_payment_at=PAID_UNTIL)
    changes.set_terms(pledge.id, yearly, Interval.YEAR, asker(pledge), gateway, now=NOW)
    assert the_change().kind == "interval"
    assert (pledge.interval, pledge.amount) == ("year", yearly)


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        (Money(500, "EUR"), NotPossible),
        (Money(1000, "USD"), NotPossible),
        (Money(100, "EUR"), AmountOutOfRange),
    ],
)
def test_terms_that_cannot_be_are_not_asked_for(
    app: Flask, gateway: FakeGateway, amount: Money, refusal: type[Exception]
) -> None:
    pledge = a_running()
    with pytest.raises(refusal):
        changes.set_terms(pledge.id, amount, Interval.MONTH, asker(pledge), gateway, now=NOW)
    assert gateway.acts == []
    db.session.rollback()
    assert db.session.scalars(select(PledgeChange)).all() == []


def test_a_pause_counts_from_the_next_payment(app: Flask, gateway: FakeGateway) -> None:
    pledge = a_running()
    back = datetime(2026, 12, 14, 10, 30, tzinfo=UTC)
    answers(gateway, pledge, standing=Standing.PAUSED, resumes_at=back, next_payment_at=back)
    changes.pause(pledge.id, 3, asker(pledge), gateway, now=NOW)
    assert gateway.acts[0][2]["resumes_at"] == back
    assert (pledge.status, pledge.resumes_at) == ("paused", back)
    assert kinds_of_letters() == ["pledge_paused"]


def test_a_paused_patron_votes_to_the_end_of_what_is_paid_or_as_the_newsroom_says(
    app: Flask, settings: Settings
) -> None:
    pledge = a_running(status="paused")
    after = PAID_UNTIL + timedelta(days=1)
    assert pledges.is_patron(pledge.account_id, NOW)
    assert not pledges.is_patron(pledge.account_id, after)
    generous = settings.model_copy(update={"vote_while_paused": "whole_pause"})
    app.extensions["settings"] = generous
    try:
        assert pledges.is_patron(pledge.account_id, after)
    finally:
        app.extensions["settings"] = settings


def test_a_pause_ended_early_is_confirmed_and_one_that_ends_on_its_day_is_not(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_running(status="paused")
    pledge.resumes_at = datetime(2026, 12, 14, 10, 30, tzinfo=UTC)
    db.session.commit()
    answers(gateway, pledge, next_payment_at=PAID_UNTIL)
    changes.resume(pledge.id, asker(pledge), gateway, now=NOW)
    assert gateway.acts[0][2]["paid_until"] == PAID_UNTIL
    assert kinds_of_letters() == ["pledge_resumed"]
    pledge.status, pledge.resumes_at = "paused", datetime(2026, 12, 14, 10, 30, tzinfo=UTC)
    pledges.apply(seen(pledge, seen_at=pledge.resumes_at - timedelta(hours=12)), now=NOW)
    db.session.commit()
    assert kinds_of_letters() == ["pledge_resumed"]


@pytest.mark.parametrize(
    ("over", "at_once", "act"),
    [
        ({}, False, "end_at"),
        ({}, True, "end_now"),
        ({"status": "paused"}, False, "end_at"),
        ({"status": "paused", "paid_until": NOW - timedelta(days=3)}, False, "end_now"),
        ({"paid_until": NOW - timedelta(hours=1)}, False, "end_now"),
    ],
)
def test_leaving_lasts_as_long_as_is_paid(
    app: Flask, gateway: FakeGateway, over: dict[str, Any], at_once: bool, act: str
) -> None:
    pledge = a_running(**over)
    changes.leave(
        pledge.id,
        asker(pledge),
        gateway,
        at_once=at_once,
        reason=LeaveReason.CONTENT,
        comment="Too little on climate.",
        now=NOW,
    )
    ((asked, _subscription, how),) = gateway.acts
    assert (asked, how["why"]) == (act, "content")
    assert (the_change().reason, the_change().comment) == ("content", "Too little on climate.")


def test_who_has_left_may_stay_or_go_at_once_and_each_is_confirmed(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_running()
    answers(gateway, pledge, ends_at=PAID_UNTIL)
    changes.leave(pledge.id, asker(pledge), gateway, now=NOW)
    assert changes.possible(pledge, NOW) == {ChangeKind.STAY, ChangeKind.LEAVE_NOW}
    answers(gateway, pledge, seen_at=NOW + timedelta(minutes=1))
    changes.stay(pledge.id, asker(pledge), gateway, now=NOW)
    assert pledge.ends_at is None
    answers(gateway, pledge, ends_at=PAID_UNTIL, seen_at=NOW + timedelta(minutes=2))
    changes.leave(pledge.id, asker(pledge), gateway, now=NOW)
    ended = {"ended_at": NOW, "ending": Ending.BY_WISH, "seen_at": NOW + timedelta(minutes=3)}
    answers(gateway, pledge, standing=Standing.ENDED, **ended)
    changes.leave(pledge.id, asker(pledge), gateway, at_once=True, now=NOW)
    assert (pledge.status, pledge.end_reason, pledge.ends_at) == ("ended", "left", None)
    assert kinds_of_letters() == ["pledge_ending"] * 3 + ["pledge_staying"]


def test_leaving_asked_twice_takes_no_paid_day_away(app: Flask, gateway: FakeGateway) -> None:
    pledge = a_running()
    answers(gateway, pledge, ends_at=PAID_UNTIL)
    for _press in range(2):
        left = changes.leave(pledge.id, asker(pledge), gateway, now=NOW)
        assert (left.status, left.ends_at) == ("active", PAID_UNTIL)
    assert [act for act, _subject, _how in gateway.acts] == ["end_at"]


@pytest.mark.parametrize("refusal", [GatewayUnavailable, GatewayError])
@pytest.mark.parametrize("kind", ["terms", "pause", "resume", "leave", "leave_now", "stay"])
def test_what_stripe_did_not_do_is_kept_as_a_wish_and_never_done_later(
    app: Flask, gateway: FakeGateway, kind: str, refusal: type[GatewayError]
) -> None:
    pledge = a_running(status="paused" if kind == "resume" else "active")
    if kind == "stay":
        pledge.ends_at = PAID_UNTIL
        db.session.commit()
    before = (pledge.status, pledge.amount, pledge.ends_at)
    gateway.down = refusal is GatewayUnavailable
    gateway.refuses = {"change_terms", "pause", "resume", "end_at", "end_now", "keep"}
    who = asker(pledge)
    acts = {
        "terms": lambda: changes.set_terms(
            pledge.id, EURO_10, Interval.MONTH, who, gateway, now=NOW
        ),
        "pause": lambda: changes.pause(pledge.id, 1, who, gateway, now=NOW),
        "resume": lambda: changes.resume(pledge.id, who, gateway, now=NOW),
        "leave": lambda: changes.leave(pledge.id, who, gateway, now=NOW),
        "leave_now": lambda: changes.leave(pledge.id, who, gateway, at_once=True, now=NOW),
        "stay": lambda: changes.stay(pledge.id, who, gateway, now=NOW),
    }
    with pytest.raises(refusal):
        acts[kind]()
    assert (the_change().applied_at, the_change().due_at) == (None, None)
    assert (pledge.status, pledge.amount, pledge.ends_at) == before
    assert kinds_of_letters() == []


def test_a_pledge_that_ended_meanwhile_is_not_changed(app: Flask, gateway: FakeGateway) -> None:
    pledge = a_running()
    ended = {"standing": Standing.ENDED, "ended_at": NOW, "ending": Ending.UNPAID}
    answers(gateway, pledge, **ended)
    with pytest.raises(NotPossible):
        changes.pause(pledge.id, 1, asker(pledge), gateway, now=NOW)
    assert pledge.status == "lapsed"


def test_what_is_owed_by_rule_is_carried_out_once_and_ends_as_disputed(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_running()
    change = PledgeChange(
        pledge_id=pledge.id,
        kind=ChangeKind.LEAVE_NOW,
        via="rule",
        asked_at=NOW,
        due_at=NOW,
        amount_before=500,
        interval_before="month",
    )
    db.session.add(change)
    db.session.commit()
    gateway.down = True
    changes.carry_out(change.id, gateway, now=NOW)
    assert change.due_at is not None
    gateway.down = False
    answers(gateway, pledge, standing=Standing.ENDED, ended_at=NOW, ending=Ending.BY_WISH)
    changes.carry_out(change.id, gateway, now=NOW)
    changes.carry_out(change.id, gateway, now=NOW)
    assert len(gateway.ended) == 1
    assert (the_change().due_at, the_change().applied_at) == (None, NOW)
    assert (pledge.status, pledge.end_reason) == ("lapsed", "disputed")


POSSIBLE = [
    ({}, "amount interval pause leave leave_now"),
    ({"status": "paused"}, "amount resume leave leave_now"),
    ({"status": "past_due"}, "amount leave_now"),
    ({"status": "pending", "started_at": None}, ""),
    ({"status": "lapsed"}, ""),
    ({"status": "ended"}, ""),
]


@pytest.mark.parametrize(("over", "kinds"), POSSIBLE)
def test_what_may_be_asked_follows_from_how_a_pledge_stands(
    app: Flask, over: dict[str, Any], kinds: str
) -> None:
    pledge = a_running(**over)
    assert changes.possible(pledge, NOW) == set(map(ChangeKind, kinds.split()))


def test_the_card_that_will_be_charged_is_known(app: Flask) -> None:
    pledge = a_running()
    pledges.apply(seen(pledge, card=Card("visa", "4242", 2030, 8)), now=NOW)
    assert (pledge.card_last4, pledge.card_exp_year, pledge.card_exp_month) == ("4242", 2030, 8)
    pledges.apply(seen(pledge), now=NOW)
    assert pledge.card_last4 is None
