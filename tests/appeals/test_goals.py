"""Goals: how far they are by pledges and the ledger, and never better than that."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.appeals import goals, progress
from app.appeals.goals import Terms
from app.appeals.models import Goal
from app.appeals.rules import GoalKind
from app.clock import utcnow
from app.extensions import db
from app.giving import settlement
from app.giving.books import movements
from app.giving.models import Pledge
from app.payments.facts import MovementKind
from tests.appeals.wordings import AUGUST
from tests.builders import a_pledge, a_reader, a_staff_member, signed_in
from tests.giving.facts import moved, paid, refunded

#: The day after the last one of a goal that ended.
SEPTEMBER = AUGUST + timedelta(days=30)
OVER = (SEPTEMBER - timedelta(days=1)).date()


def a_goal(kind: GoalKind = GoalKind.PATRONS, target: int = 10, **over: Any) -> Goal:
    """A goal that is shown."""
    if kind is not GoalKind.PATRONS:
        over = {"currency": "EUR"} | over
    if kind is GoalKind.RAISED:
        over = {"starts_on": AUGUST.date()} | over
    terms = Terms({"en": "A fifth reporter"}, kind, target, **over)
    return goals.add(terms, by=a_staff_member().id, now=AUGUST)


def a_giver(who: Account | None = None, **over: Any) -> Pledge:
    """A pledge in standing, of somebody else unless told whose, entered among the movements."""
    pledge = a_pledge(who or a_reader(), **over)
    follow(pledge, AUGUST)
    return pledge


def follow(pledge: Pledge, at: datetime, status: str = "active") -> None:
    """What became of a pledge, as it was seen at a moment."""
    pledge.status, pledge.seen_at = status, at
    movements.follow(pledge, now=at)
    db.session.commit()


def reached(goal: Goal) -> int:
    return progress.reached(goal, now=utcnow()).value


def told(client: FlaskClient, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/embed/goal.json?lang=en&{query}").get_json()
    return found


def test_patrons_are_people_who_give(app: Flask) -> None:
    goal = a_goal()
    who = a_reader()
    a_giver(who)
    a_giver(who, currency="UAH")
    follow(a_giver(), SEPTEMBER, "paused")
    a_pledge(a_reader(), started_at=None, status="pending")
    assert reached(goal) == 1


def test_money_a_month_is_a_twelfth_of_the_year_in_one_currency(app: Flask) -> None:
    goal = a_goal(GoalKind.MONTHLY, 10000)
    a_giver(amount_minor=500)
    a_giver(amount_minor=10000, interval="year")
    a_giver(amount_minor=20000, currency="UAH")
    assert reached(goal) == 500 + 833


@pytest.mark.parametrize("kind", [GoalKind.MONTHLY, GoalKind.PATRONS])
def test_a_paused_pledge_counts_neither_before_the_end_nor_after_it(
    app: Flask, kind: GoalKind
) -> None:
    goal = a_goal(kind, 10000, ends_on=OVER)
    giving, paused, leaving = (a_giver(amount_minor=500) for _one in range(3))
    follow(paused, AUGUST + timedelta(days=3), "paused")
    over = progress.ends(goal)
    assert over is not None
    before, after = over - timedelta(seconds=1), over + timedelta(days=300)
    figures = [progress.reached(goal, now=moment).value for moment in (before, over)]
    assert figures == [2 if kind is GoalKind.PATRONS else 1000] * 2
    # What they do later is of another day.
    follow(leaving, over + timedelta(days=1), "paused")
    follow(paused, over + timedelta(days=2), "active")
    follow(giving, over + timedelta(days=3), "paused")
    assert progress.reached(goal, now=after).value == figures[0]


def test_money_given_is_less_what_went_back_of_it(app: Flask) -> None:
    goal = a_goal(GoalKind.RAISED, 10000)
    pledge = a_pledge(a_reader(), amount_minor=2000)
    charge = paid(pledge)
    earlier = paid(
        pledge, received_at=AUGUST - timedelta(days=5), charge_id="ch_1", invoice_id="in_1"
    )
    settlement.apply([charge, earlier], now=AUGUST)
    db.session.commit()
    assert reached(goal) == 2000
    settlement.apply([refunded(charge, 500)], now=AUGUST)
    db.session.commit()
    assert reached(goal) == 1500


def test_what_goes_back_after_the_end_is_not_taken_off_what_was_reached(app: Flask) -> None:
    goal = a_goal(GoalKind.RAISED, 10000, ends_on=OVER)
    charge = paid(a_pledge(a_reader(), amount_minor=2000))
    later = moved(MovementKind.REFUND, -500, happened_at=utcnow())
    settlement.apply([charge, refunded(charge, 500, movements=(later,))], now=utcnow())
    db.session.commit()
    assert reached(goal) == 2000


@pytest.mark.parametrize("kind", [GoalKind.MONTHLY, GoalKind.RAISED])
def test_money_in_other_currencies_is_left_out_and_that_is_said(
    client: FlaskClient, app: Flask, kind: GoalKind
) -> None:
    goal = a_goal(kind, 10000)
    staff = signed_in(app.test_client(), a_staff_member())

    def give(**over: Any) -> None:
        pledge = a_giver(amount_minor=2000, **over)
        settlement.apply([paid(pledge)], now=AUGUST)
        db.session.commit()
        app.extensions["redis"].flushall()

    give()
    assert told(client)["until"] == ""
    assert "other currencies would not be counted; there is none" in staff.get("/staff/goals").text
    give(currency="UAH")
    assert told(client)["until"] == "What is given in other currencies is not counted here."
    assert "other currencies is not counted, and there is some" in staff.get("/staff/goals").text
    assert reached(goal) == 2000


def test_of_patrons_there_is_no_currency_to_speak_of(client: FlaskClient) -> None:
    a_goal()
    a_giver()
    a_giver(currency="UAH")
    assert (told(client)["reached"], told(client)["until"]) == ("2", "")


def test_more_than_was_hoped_for_is_said_as_it_is(client: FlaskClient) -> None:
    a_goal(target=2)
    for _one in range(3):
        a_giver()
    found = told(client)
    assert (found["share"], found["sentence"]) == (150, "3 of 2 patrons")


def test_a_goal_that_is_over_is_shown_as_ended_with_what_was_reached_then(
    client: FlaskClient,
) -> None:
    yesterday = utcnow().date() - timedelta(days=2)
    goal = a_goal(GoalKind.RAISED, 10000, ends_on=yesterday)
    pledge = a_pledge(a_reader(), amount_minor=2000)
    settlement.apply([paid(pledge), paid(pledge, 2, received_at=utcnow())], now=utcnow())
    db.session.commit()
    found = told(client)
    assert found["state"] == "ended"
    assert found["link"] is None
    assert found["until"].startswith("Ended on")
    assert reached(goal) == 2000
    assert found["share"] == 20


def test_the_goal_that_ends_first_is_shown_and_a_page_may_name_another(
    app: Flask, client: FlaskClient
) -> None:
    endless, late = a_goal(target=7), a_goal(target=8, ends_on=date(2100, 1, 2))
    soon = a_goal(target=9, ends_on=date(2100, 1, 1))
    hidden = a_goal(target=6, ends_on=date(2099, 1, 1), is_shown=False)
    over = a_goal(target=5, ends_on=date(2020, 1, 1))
    assert told(client)["target"] == "9"
    for goal in (endless, late, soon, over):
        assert told(client, f"goal={goal.id}")["target"] == str(goal.target)
    assert told(client, f"goal={hidden.id}")["state"] == "none"
    assert told(client, "goal=x")["target"] == "9"


def test_who_asks_for_goal_nought_takes_the_goal_from_no_page(
    app: Flask, client: FlaskClient
) -> None:
    a_goal(target=7)
    assert told(client, "goal=0")["state"] == "none"
    assert told(client)["target"] == "7"
    assert told(client, "goal=0")["state"] == "none"


def test_a_figure_is_kept_for_half_a_minute_and_asked_of_redis_meanwhile(
    app: Flask, client: FlaskClient
) -> None:
    a_goal()
    a_giver()
    assert told(client)["reached"] == "1"
    a_giver()
    assert told(client)["reached"] == "1"
    (name,) = app.extensions["redis"].keys("hromada:goal:*")
    assert 0 < app.extensions["redis"].ttl(name) <= 30
    app.extensions["redis"].delete(name)
    assert told(client)["reached"] == "2"
