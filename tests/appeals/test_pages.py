"""The pages on which staff write appeals and state goals."""

import html
import json
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEntry, Role
from app.appeals.models import Appeal, Goal
from app.extensions import db
from tests.appeals.wordings import an_appeal
from tests.builders import AUGUST, a_staff_member, signed_in
from tests.pages import send

WRITTEN = {
    "name": "Winter",
    "a_en-headline": "A winter without power",
    "a_en-text": "A generator keeps us writing.",
    "a_uk-headline": "Зима без світла",
    "a_uk-text": "Генератор дає нам писати.",
    "articles": "night-shift\nenergy*",
    "sections": "energy",
    "from_at": "2026-12-01T09:00",
    "until_at": "2027-03-01T09:00",
    "EUR_month": "7 14.50 21",
}


@pytest.fixture
def staff(client: FlaskClient) -> FlaskClient:
    """The browser of who raises money."""
    return signed_in(client, a_staff_member(Role.FUNDRAISER))


def test_an_appeal_is_written_looked_at_and_switched_on(staff: FlaskClient) -> None:
    answer = send(staff, "/staff/appeals/new", **WRITTEN)
    made = db.session.scalars(select(Appeal)).one()
    assert answer.headers["Location"] == f"/staff/appeals/{made.id}/preview"
    assert made.texts["a"]["uk"]["headline"] == "Зима без світла"
    assert "b" not in made.texts
    assert made.amounts == {"EUR": {"month": [700, 1450, 2100]}}
    assert (made.articles, made.sections) == (["night-shift", "energy*"], ["energy"])
    # Nine in the morning in Kyiv.
    assert made.from_at is not None
    assert made.from_at.isoformat().startswith("2026-12-01T07:00")
    assert not made.is_on
    page = staff.get(f"/staff/appeals/{made.id}/preview").text
    given = [
        json.loads(html.unescape(text)) for text in re.findall(r'<data hidden value="(.*?)">', page)
    ]
    assert [(one["lang"], one["variants"][0]["headline"]) for one in given] == [
        ("en", "A winter without power"),
        ("uk", "Зима без світла"),
    ]
    # Whoever looks at it before readers do is no view.
    assert all(one["preview"] for one in given)
    for on in ("yes", ""):
        send(
            staff,
            f"/staff/appeals/{made.id}/switch",
            page=f"/staff/appeals/{made.id}/preview",
            action=f"/staff/appeals/{made.id}/switch",
            on=on,
        )
        db.session.expire_all()
        assert db.session.scalars(select(Appeal.is_on)).one() is (on == "yes")
    acts = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert list(acts) == ["appeal_added", "appeal_switched_on", "appeal_switched_off"]


def test_an_appeal_is_shown_under_its_article_however_either_is_written(staff: FlaskClient) -> None:
    send(staff, "/staff/appeals/new", **WRITTEN | {"articles": "%d1%80%d1%96чка", "sections": ""})
    made = db.session.scalars(select(Appeal)).one()
    assert made.articles == ["річка"]
    made.from_at, made.is_on = AUGUST, True
    db.session.commit()
    for article in ("річка", "%25D1%2580%25D1%2596%25D1%2587%25D0%25BA%25D0%25B0"):
        told = staff.get(f"/embed/appeal.json?lang=en&article={article}").get_json()
        assert told["variants"][0]["headline"] == "A winter without power"


def test_what_stands_in_the_form_is_what_was_written(staff: FlaskClient) -> None:
    send(staff, "/staff/appeals/new", **WRITTEN)
    made = db.session.scalars(select(Appeal)).one()
    page = staff.get(f"/staff/appeals/{made.id}").text
    for said in ("A winter without power", "7 14.50 21", "2026-12-01T09:00", "energy*"):
        assert said in page


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"name": ""}, "Name the appeal"),
        (
            {"a_en-headline": "", "a_en-text": "", "a_uk-headline": "", "a_uk-text": ""},
            "in one lang",
        ),
        ({"a_en-text": ""}, "Write a text too."),
        ({"b_en-headline": "Other", "b_en-text": "Words"}, "write both in the same languages"),
        ({"until_at": "2026-11-30T09:00"}, "It would end before it begins."),
        ({"EUR_month": "many"}, "Type amounts as numbers"),
        ({"EUR_month": "1"}, "Choose an amount from"),
        ({"EUR_month": "5 6 7 8 9"}, "Offer up to 4"),
        ({"sections": "x" * 101}, "Shorten each name"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    staff: FlaskClient, over: dict[str, str], says: str
) -> None:
    answer = send(staff, "/staff/appeals/new", **WRITTEN | over)
    assert answer.status_code == 422
    assert says in answer.text
    assert "Зима" in answer.text or "a_uk-headline" in over
    assert db.session.scalars(select(Appeal)).all() == []


def test_the_list_says_where_each_appeal_stands(staff: FlaskClient) -> None:
    an_appeal("Shown", both=True)
    an_appeal("Hidden", on=False, sections=["energy"])
    page = staff.get("/staff/appeals").text
    for said in ("Shown", "two wordings", "Hidden", "For the sections energy", "The usual words"):
        assert said in page
    assert staff.get("/staff/appeals/usual").status_code == 200
    assert staff.get("/staff/appeals/999").status_code == 404


def test_a_goal_is_stated_and_stated_anew(staff: FlaskClient) -> None:
    money = {"kind": "raised", "target": "2500", "currency": "EUR", "starts_on": "2026-11-01"}
    assert send(staff, "/staff/goals/new", title_en="A car", **money).status_code == 303
    goal = db.session.scalars(select(Goal)).one()
    assert (goal.titles, goal.target, goal.currency) == ({"en": "A car"}, 250000, "EUR")
    page = f"/staff/goals/{goal.id}"
    assert send(staff, page, kind="patrons", target="450", ends_on="2027-01-31").status_code == 303
    db.session.expire_all()
    goal = db.session.scalars(select(Goal)).one()
    assert (goal.kind, goal.target, goal.currency, goal.starts_on) == ("patrons", 450, None, None)
    assert "0 of 450 patrons" in staff.get("/staff/goals").text


@pytest.mark.parametrize(
    "over",
    [
        {"title_en": ""},
        {"target": "many"},
        {"target": "-5"},
        {"kind": "raised"},
        {"kind": "raised", "starts_on": "2026-11-02", "ends_on": "2026-11-01"},
        {"kind": "monthly", "target": "0"},
        {"kind": "else"},
    ],
)
def test_a_goal_that_cannot_be_is_refused(staff: FlaskClient, over: dict[str, str]) -> None:
    whole = {"title_en": "A car", "kind": "patrons", "target": "5"} | over
    assert send(staff, "/staff/goals/new", **whole).status_code == 422
    assert db.session.scalars(select(Goal)).all() == []
