"""The billing portal: opened for a customer, once, shortly; what people do in it."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
import requests
import stripe

from tests.sandbox.clock import add_months
from tests.test_sandbox.shop import Shop

BACK = "http://127.0.0.1:9/pledge"
FORM = {"number": "5555 5555 5555 4444", "exp": "03 / 41", "cvc": "123", "name": "A Reader"}


def configuration(shop: Shop, **features: Any) -> str:
    """Make the configuration a product would make; gives its id."""
    wanted: Any = {
        "features": {
            "payment_method_update": {"enabled": True},
            "invoice_history": {"enabled": True},
            "customer_update": {"enabled": True, "allowed_updates": ["email", "name"]},
            "subscription_cancel": {
                "enabled": True,
                "mode": "at_period_end",
                "cancellation_reason": {"enabled": True, "options": ["unused", "other"]},
            },
            "subscription_pause": {
                "enabled": True,
                "duration": {
                    "type": "interval_options",
                    "interval_options": [
                        {"interval": "month"},
                        {"interval": "month", "interval_count": 3},
                    ],
                },
            },
            "subscription_update": {"enabled": False},
            **features,
        }
    }
    return shop.stripe.v1.billing_portal.configurations.create(wanted).id


def enter(shop: Shop, made: dict[str, str], flow: str | None = None, **changes: Any) -> Any:
    """Open a session of the portal; a flow leads back to the shop."""
    params: dict[str, Any] = {
        "customer": made["customer"],
        "configuration": configuration(shop),
        "return_url": BACK,
        "locale": "en",
    }
    if flow:
        redirect = {"type": "redirect", "redirect": {"return_url": f"{BACK}?done=1"}}
        params["flow_data"] = {"type": flow, "after_completion": redirect}
        if flow.startswith("subscription_"):
            params["flow_data"][flow] = {"subscription": made["subscription"]}
    asked: Any = {**params, **changes}
    return shop.stripe.v1.billing_portal.sessions.create(asked)


def post(shop: Shop, session: Any, act: str, **fields: str) -> requests.Response:
    return shop.web.post(f"{session.url}/{act}", data=fields, allow_redirects=False)


def customer(shop: Shop, made: dict[str, str]) -> Any:
    return shop.stripe.v1.customers.retrieve(made["customer"])


def subscription(shop: Shop, made: dict[str, str]) -> Any:
    return shop.stripe.v1.subscriptions.retrieve(made["subscription"])


def test_a_new_card_becomes_the_customers_default_and_not_the_subscriptions(shop: Shop) -> None:
    made = shop.patron()
    old = subscription(shop, made).default_payment_method
    session = enter(shop, made, "payment_method_update")
    assert "Card number" in shop.web.get(session.url).text
    answer = post(shop, session, "card", **FORM)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{BACK}?done=1")
    new = customer(shop, made).invoice_settings.default_payment_method
    assert new not in (None, old)
    assert subscription(shop, made).default_payment_method == old
    card = shop.stripe.v1.payment_methods.retrieve(new).card
    assert card is not None
    assert (card.last4, card.exp_month, card.exp_year) == ("4444", 3, 2041)
    told = json.loads(shop.look("events", type="customer.updated")["events"][-1]["body"])
    before = told["data"]["previous_attributes"]["invoice_settings"]
    assert before == {"default_payment_method": None}
    assert "payment_method.attached" in shop.happened()


def test_the_form_refuses_what_the_checkouts_form_refuses(shop: Shop) -> None:
    made = shop.patron()
    session = enter(shop, made, "payment_method_update")
    shop.web.get(session.url)
    wrong = post(shop, session, "card", **{**FORM, "number": "4242"})
    assert (wrong.status_code, "incomplete" in wrong.text) == (422, True)
    declined = post(shop, session, "card", **{**FORM, "number": "4000000000000002"})
    assert (declined.status_code, "was declined" in declined.text) == (402, True)
    asked = post(shop, session, "card", **{**FORM, "number": "4000002500003155"})
    assert asked.headers["Location"] == f"/p/session/{session.id}/authenticate"
    assert "Your bank asks" in shop.web.get(f"{session.url}/authenticate").text
    failed = post(shop, session, "authenticate", answer="fail")
    assert failed.status_code == 402
    assert customer(shop, made).invoice_settings.default_payment_method is None
    post(shop, session, "card", **{**FORM, "number": "4000002500003155"})
    assert post(shop, session, "authenticate", answer="complete").status_code == 303
    assert customer(shop, made).invoice_settings.default_payment_method is not None


def test_the_link_works_once_and_only_for_five_minutes(shop: Shop) -> None:
    made = shop.patron()
    session = enter(shop, made)
    assert shop.web.get(session.url).status_code == 200
    assert shop.web.get(session.url).status_code == 200
    stranger = requests.get(session.url, timeout=10)
    assert (stranger.status_code, BACK in stranger.text) == (410, True)
    form = {"name": "Thief"}
    stolen = requests.post(f"{session.url}/customer", data=form, timeout=10)
    assert stolen.status_code == 410
    late = enter(shop, made)
    shop.control("advance", seconds=301)
    assert shop.web.get(late.url).status_code == 410
    assert shop.web.get(session.url).status_code == 200
    shop.control("advance", hours=2)
    assert shop.web.get(session.url).status_code == 410


def test_pressing_twice_saves_one_card_and_leads_back_as_once(shop: Shop) -> None:
    made = shop.patron()
    session = enter(shop, made, "payment_method_update")
    shop.web.get(session.url)
    for _ in range(2):
        answer = post(shop, session, "card", **FORM)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{BACK}?done=1")
    assert shop.happened().count("customer.updated") == 1
    assert requests.get(session.url, timeout=10).status_code == 410


def test_leaving_in_the_portal_sets_a_day_and_not_the_flag(shop: Shop) -> None:
    made = shop.patron()
    end = subscription(shop, made).items.data[0].current_period_end
    session = enter(shop, made, "subscription_cancel")
    assert "Why do you leave" in shop.web.get(session.url).text
    sent = {"subscription": made["subscription"], "reason": "unused", "comment": "Moving away"}
    assert post(shop, session, "cancel", **sent).status_code == 303
    leaving = subscription(shop, made)
    assert (leaving.cancel_at, leaving.cancel_at_period_end) == (end, False)
    details = leaving.cancellation_details
    assert (details.reason, details.feedback, details.comment) == (
        "cancellation_requested",
        "unused",
        "Moving away",
    )
    with pytest.raises(stripe.InvalidRequestError, match="already set to be canceled"):
        enter(shop, made, "subscription_cancel")
    home = enter(shop, made)
    assert "Go on as before" in shop.web.get(home.url).text
    shop.stripe.v1.subscriptions.update(made["subscription"], {"cancel_at_period_end": False})
    assert subscription(shop, made).cancel_at == end
    post(shop, home, "go_on", subscription=made["subscription"])
    assert subscription(shop, made).cancel_at is None


def test_a_pause_in_the_portal_has_its_end(shop: Shop) -> None:
    made = shop.patron()
    session = enter(shop, made, "subscription_pause")
    assert "3 × month" in shop.web.get(session.url).text
    post(shop, session, "pause", subscription=made["subscription"], choice="1")
    back = subscription(shop, made).pause_collection.resumes_at
    assert abs(back - add_months(shop.look("clock")["now"], 3)) < 5


def test_the_front_page_shows_subscriptions_and_invoices(shop: Shop) -> None:
    made = shop.patron()
    session = enter(shop, made)
    home = shop.web.get(session.url).text
    [invoice] = shop.stripe.v1.invoices.list().data
    for words in ("Support", "€5.00", "Next payment on", cast(str, invoice.number)):
        assert words in home
    assert (
        'lang="uk"'
        in shop.web.get(
            enter(shop, made, locale="auto").url, headers={"Accept-Language": "uk"}
        ).text
    )
    shop.stripe.v1.customers.update(made["customer"], {"preferred_locales": ["uk"]})
    own = shop.web.get(enter(shop, made, locale="auto").url, headers={"Accept-Language": "en"})
    assert "Ваша підтримка" in own.text
    post(shop, session, "customer", name="Another Name", email="")
    renamed = customer(shop, made)
    assert (renamed.name, renamed.email) == ("Another Name", "reader@example.org")


def test_a_test_fills_in_the_portal_without_a_browser(shop: Shop) -> None:
    made = shop.patron()
    session = enter(shop, made, "payment_method_update")
    done = shop.control("portal", session=session.id, card="5555555555554444")
    assert done["step"] == "saved"
    assert customer(shop, made).invoice_settings.default_payment_method == done["payment_method"]
    assert shop.control("portal", session=session.id)["step"] == "expired"
    leaving = enter(shop, made, "subscription_cancel")
    shop.control("portal", session=leaving.id, reason="other")
    assert subscription(shop, made).cancel_at is not None


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"configuration": None}, None),
        ({"customer": "cus_nobody"}, "customer"),
        ({"flow_data": {"type": "subscription_cancel"}}, "flow_data[subscription_cancel]"),
        ({"flow_data": {"type": "subscription_update"}}, "flow_data[type]"),
        (
            {
                "flow_data": {
                    "type": "payment_method_update",
                    "after_completion": {"type": "redirect"},
                }
            },
            "flow_data[after_completion][redirect]",
        ),
        ({"locale": "uk"}, "locale"),
    ],
)
def test_a_session_that_stripe_would_refuse_is_refused(
    shop: Shop, change: dict[str, Any], param: str | None
) -> None:
    made = shop.patron()
    params = {"customer": made["customer"], "configuration": configuration(shop), **change}
    asked: Any = {name: value for name, value in params.items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.billing_portal.sessions.create(asked)
    assert refused.value.param == param


def test_a_configuration_is_changed_in_part(shop: Shop) -> None:
    id_ = configuration(shop, subscription_pause={"enabled": False})
    portal = shop.stripe.v1.billing_portal.configurations
    change: Any = {"features": {"invoice_history": {"enabled": False}}, "metadata": {"a": "1"}}
    portal.update(id_, change)
    kept = portal.retrieve(id_)
    assert kept.features.invoice_history.enabled is False
    assert kept.features.payment_method_update.enabled is True
    assert [one.id for one in portal.list({"active": True}).data] == [id_]
    with pytest.raises(stripe.InvalidRequestError) as refused:
        enter(shop, shop.patron(), "subscription_pause", configuration=id_)
    assert "disabled" in str(refused.value)
