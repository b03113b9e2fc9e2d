"""Staff look after one supporter in a real browser: find, change, send again, refund, merge."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from config.local.postgres import Postgres
from config.local.services import scratch_home
from tests.journeys.conftest import PATIENCE
from tests.journeys.steps import OWNER, attached_text, letter, look_over, pay, sign_in_staff
from tests.processes import Newsroom

TARAS, OLD = "taras.people@example.org", "taras.old@example.org"
FINANCE = "finance@newsroom.example"


@pytest.fixture(scope="module")
def newsroom(postgres: Postgres) -> Iterator[Newsroom]:
    """The demo newsroom, where a refund of more than five needs a second member of staff."""
    with (
        scratch_home() as home,
        Newsroom(postgres, home, fill=True, GIVE_SECONDS="0", REFUND_ALONE_MOST="5") as running,
    ):
        yield running


@pytest.fixture
def colleague(browser: Browser) -> Iterator[Page]:
    """The browser of another member of staff."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def gives(reader: Page, newsroom: Newsroom, email: str) -> None:
    """Begin to give €10 each month, and wait for the receipt."""
    reader.context.clear_cookies()
    reader.goto(f"{newsroom.site_url}/give?interval=month")
    reader.get_by_text("€10", exact=True).first.click()
    reader.get_by_label("Your name").fill("Taras Koval")
    reader.get_by_label("E-mail").fill(email)
    reader.get_by_role("button", name="Give €10 each month").click()
    pay(reader)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Thank you")
    letter(reader, newsroom, email, "receipt")


def open_person(staff: Page, newsroom: Newsroom, email: str) -> None:
    """Find a supporter by the address and open the page."""
    staff.goto(f"{newsroom.site_url}/staff/supporters")
    staff.get_by_label("Part of a name or e-mail address").fill(email)
    staff.get_by_role("button", name="Search").click()
    staff.get_by_role("link", name="Taras Koval").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Taras Koval")


def press(staff: Page, name: str) -> None:
    """Press a button and wait for the page that says what came of it."""
    staff.get_by_role("button", name=name, exact=True).click()


def test_staff_change_a_pledge_send_a_receipt_and_refund_with_a_colleague(
    newsroom: Newsroom, reader: Page, staff: Page, colleague: Page
) -> None:
    gives(reader, newsroom, TARAS)
    gives(reader, newsroom, OLD)
    sign_in_staff(staff, newsroom, OWNER)
    open_person(staff, newsroom, TARAS)
    look_over(staff)

    staff.get_by_role("link", name="Change amount or period").click()
    staff.get_by_label("Amount").fill("15")
    press(staff, "Go on")
    expect(staff.get_by_role("heading", level=1)).to_have_text("From €10 a month to €15 a month?")
    look_over(staff)
    press(staff, "Change it to €15 a month")
    expect(staff.get_by_text("The patron gives €15 a month from the next payment")).to_be_visible()
    letter(reader, newsroom, TARAS, "You give €15 a month from now on")

    staff.get_by_role("link", name=re.compile("^Gave €10")).click()
    staff.get_by_role("link", name="Send the receipt again").click()
    look_over(staff)
    press(staff, "Send it again")
    letter(reader, newsroom, TARAS, "sent again")
    assert "Taras Koval" in attached_text(reader)

    merge(newsroom, staff)
    refund(newsroom, staff, colleague, reader)


def merge(newsroom: Newsroom, staff: Page) -> None:
    """Make the old account part of the one that is looked at."""
    open_person(staff, newsroom, TARAS)
    staff.get_by_role("link", name="Merge with another account").click()
    staff.get_by_label("Part of a name or e-mail address").fill("taras.old")
    press(staff, "Search")
    staff.get_by_role("link", name="See what would move").click()
    expect(staff.get_by_text("1 pledge, 1 gift (€10), 0 notes")).to_be_visible()
    look_over(staff)
    press(staff, "Make them one")
    expect(staff.get_by_text("The two accounts are one now.")).to_be_visible()
    expect(staff.get_by_text("€20", exact=True).first).to_be_visible()
    look_over(staff)


def refund(newsroom: Newsroom, staff: Page, colleague: Page, reader: Page) -> None:
    """Refund one gift whole: asked for by the owner, agreed to by finance, done by Stripe."""
    staff.get_by_role("link", name=re.compile("^Gave €10")).first.click()
    page = staff.url
    staff.get_by_role("link", name="Refund", exact=True).click()
    staff.get_by_label("Taken twice").check()
    staff.get_by_label("End the pledge too").check()
    look_over(staff)
    press(staff, "Go on")
    expect(staff.get_by_text("ends with it, at once")).to_be_visible()
    look_over(staff)
    press(staff, "Ask a colleague to agree")
    expect(staff.get_by_text("waits for a second member of staff")).to_be_visible()
    letter(reader, newsroom, FINANCE, "A refund of €10 waits for your yes or no")

    sign_in_staff(colleague, newsroom, FINANCE)
    colleague.get_by_role("link", name=re.compile("^Approvals 1")).click()
    colleague.get_by_role("link", name="A refund: €10").click()
    look_over(colleague)
    press(colleague, "Approve the refund of €10")
    expect(colleague.get_by_text("The refund is on its way to Stripe.")).to_be_visible()
    letter(reader, newsroom, TARAS, "We sent €10 back to you")
    letter(reader, newsroom, TARAS, "Your pledge ended on")
    staff.goto(page)
    expect(staff.get_by_text("Refunded", exact=True)).to_be_visible()
    look_over(staff)
