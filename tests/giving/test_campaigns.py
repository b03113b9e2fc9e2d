"""Campaigns as staff state them, through the pages."""

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEntry, Role
from app.extensions import db
from app.giving.models import Campaign
from app.money import Money
from config.settings import Settings
from tests.builders import a_staff_member, signed_in
from tests.pages import form_of, send

WINTER = {
    "name": " Winter  2026 ",
    "starts_on": "2026-12-01",
    "ends_on": "2026-12-31",
    "currency": "EUR",
    "goal": "5 000",
    "cost": "",
}


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    """A fundraiser's browser."""
    return signed_in(client, a_staff_member(Role.FUNDRAISER))


def test_a_campaign_is_stated_changed_and_removed_and_the_log_tells(desk: FlaskClient) -> None:
    assert "No campaign yet" in desk.get("/staff/campaigns").text
    assert send(desk, "/staff/campaigns/new", **WINTER).status_code == 303
    one = db.session.scalars(select(Campaign)).one()
    # As a link's small letters have it.
    assert (one.name, one.starts_on, one.goal) == (
        "winter 2026",
        date(2026, 12, 1),
        Money(500000, "EUR"),
    )
    assert "winter 2026" in desk.get("/staff/campaigns").text
    path, before = f"/staff/campaigns/{one.id}", one.stated_at
    assert form_of(desk.get(path))["goal"] == "5000.00"
    assert send(desk, path, cost="120.50").status_code == 303
    one = db.session.scalars(select(Campaign)).one()
    # A cost that becomes known later states nothing anew.
    assert (one.cost, one.stated_at) == (Money(12050, "EUR"), before)
    send(desk, path, goal="6000")
    assert db.session.scalars(select(Campaign.stated_at)).one() > before
    assert desk.post(f"{path}/remove", data=form_of(desk.get(path))).status_code == 303
    assert desk.get(path).status_code == 404
    acts = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["campaign_stated", "campaign_changed", "campaign_changed", "campaign_removed"]


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"name": " "}, "Write the name as it stands in links."),
        ({"name": "зима-" * 6}, "Write a shorter name: links carry no more of it."),
        ({"starts_on": "tomorrow"}, "Write the day as year, month, day: 2026-08-14."),
        ({"ends_on": "2026-11-30"}, "The last day is before the first."),
        ({"ends_on": "9999-12-31"}, "Check the year."),
        ({"goal": "much"}, "Type an amount as a number, such as 7.50."),
        ({"cost": "-5"}, "Type an amount as a number, such as 7.50."),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(
    desk: FlaskClient, over: dict[str, str], said: str
) -> None:
    answer = send(desk, "/staff/campaigns/new", **WINTER | over)
    assert answer.status_code == 422
    assert said in answer.text


def test_days_that_overlap_are_refused_with_all_that_was_typed(desk: FlaskClient) -> None:
    send(desk, "/staff/campaigns/new", **WINTER)
    answer = send(desk, "/staff/campaigns/new", **WINTER | {"ends_on": "2027-01-05"})
    assert answer.status_code == 422
    assert "runs on some of these days already" in answer.text
    assert form_of(answer)["ends_on"] == "2027-01-05"


def test_a_currency_that_is_no_longer_offered_stays_when_a_campaign_is_saved(
    desk: FlaskClient, app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(desk, "/staff/campaigns/new", **WINTER | {"currency": "GBP", "cost": "100"})
    fewer = settings.model_copy(update={"currencies": ("EUR", "USD")})
    monkeypatch.setitem(app.extensions, "settings", fewer)
    one = db.session.scalars(select(Campaign)).one()
    path = f"/staff/campaigns/{one.id}"
    assert form_of(desk.get(path))["currency"] == "GBP"
    assert send(desk, path, name="spring").status_code == 303
    one = db.session.scalars(select(Campaign)).one()
    assert (one.name, one.goal, one.cost) == ("spring", Money(500000, "GBP"), Money(10000, "GBP"))
    # Nobody states a new one in it.
    assert 'value="GBP"' not in desk.get("/staff/campaigns/new").text
