"""What is looked at before Stripe is asked, and the page that a new one takes the place of."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.giving.models import Checkout
from app.shield import stamps
from tests.builders import AUGUST, a_reader, signed_in
from tests.fakes import FakeGateway
from tests.giving.steps import ANN, fill, gift_form


def closed(gateway: FakeGateway) -> list[str]:
    """The pages at Stripe that were closed."""
    return [subject for act, subject, _ in gateway.acts if act == "close_checkout"]


@pytest.mark.parametrize("stamp", ["", "1.00", "forged"])
def test_a_form_of_yesterday_is_shown_again_and_works_then(
    client: FlaskClient, gateway: FakeGateway, stamp: str
) -> None:
    answer = fill(client, stamp=stamp)
    assert answer.status_code == 422
    assert "was open for long" in answer.text
    assert gateway.orders == []
    assert client.post("/give", data=gift_form(answer)).status_code == 303


def test_an_old_stamp_is_told_kindly_as_well(app: Flask, client: FlaskClient) -> None:
    assert "was open for long" in fill(client, stamp=stamps.issue(AUGUST)).text


@pytest.mark.parametrize("email", ["ann@mailinator.com", "ann@sub.yopmail.com"])
def test_an_address_that_lasts_minutes_is_told_beside_its_field(
    client: FlaskClient, gateway: FakeGateway, email: str
) -> None:
    answer = fill(client, email=email)
    assert answer.status_code == 422
    assert "Use one that you keep, please." in answer.text
    assert gateway.orders == []


def test_one_browser_has_one_page_open_at_stripe(client: FlaskClient, gateway: FakeGateway) -> None:
    fill(client)
    first = gateway.orders[0].checkout_id
    fill(client, amount="10")
    assert closed(gateway) == [f"cs_{first}"]


def test_the_same_gift_pressed_again_closes_nothing(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    values = gift_form(client.get("/give")) | ANN
    for _ in range(2):
        client.post("/give", data=values)
    assert closed(gateway) == []


def test_who_is_signed_in_has_one_page_open_in_all_browsers(
    app: Flask, client: FlaskClient, gateway: FakeGateway
) -> None:
    ann = a_reader("ann@example.org")
    fill(signed_in(client, ann))
    fill(signed_in(app.test_client(), ann), amount="10")
    assert closed(gateway) == [f"cs_{gateway.orders[0].checkout_id}"]


def test_a_stranger_closes_nobodys_page_by_typing_an_address(
    app: Flask, client: FlaskClient, gateway: FakeGateway
) -> None:
    fill(client)
    fill(app.test_client(), amount="10")
    assert closed(gateway) == []


def test_a_page_that_cannot_be_closed_stops_no_gift(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    fill(client)
    gateway.refuses.add("close_checkout")
    assert fill(client, amount="10").status_code == 303
    assert len(db.session.scalars(select(Checkout)).all()) == 2


def test_a_page_that_asks_to_wait_says_how_long(client: FlaskClient) -> None:
    answers = [fill(client, name="") for _ in range(13)]
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert "Retry-After" not in answers[0].headers
