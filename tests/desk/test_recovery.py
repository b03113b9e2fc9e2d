"""The recovery list as staff see it."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.clock import utcnow
from app.extensions import db
from app.giving.models import Pledge
from app.payments.facts import Remedy, Standing
from tests.builders import a_pledge, a_reader, a_staff_member, signed_in
from tests.giving.facts import failed, seen
from tests.giving.gifts import enter


def past_due(name: str, minor: int, currency: str = "EUR", *, days: int = 3) -> Pledge:
    """A pledge whose renewal failed some days ago."""
    pledge = a_pledge(a_reader(name=name), amount_minor=minor, currency=currency)
    since = utcnow() - timedelta(days=days)
    enter(
        seen(pledge, Standing.PAST_DUE, seen_at=since),
        failed(pledge, failed_at=since, remedy=Remedy.NEW_CARD, decline_code="expired_card"),
    )
    pledge.past_due_since = since
    db.session.commit()
    return pledge


def test_each_says_what_helps_how_long_it_lasts_and_who_it_is(client: FlaskClient) -> None:
    pledge = past_due("Ann Marchenko", 500)
    past_due("Bohdan", 25000, "UAH")
    past_due("Olena", 1500, days=40)
    signed_in(client, a_staff_member("fundraiser"))
    shown = client.get("/staff/recovery").text
    for said in (
        "At risk: €20, ₴250.",
        "Needs another card",
        "The bank said: expired card.",
        "3 days, 1 attempt",
        "Grace is over",
        f"/staff/people/{pledge.account_id}",
    ):
        assert said in shown, said


def test_a_clock_that_runs_ahead_at_stripe_gives_no_days_below_none(client: FlaskClient) -> None:
    past_due("Ann Marchenko", 500, days=-30)
    signed_in(client, a_staff_member("fundraiser"))
    assert "0 days, 1 attempt" in client.get("/staff/recovery").text


def test_the_file_holds_the_same_people_and_runs_nothing(client: FlaskClient) -> None:
    past_due("=cmd()", 500)
    signed_in(client, a_staff_member("finance"))
    answer = client.get("/staff/recovery.csv")
    head, row = answer.text.strip().splitlines()
    assert head.startswith("\ufeffName,E-mail,Amount")
    assert row.startswith("'=cmd(),")
    assert ",5.00,EUR,month," in row
    assert answer.headers["Cache-Control"] == "no-store"
    assert "downloaded the recovery list" in client.get("/staff/audit").text


def test_a_quiet_list_says_so(client: FlaskClient) -> None:
    signed_in(client, a_staff_member("owner"))
    assert "No payment is open" in client.get("/staff/recovery").text


@pytest.mark.parametrize(("role", "status"), [("editor", 403), ("fundraiser", 200)])
def test_editors_do_not_see_who_owes(client: FlaskClient, role: str, status: int) -> None:
    signed_in(client, a_staff_member(role))
    assert client.get("/staff/recovery").status_code == status
