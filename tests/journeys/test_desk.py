"""Staff keep money in order: inbox, comparison, repair, doctor, in a real browser."""

import json
import os
from pathlib import Path

from playwright.sync_api import Page, expect
from redis import Redis

from app.desk import pulse
from tests.journeys.steps import OWNER, control, look_over, pay, sign_in_staff
from tests.processes import Newsroom

TARAS = "taras.desk@example.org"


def gives(reader: Page, newsroom: Newsroom) -> str:
    """Begin a monthly pledge; return its subscription's id."""
    reader.goto(f"{newsroom.site_url}/give?interval=month")
    reader.get_by_label("Your name").fill("Taras Koval")
    reader.get_by_label("E-mail").fill(TARAS)
    reader.get_by_role("button", name="Give €5 each month").click()
    pay(reader)
    expect(reader.get_by_text("You give €5 each month.")).to_be_visible()
    ((subscription,),) = newsroom.query(
        "SELECT stripe_subscription_id FROM pledge JOIN account ON account.id = account_id"
        f" WHERE email = '{TARAS}'"
    )
    return str(subscription)


def changed_unheard(newsroom: Newsroom, reader: Page, subscription: str) -> None:
    """Let the patron's pledge end at Stripe without a word to us."""
    control(newsroom, reader, "hold")
    answer = reader.request.post(
        f"{newsroom.sandbox_url}/v1/subscriptions/{subscription}",
        headers={
            "Authorization": "Bearer sk_test_demo-local-sandbox",
            "Stripe-Version": "2026-10-28.endive",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        data="cancel_at_period_end=true",
    )
    assert answer.ok, answer.text()


def shot(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("PICTURES"):
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(folder, f"{name}-{width}.png"), full_page=True)


def test_staff_find_what_differs_from_stripe_and_repair_it(
    newsroom: Newsroom, staff: Page, reader: Page
) -> None:
    subscription = gives(reader, newsroom)
    sign_in_staff(staff, newsroom, OWNER)

    newsroom.wait_until(
        lambda: (
            newsroom.query("SELECT count(*) FROM inbox_event WHERE settled_at IS NULL") == [(0,)]
        ),
        30,
        "every event is settled",
    )
    staff.get_by_role("link", name="Inbox").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Inbox")
    shot(staff, "inbox")
    look_over(staff)
    staff.get_by_label("Id of an event").fill(subscription)
    staff.get_by_role("button", name="Search").click()
    staff.get_by_role("row").nth(1).get_by_role("link").first.click()
    look_over(staff)
    staff.get_by_role("button", name="Read it").click()
    body = json.loads(staff.locator("pre").inner_text())
    assert body["data"]["object"]["id"] == subscription
    shot(staff, "event")
    look_over(staff)
    staff.get_by_role("button", name="Settle again").click()
    expect(staff.get_by_text("will be settled again")).to_be_visible()

    changed_unheard(newsroom, reader, subscription)
    staff.get_by_role("link", name="Differences").click()
    look_over(staff)
    staff.get_by_role("button", name="Compare now").click()
    # The page looks again by itself until the comparison is finished.
    row = staff.get_by_role("row").filter(has_text=subscription).filter(has_text="end")
    expect(row.first).to_be_visible(timeout=60_000)
    expect(staff.get_by_text("A comparison is running")).not_to_be_visible(timeout=60_000)
    shot(staff, "differences")
    look_over(staff)
    row.first.get_by_role("button").click()
    expect(staff.get_by_text("Repaired: what is here is now what Stripe has.")).to_be_visible()
    expect(staff.get_by_role("row").filter(has_text=subscription)).to_have_count(0)
    reader.goto(f"{newsroom.site_url}/give")
    control(newsroom, reader, "release")

    redis = Redis.from_url(newsroom.broker.url())
    newsroom.wait_until(lambda: redis.exists(pulse.KEY), 60, "a sign of life of the worker")
    staff.get_by_role("link", name="Doctor").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Doctor")
    for name in ("Stripe", "Webhook", "Events", "Worker", "Beat", "Mail", "Queue", "Database"):
        line = staff.locator("li").filter(has=staff.get_by_role("heading", name=f"{name} works"))
        expect(line.first).to_be_visible()
    shot(staff, "doctor")
    look_over(staff)
