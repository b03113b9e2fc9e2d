"""The pages in a real browser: usable by everyone, on the smallest screen, without JavaScript."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.test_sandbox.shop import Shop, free_port
from tests.test_sandbox.test_portal import enter


@pytest.fixture
def busy(opened: Callable[..., Shop]) -> dict[str, str]:
    """A shop with something on every page; gives the pages' addresses by name."""
    port = free_port()
    shop = opened(smtp_port=port, webhook_url="http://127.0.0.1:9/down")
    made = shop.patron()
    late = shop.patron(card="4000002760003184")
    shop.control("advance", months=1)
    owed = shop.stripe.v1.invoices.list(cast(Any, {"customer": late["customer"]})).data[0]
    flows = (None, "payment_method_update", "subscription_cancel", "subscription_pause")
    portal = {f"portal {flow}": enter(shop, made, flow, locale="en").url for flow in flows}
    asked = shop.open(locale="en")
    shop.press(asked.id, "4000002500003155")
    expired = shop.open(locale="en")
    expired_url = cast(str, expired.url)
    shop.stripe.v1.checkout.sessions.expire(expired.id)
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.sendmail("a@example.org", ["b@example.org"], "Subject: Hello\r\n\r\nHi there")
    event = shop.look("events")["events"][-1]["id"]
    return {
        "checkout": cast(str, shop.open(locale="en").url),
        "bank": f"{asked.url}/authenticate",
        "expired": expired_url,
        "desk": shop.url,
        "list": f"{shop.url}/list/invoice",
        "object": f"{shop.url}/objects/{made['subscription']}",
        "event": f"{shop.url}/events/{event}",
        "mailbox": f"{shop.url}/mailbox",
        "letter": f"{shop.url}/mailbox/1",
        "invoice": cast(str, owed.hosted_invoice_url),
        **portal,
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out_of_a_small_screen(
    browser: Browser, busy: dict[str, str], scheme: Any
) -> None:
    context = browser.new_context(
        viewport={"width": 320, "height": 640}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    # The colours are the same on every page of a kind; in the dark one of each is enough.
    names = list(busy) if scheme == "light" else ["checkout", "event", "letter", "portal None"]
    for name in names:
        page.goto(busy[name])
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, f"{name} is {wide} wide"
    context.close()


def test_a_reader_without_javascript_mistypes_is_declined_and_then_pays(
    browser: Browser, shop: Shop
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.route("http://127.0.0.1:9/**", lambda route: route.fulfill(body="Thank you"))
    session = shop.open(locale="auto")
    page.goto(cast(str, session.url))
    page.get_by_label("Card number").fill("4242 4242 4242 4241")
    page.get_by_label("Expiry").fill("12/40")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on card").fill("A Reader")
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_text("Your card number is invalid.").wait_for()
    for number, seen in (("4000000000000002", "declined"), ("4242424242424242", "Thank you")):
        page.get_by_label("Card number").fill(number)
        page.get_by_label("CVC").fill("123")
        page.get_by_role("button", name="Subscribe").click()
        page.get_by_text(seen).wait_for()
    assert page.url == f"http://127.0.0.1:9/thanks?session={session.id}"
    context.close()


def test_a_patron_without_javascript_changes_the_card_in_the_portal(
    browser: Browser, shop: Shop
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="uk-UA")
    page = context.new_page()
    page.route("http://127.0.0.1:9/**", lambda route: route.fulfill(body="Back at the shop"))
    made = shop.patron()
    page.goto(enter(shop, made, "payment_method_update", locale="auto").url)
    page.get_by_label("Номер картки").fill("4000 0025 0000 3155")
    page.get_by_label("Термін дії").fill("12/40")
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Ім’я на картці").fill("Читач")
    page.get_by_role("button", name="Зберегти картку").click()
    page.get_by_role("button", name="Підтвердити").click()
    page.get_by_text("Back at the shop").wait_for()
    assert page.url == "http://127.0.0.1:9/pledge?done=1"
    context.close()
