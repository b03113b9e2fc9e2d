"""The hosted page as a reader's browser meets it."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any, cast

import pytest
import stripe

from tests.test_sandbox.shop import Receiver, Shop, wait_for


def sold(shop: Shop, id_: str) -> Any:
    """Give a session with what it brought."""
    expand = {"expand": ["subscription", "invoice", "payment_intent"]}
    return shop.stripe.v1.checkout.sessions.retrieve(id_, cast(Any, expand))


def test_the_page_says_what_is_bought_and_that_no_money_moves(shop: Shop) -> None:
    session = shop.open(locale="en")
    page = shop.web.get(cast(str, session.url)).text
    for words in ("Sandbox: no real money", "Subscribe to Support", "€5.00", "per month"):
        assert words in page
    assert re.search(r'value="reader@example.org" readonly', page)
    assert 'href="http://127.0.0.1:9/back"' in page
    assert re.search(r"<button[^>]*>Subscribe</button>", page)
    assert not re.search(r"<script|style=|\son\w+=", page)


def test_the_page_speaks_the_readers_language_when_the_shop_leaves_it_open(shop: Shop) -> None:
    gift = shop.stripe.v1.checkout.sessions.create(cast(Any, shop.gift(locale="auto")))
    answer = shop.web.get(cast(str, gift.url), headers={"Accept-Language": "uk,en;q=0.5"})
    assert 'lang="uk"' in answer.text
    assert "Пожертвувати 20,00\N{NO-BREAK SPACE}$" in answer.text


def test_a_good_card_begins_a_subscription_and_leads_back(shop: Shop) -> None:
    session = shop.open()
    answer = shop.press(session.id)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"http://127.0.0.1:9/thanks?session={session.id}"
    done = sold(shop, session.id)
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.subscription.status == "active"
    assert done.subscription.metadata.to_dict() == {"pledge": "1"}
    assert done.subscription.latest_invoice == done.invoice.id
    assert (done.invoice.status, done.invoice.amount_paid) == ("paid", 500)
    assert done.customer_details.name == "A Reader"
    item = done.subscription.items.data[0]
    assert item.current_period_end > item.current_period_start == done.subscription.created
    for needed in (
        "checkout.session.completed",
        "customer.subscription.created",
        "invoice.paid",
        "invoice_payment.paid",
        "charge.succeeded",
        "payment_intent.succeeded",
        "payment_method.attached",
    ):
        assert shop.happened().count(needed) == 1


def test_a_single_gift_makes_a_payment_and_no_invoice(shop: Shop) -> None:
    session = shop.stripe.v1.checkout.sessions.create(cast(Any, shop.gift()))
    assert shop.press(session.id).status_code == 303
    done = sold(shop, session.id)
    assert (done.subscription, done.invoice) == (None, None)
    assert (done.payment_intent.status, done.payment_intent.amount) == ("succeeded", 2000)
    assert done.payment_intent.metadata.to_dict() == {"pledge": "2"}
    assert done.customer is None
    assert shop.stripe.v1.invoices.list().data == []


def test_a_gift_may_make_a_customer_whom_every_event_names(shop: Shop) -> None:
    gift = shop.gift(customer_creation="always")
    session = shop.stripe.v1.checkout.sessions.create(cast(Any, gift))
    shop.press(session.id)
    done = sold(shop, session.id)
    assert shop.stripe.v1.customers.retrieve(done.customer).email == "reader@example.org"
    for type_ in ("charge.succeeded", "payment_intent.succeeded"):
        [event] = shop.look("events", type=type_)["events"]
        assert json.loads(event["body"])["data"]["object"]["customer"] == done.customer


@pytest.mark.parametrize(
    ("number", "words", "decline_code"),
    [
        ("4000000000000002", "Your card was declined.", "generic_decline"),
        ("4000000000009995", "insufficient funds", "insufficient_funds"),
        ("4000000000000069", "expired", "expired_card"),
        ("4111111111111111", "non test card", None),
    ],
)
def test_a_declined_card_leaves_the_page_open(
    shop: Shop, number: str, words: str, decline_code: str | None
) -> None:
    session = shop.open()
    answer = shop.press(session.id, number)
    assert answer.status_code == 402
    assert re.search(rf'role="alert">[^<]*{words}', answer.text)
    assert number not in answer.text
    assert sold(shop, session.id).status == "open"
    assert shop.stripe.v1.subscriptions.list().data == []
    if decline_code:
        failed = shop.stripe.v1.charges.list().data[0]
        assert (failed.paid, cast(Any, failed.outcome).reason) == (False, decline_code)
    assert shop.press(session.id).status_code == 303
    assert len(shop.stripe.v1.payment_intents.list().data) == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"number": "4242"}, "card number is incomplete"),
        ({"number": "4242424242424241"}, "card number is invalid"),
        ({"exp": "13/40"}, "expiration date is incomplete"),
        ({"exp": "01/20"}, "in the past"),
        ({"cvc": "1"}, "security code is incomplete"),
        ({"name": "  "}, "Enter the name"),
    ],
)
def test_a_form_filled_in_badly_says_where(shop: Shop, typed: dict[str, str], words: str) -> None:
    session = shop.open(locale="en")
    answer = shop.press(session.id, **typed)
    assert answer.status_code == 422
    [field] = typed
    assert re.search(rf'id="{field}-wrong">[^<]*{words}', answer.text)
    assert shop.stripe.v1.charges.list().data == []


def test_the_bank_asks_and_the_reader_proves_it(shop: Shop) -> None:
    session = shop.open()
    asked = shop.press(session.id, "4000002500003155")
    assert asked.headers["Location"] == f"/c/pay/{session.id}/authenticate"
    page = shop.url + asked.headers["Location"]
    assert "Complete authentication" in shop.web.get(page).text
    done = shop.web.post(page, data={"answer": "complete"}, allow_redirects=False)
    assert done.headers["Location"].startswith("http://127.0.0.1:9/thanks")
    charge = cast(Any, shop.stripe.v1.charges.list().data[0])
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"


def test_the_bank_asks_and_the_reader_fails(shop: Shop) -> None:
    session = shop.open()
    shop.press(session.id, "4000002500003155")
    page = f"{shop.url}/c/pay/{session.id}/authenticate"
    failed = shop.web.post(page, data={"answer": "fail"}, allow_redirects=False)
    assert failed.status_code == 402
    assert "unable to authenticate" in failed.text
    assert shop.stripe.v1.charges.list().data == []
    assert shop.press(session.id).status_code == 303


def test_pressing_the_button_many_times_pays_once(shop: Shop) -> None:
    session = shop.open()
    places: list[str] = []
    hands = [
        threading.Thread(target=lambda: places.append(shop.press(session.id).headers["Location"]))
        for _ in range(6)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert set(places) == {f"http://127.0.0.1:9/thanks?session={session.id}"}
    assert len(shop.stripe.v1.charges.list().data) == 1
    assert len(shop.stripe.v1.subscriptions.list().data) == 1


def test_a_finished_an_expired_and_an_unknown_page_say_so(shop: Shop) -> None:
    finished = shop.open(locale="en")
    shop.press(finished.id)
    assert "already been made" in shop.web.get(cast(str, finished.url)).text
    expired = shop.open(locale="en")
    url = cast(str, expired.url)
    assert shop.stripe.v1.checkout.sessions.expire(expired.id).status == "expired"
    page = shop.web.get(url).text
    assert "This page has expired" in page
    assert "http://127.0.0.1:9/back" in page
    assert "expired" in shop.press(expired.id).text
    assert shop.web.get(f"{shop.url}/c/pay/cs_test_no").status_code == 404
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.checkout.sessions.expire(expired.id)


def test_a_session_expires_when_its_time_is_up(shop: Shop) -> None:
    session = shop.open(expires_at=int(time.time()) + 1800)
    shop.control("advance", seconds=1801)
    assert sold(shop, session.id).status == "expired"
    assert "checkout.session.expired" in shop.happened()


def test_a_shop_on_the_walls_time_can_still_sell_after_months_were_advanced(shop: Shop) -> None:
    shop.control("advance", months=5)
    session = shop.open(expires_at=int(time.time()) + 1800)
    assert shop.press(session.id).status_code == 303


def test_the_reader_is_held_until_the_shop_knows(told: Shop, receiver: Receiver) -> None:
    receiver.statuses = [500] * 5
    session = told.open()
    assert told.press(session.id).status_code == 303
    assert "checkout.session.completed" in receiver.types


def test_the_reader_is_let_go_when_the_shop_stays_silent(
    opened: Callable[..., Shop], receiver: Receiver
) -> None:
    receiver.statuses = [500] * 100
    shop = opened(webhook_url=receiver.url, redirect_wait=0.3)
    assert shop.press(shop.open().id).status_code == 303


def test_fee_and_net_come_a_moment_after_the_charge(shop: Shop) -> None:
    session = shop.stripe.v1.checkout.sessions.create(cast(Any, shop.gift()))
    shop.press(session.id)
    charge = wait_for(
        lambda: next(
            (c for c in shop.stripe.v1.charges.list().data if c.balance_transaction), None
        ),
        "the balance transaction",
    )
    entry = shop.stripe.v1.balance_transactions.retrieve(charge.balance_transaction)
    # Twenty dollars at 0.92, 3.5 % and 25 cents.
    assert (entry.currency, entry.amount, entry.fee, entry.net) == ("eur", 1840, 89, 1751)
    assert entry.exchange_rate == 0.92
    assert "charge.updated" in shop.happened()
    by_source = shop.stripe.v1.balance_transactions.list({"source": charge.id})
    assert by_source.data[0].id == entry.id
    assert shop.look("ledger")["paid"]["usd"] == {
        "count": 1,
        "gross": 2000,
        "settled": 1,
        "fees": 89,
        "net": 1751,
    }
