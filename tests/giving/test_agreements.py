"""Letters asked for beside a gift: never ticked beforehand, agreed to once the gift is paid."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving.gift import checkouts
from app.giving.models import Checkout
from app.letters import consents
from app.letters.categories import Category
from app.payments.facts import CheckoutSeen
from tests.builders import a_reader, agrees, ends, signed_in
from tests.giving.steps import ANN, fill, gift_form


def the_checkout() -> Checkout:
    newest = select(Checkout).order_by(Checkout.created_at.desc()).limit(1)
    return db.session.scalars(newest).one()


def is_paid(checkout: Checkout) -> None:
    """Stripe tells that the checkout was paid."""
    checkouts.apply(
        CheckoutSeen(checkout_id=checkout.id, session_id=f"cs_{checkout.id}", state="paid"),
        now=utcnow(),
    )
    db.session.commit()


def ann() -> Account:
    return db.session.scalars(select(Account).where(Account.email == ANN["email"])).one()


def test_the_box_is_not_ticked_and_a_gift_without_it_agrees_to_nothing(
    client: FlaskClient,
) -> None:
    page = client.get("/give")
    assert 'id="votes_letters"' in page.text
    assert "votes_letters" not in gift_form(page)
    fill(client)
    is_paid(the_checkout())
    assert consents.history(ann().id) == []


def test_who_ticks_it_agrees_once_the_gift_is_paid_and_to_the_words_that_stood_there(
    client: FlaskClient,
) -> None:
    fill(client, votes_letters="y")
    checkout = the_checkout()
    assert consents.history(ann().id) == [], "anybody may have typed the address"
    is_paid(checkout)
    is_paid(checkout)
    (entry,) = consents.history(ann().id)
    assert (entry.category, entry.act, entry.how) == ("votes", "given", "form")
    assert (entry.wording, entry.locale, entry.at) == ("votes-1", "en", checkout.created_at)


def test_a_form_sent_again_without_the_tick_takes_it_back(client: FlaskClient) -> None:
    form = gift_form(client.get("/give")) | ANN
    client.post("/give", data=form | {"votes_letters": "y"})
    client.post("/give", data=form)
    is_paid(the_checkout())
    assert consents.wanted(ann().id) == []


def test_a_stranger_cannot_begin_letters_that_an_addresss_owner_ended(
    app: Flask, client: FlaskClient
) -> None:
    owner = ends(agrees(a_reader(ANN["email"])))
    fill(client, votes_letters="y")
    is_paid(the_checkout())
    assert consents.wanted(owner.id) == []
    signed_in(client, owner)
    fill(client, votes_letters="y", interval="once")
    is_paid(the_checkout())
    assert consents.wanted(owner.id) == [Category.VOTES]


def test_what_was_ended_after_the_form_was_sent_stays_ended(client: FlaskClient) -> None:
    fill(client, votes_letters="y")
    checkout = the_checkout()
    ends(agrees(ann()))
    checkout.created_at = utcnow() - timedelta(hours=1)
    db.session.commit()
    is_paid(checkout)
    assert consents.wanted(ann().id) == []


@pytest.mark.parametrize(("wants", "shown"), [(True, False), (False, True)])
def test_who_agreed_already_is_not_asked_again(
    app: Flask, client: FlaskClient, wants: bool, shown: bool
) -> None:
    account = a_reader()
    if wants:
        agrees(account)
    signed_in(client, account)
    assert ('id="votes_letters"' in client.get("/give").text) is shown
