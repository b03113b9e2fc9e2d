"""Wishes when Stripe is silent, when they are somebody else's, and what is held meanwhile."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.clock import utcnow
from app.extensions import db
from app.giving.models import Pledge
from app.giving.wishes import links
from app.giving.wishes.links import Purpose
from app.letters.models import Letter
from app.payments.facts import Reading
from app.payments.orders import CheckoutOrder, CheckoutPage
from tests.builders import a_pledge, a_reader, signed_in
from tests.fakes import FakeGateway
from tests.pages import form_of

FAR = datetime(2090, 9, 14, 10, 30, tzinfo=UTC)


def a_signed_in_patron(client: FlaskClient, **over: Any) -> Pledge:
    """A patron before the own pages, whose pledge is paid to 14 September 2090."""
    account = a_reader()
    pledge = a_pledge(account, **({"paid_until": FAR} | over))
    signed_in(client, account)
    return pledge


ACTS = ["change/confirm", "pause", "resume", "leave", "stay", "card", "return"]


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_on_the_pledge_of_another_or_without_a_form(
    client: FlaskClient, gateway: FakeGateway, act: str
) -> None:
    theirs = a_pledge(a_reader())
    mine = a_signed_in_patron(client)
    token = form_of(client.get("/account"))
    assert client.post(f"/pledge/{theirs.id}/{act}", data=token).status_code == 404
    assert client.post(f"/pledge/{mine.id}/{act}").status_code == 400
    assert gateway.acts == []


@pytest.mark.parametrize("act", ACTS)
def test_when_stripe_is_silent_the_page_says_what_to_do(
    client: FlaskClient, gateway: FakeGateway, act: str
) -> None:
    state = {"resume": "paused", "return": "ended"}.get(act, "active")
    pledge = a_signed_in_patron(client, status=state)
    pledge.ends_at = FAR if act == "stay" else None
    db.session.commit()
    gateway.down = True
    fields = {"amount": "10", "interval": "month", "months": "1"}
    data = form_of(client.get("/account")) | fields
    answer = client.post(f"/pledge/{pledge.id}/{act}", data=data, follow_redirects=True)
    assert "Please try again in a minute" in answer.text


class Watching(FakeGateway):
    """A gateway that looks, whenever it is asked, whether a transaction is open."""

    def _act(self, act: str, subject: str, **how: Any) -> Reading:
        assert not db.session().in_transaction(), f"{act} waits with a connection in hand"
        return super()._act(act, subject, **how)

    def open_checkout(self, order: CheckoutOrder) -> CheckoutPage:
        assert not db.session().in_transaction()
        return super().open_checkout(order)


@pytest.mark.parametrize("act", ACTS)
def test_no_connection_is_held_while_stripe_answers(
    app: Flask, client: FlaskClient, act: str
) -> None:
    watching = app.extensions["gateway"] = Watching()
    state = {"resume": "paused", "return": "ended"}.get(act, "active")
    pledge = a_signed_in_patron(client, status=state)
    pledge.ends_at = FAR if act == "stay" else None
    db.session.commit()
    data = form_of(client.get("/account")) | {"amount": "10", "interval": "month", "months": "1"}
    assert client.post(f"/pledge/{pledge.id}/{act}", data=data).status_code == 303
    assert watching.acts or watching.orders


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_letters_link_holds_no_connection_either(
    app: Flask, client: FlaskClient, purpose: Purpose
) -> None:
    watching = app.extensions["gateway"] = Watching()
    account = a_reader()
    pledge = a_pledge(account, status="ended" if purpose is Purpose.RETURN else "active")
    letter = Letter(kind="receipt", matter="1", account_id=account.id, created_at=utcnow())
    db.session.add(letter)
    db.session.commit()
    address = links.for_letter(letter, pledge, purpose)[purpose.value]
    path = address.removeprefix("http://localhost")
    answer = client.post(path, data=form_of(client.get(path), action=""))
    assert answer.status_code == 303
    assert watching.acts or watching.orders


@pytest.mark.parametrize("act", ["change", "change/confirm", "pause", "leave"])
def test_a_page_of_what_cannot_be_asked_leads_back(client: FlaskClient, act: str) -> None:
    pledge = a_signed_in_patron(client, status="ended")
    answer = client.get(f"/pledge/{pledge.id}/{act}", follow_redirects=True)
    assert "This cannot be done now" in answer.text
