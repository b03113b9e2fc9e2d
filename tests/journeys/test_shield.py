"""A reader gives while the shield is up: by letter, with the fee covered, in a real browser."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.steps import OWNER, letter, pay, sign_in_staff
from tests.processes import Newsroom

OLENA = "olena.shield@example.org"


def sound(page: Page) -> None:
    """Nothing for axe to find, and nothing runs over the edge."""
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def begin(reader: Page, newsroom: Newsroom) -> None:
    """Fill the form in, with the fee covered, and press its button."""
    reader.goto(f"{newsroom.site_url}/give?article=kharkiv")
    expect(reader.get_by_text("so a letter asks you to confirm")).to_be_visible()
    sound(reader)
    reader.get_by_text("Monthly").click()
    reader.get_by_label("Add €0.37 to cover the card fee on €5").check()
    reader.get_by_label("Your name").fill("Olena Marchenko")
    reader.get_by_label("E-mail").fill(OLENA)
    reader.get_by_role("button", name="Give €5.37 each month").click()


def test_a_reader_gives_by_letter_while_the_shield_is_up(
    newsroom: Newsroom, staff: Page, reader: Page
) -> None:
    sign_in_staff(staff, newsroom, OWNER)
    staff.goto(f"{newsroom.site_url}/staff/shield")
    staff.get_by_role("link", name="Raise it now").click()
    staff.get_by_role("button", name="Raise the shield").click()
    expect(staff.get_by_text("Raised by staff")).to_be_visible()
    sound(staff)

    begin(reader, newsroom)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Look into your mailbox")
    sound(reader)
    letter(reader, newsroom, OLENA, "Confirm your gift")
    found = re.search(r"/give/confirm/[\w.-]+", reader.content())
    assert found is not None
    reader.goto(newsroom.site_url + found[0])
    sound(reader)
    reader.get_by_role("button", name="Give €5.37 each month").click()
    expect(reader.get_by_text("€5.37 each month, from today, until you stop.")).to_be_visible()
    pay(reader)
    expect(reader.get_by_text("You give €5.37 each month.")).to_be_visible()
    expect(reader.get_by_text("€0.37 of it cover the card fee.")).to_be_visible()
    sound(reader)

    staff.get_by_role("link", name="Lower it now").click()
    staff.get_by_role("button", name="Lower the shield").click()
    expect(staff.get_by_text("The shield is down.")).to_be_visible()
    assert newsroom.query("SELECT held_back, reached_stripe, paid FROM shield_log") == [(1, 1, 1)]
    reader.goto(f"{newsroom.site_url}/give")
    expect(reader.get_by_text("so a letter asks you to confirm")).to_have_count(0)


def test_the_button_the_fee_and_the_amounts_follow_what_is_chosen(
    newsroom: Newsroom, reader: Page
) -> None:
    reader.goto(f"{newsroom.site_url}/give?currency=JPY")
    reader.get_by_label("Add ¥32 to cover the card fee on ¥700").check()
    expect(reader.get_by_role("button", name="Give ¥732 each month")).to_be_visible()
    reader.get_by_text("Yearly").click()
    expect(reader.get_by_role("button", name="Give ¥7,315 each year")).to_be_visible()
    reader.get_by_text("Other", exact=True).click()
    reader.get_by_label("Your amount").fill("700.5")
    expect(reader.get_by_role("button", name="Choose an amount")).to_be_visible()
    reader.get_by_label("Your amount").fill("1 000")
    expect(reader.get_by_label("Add ¥45 to cover the card fee on ¥1,000")).to_be_checked()
    expect(reader.get_by_role("button", name="Give ¥1,045 each year")).to_be_visible()
