"""The movement ledger: each change of what recurs is a row, once, dated when it happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Account
from app.current import zone
from app.desk import merging
from app.extensions import db
from app.giving import settlement
from app.giving.books import movement_checks, movements
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import EndReason, MovementKind
from app.money import Money
from app.payments.facts import Ending, Standing
from tests.builders import a_pledge, a_reader, a_staff_member
from tests.giving.facts import AUGUST, MONTH, paid, seen

DAY = timedelta(days=1)
GRACE = timedelta(days=14)


def begun(account: Account | None = None, **over: Any) -> Pledge:
    """A pledge whose first money has come, on the 14th of August."""
    given: dict[str, Any] = {"status": "pending", "started_at": None, "paid_until": AUGUST}
    pledge = a_pledge(account or a_reader(), **(given | over))
    settlement.apply([paid(pledge)], now=AUGUST)
    db.session.commit()
    return pledge


def told(
    pledge: Pledge, standing: Standing = Standing.PAYING, *, at: datetime, **over: Any
) -> None:
    """Apply what Stripe says of a pledge when it is asked at a moment."""
    settlement.apply([seen(pledge, standing, seen_at=at, **over)], now=at)
    db.session.commit()


def moved(pledge: Pledge) -> list[tuple[str, str, int, datetime]]:
    """The movements of a pledge: kind, cause, by how much a year, when."""
    rows: Sequence[PledgeMovement] = db.session.scalars(
        select(PledgeMovement)
        .where(PledgeMovement.pledge_id == pledge.id)
        .order_by(PledgeMovement.at, PledgeMovement.id)
    ).all()
    return [(row.kind, row.cause, row.yearly_minor, row.at) for row in rows]


def test_the_first_money_is_a_new_patron_and_a_renewal_is_nothing(app: Flask) -> None:
    pledge = begun()
    settlement.apply([paid(pledge), paid(pledge, 2)], now=AUGUST + MONTH)
    told(pledge, at=AUGUST + MONTH)
    assert moved(pledge) == [("new", "first_gift", 6000, AUGUST)]


def test_more_and_less_are_rows_by_the_year(app: Flask) -> None:
    pledge = begun()
    told(pledge, at=AUGUST + DAY, amount=Money(800, "EUR"))
    told(pledge, at=AUGUST + 2 * DAY, amount=Money(7000, "EUR"), interval="year")
    assert moved(pledge)[1:] == [
        ("up", "terms", 3600, AUGUST + DAY),
        ("down", "terms", -2600, AUGUST + 2 * DAY),
    ]


def test_a_pause_brings_nothing_and_what_resumes_is_no_new_patron(app: Flask) -> None:
    pledge = begun()
    told(pledge, Standing.PAUSED, at=AUGUST + DAY)
    told(pledge, at=AUGUST + 40 * DAY)
    assert moved(pledge)[1:] == [
        ("paused", "pause", -6000, AUGUST + DAY),
        ("resumed", "resume", 6000, AUGUST + 40 * DAY),
    ]


def test_who_leaves_while_paused_has_left_and_nothing_is_taken_twice(app: Flask) -> None:
    pledge = begun()
    told(pledge, Standing.PAUSED, at=AUGUST + DAY)
    end = {"ended_at": AUGUST + 9 * DAY, "ending": Ending.BY_WISH}
    told(pledge, Standing.ENDED, at=AUGUST + 10 * DAY, **end)
    told(pledge, Standing.ENDED, at=AUGUST + 11 * DAY, **end)
    assert moved(pledge)[2:] == [("left", "left", 0, AUGUST + 9 * DAY)]


@pytest.mark.parametrize(
    ("ending", "kind", "cause"),
    [
        (Ending.BY_WISH, MovementKind.LEFT, EndReason.LEFT),
        (Ending.UNPAID, MovementKind.LAPSED, EndReason.UNPAID),
        (Ending.DISPUTED, MovementKind.LAPSED, EndReason.DISPUTED),
        (Ending.OTHER, MovementKind.ENDED, EndReason.UNKNOWN),
    ],
)
def test_each_end_is_told_apart_and_dated_when_it_was(
    app: Flask, ending: Ending, kind: MovementKind, cause: EndReason
) -> None:
    pledge = begun()
    told(pledge, Standing.ENDED, at=AUGUST + 10 * DAY, ended_at=AUGUST + 9 * DAY, ending=ending)
    assert moved(pledge)[1:] == [(kind, cause, -6000, AUGUST + 9 * DAY)]


def test_a_grace_that_runs_out_is_a_lapse_and_money_after_it_a_return(app: Flask) -> None:
    pledge = begun()
    due = AUGUST + MONTH
    told(pledge, Standing.PAST_DUE, at=due)
    assert movements.grace_over(now=due + GRACE - DAY) == 0
    assert len(moved(pledge)) == 1
    assert movements.grace_over(now=due + GRACE + DAY) == 1
    assert movements.grace_over(now=due + GRACE + DAY) == 0
    told(pledge, at=due + 20 * DAY)
    assert moved(pledge)[1:] == [
        ("lapsed", "grace_over", -6000, due + GRACE),
        ("returning", "recovered", 6000, due + 20 * DAY),
    ]


def test_who_comes_back_returns_and_a_second_pledge_is_more_of_the_same_patron(app: Flask) -> None:
    reader = a_reader()
    first, second = begun(reader), begun(reader, amount_minor=200)
    assert moved(second) == [("up", "another_pledge", 2400, AUGUST)]
    end = {"ended_at": AUGUST + DAY, "ending": Ending.BY_WISH}
    told(first, Standing.ENDED, at=AUGUST + DAY, **end)
    assert moved(first)[1:] == [("down", "left", -6000, AUGUST + DAY)]
    told(second, Standing.ENDED, at=AUGUST + 2 * DAY, **(end | {"ended_at": AUGUST + 2 * DAY}))
    assert moved(second)[1:] == [("left", "left", -2400, AUGUST + 2 * DAY)]
    third = a_pledge(reader, status="pending", started_at=None)
    settlement.apply([paid(third, received_at=AUGUST + 50 * DAY)], now=AUGUST + 50 * DAY)
    assert moved(third) == [("returning", "first_gift", 6000, AUGUST + 50 * DAY)]


def test_who_began_and_ended_before_we_knew_came_and_went(app: Flask) -> None:
    pledge = a_pledge(a_reader(), status="pending", started_at=None)
    told(
        pledge,
        Standing.ENDED,
        at=AUGUST + 5 * DAY,
        ended_at=AUGUST + 4 * DAY,
        ending=Ending.BY_WISH,
    )
    assert moved(pledge) == []
    settlement.apply([paid(pledge)], now=AUGUST + 6 * DAY)
    assert moved(pledge) == [
        ("new", "first_gift", 6000, AUGUST),
        ("left", "left", -6000, AUGUST + 4 * DAY),
    ]


def test_money_of_an_earlier_month_sets_the_past_right_and_changes_no_row(app: Flask) -> None:
    pledge = a_pledge(a_reader(), status="pending", started_at=None)
    settlement.apply([paid(pledge, 2)], now=AUGUST + MONTH)
    settlement.apply([paid(pledge, 1)], now=AUGUST + MONTH + DAY)
    settlement.apply([paid(pledge, 1)], now=AUGUST + MONTH + DAY)
    db.session.commit()
    assert moved(pledge) == [
        ("correction", "earlier_gift", 6000, AUGUST),
        ("new", "first_gift", 6000, AUGUST + MONTH),
        ("correction", "earlier_gift", -6000, AUGUST + MONTH),
    ]
    told(pledge, Standing.PAUSED, at=AUGUST + MONTH + 2 * DAY)
    told(pledge, at=AUGUST + MONTH + 3 * DAY)
    assert [kind for kind, *_rest in moved(pledge)][3:] == ["paused", "resumed"]


def test_a_movement_is_never_changed_but_moves_with_a_merged_account(app: Flask) -> None:
    kept, merged = a_reader(), a_reader()
    pledge = begun(merged)
    merging.merge(kept.id, merged.id, by=a_staff_member().id, now=AUGUST)
    (row,) = db.session.scalars(select(PledgeMovement)).all()
    assert (row.account_id, row.pledge_id) == (kept.id, pledge.id)
    for change in ("UPDATE pledge_movement SET yearly_minor = 0", "DELETE FROM pledge_movement"):
        with pytest.raises(DBAPIError, match="added, never changed"):
            db.session.execute(text(change))
        db.session.rollback()


def test_the_nightly_proof_finds_a_pledge_that_was_changed_by_hand_and_sets_it_right(
    app: Flask,
) -> None:
    owner = a_staff_member()
    sound, changed = begun(), begun()
    assert movement_checks.check(now=AUGUST).differing == 0
    changed.amount_minor = 900
    db.session.commit()
    row = movement_checks.check(now=AUGUST + DAY)
    assert (row.pledges, row.differing) == (2, 1)
    (one,) = movement_checks.differing(AUGUST + DAY)
    assert (one.pledge_id, one.entered, one.promised) == (
        changed.id,
        Money(6000, "EUR"),
        Money(10800, "EUR"),
    )
    assert movement_checks.set_right(by=owner.id, now=AUGUST + 2 * DAY) == 1
    assert moved(changed)[1:] == [("correction", "check", 4800, AUGUST + 2 * DAY)]
    assert len(moved(sound)) == 1
    latest = movement_checks.latest()
    assert latest is not None
    assert latest.differing == 0


def test_the_proof_is_made_once_a_night(app: Flask) -> None:
    night = datetime(2026, 8, 14, 2, 30, tzinfo=AUGUST.tzinfo)
    assert movement_checks.due(night, zone())
    movement_checks.check(now=night)
    assert not movement_checks.due(night + timedelta(hours=3), zone())
    assert movement_checks.due(night + DAY, zone())
