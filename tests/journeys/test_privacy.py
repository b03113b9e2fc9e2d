"""What browsers really keep of us is what the pages about cookies say, and letters really end."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import BrowserContext, Page, Response, expect

from tests.journeys.steps import letter, look_over, pay, sign_in
from tests.journeys.test_main_story import close_the_round
from tests.journeys.test_passes import ASKS, a_patron, guarded
from tests.processes import Newsroom
from tests.site.server import Site

__all__ = ["guarded"]

HANNA = "hanna.lysenko@example.org"


@dataclass
class Scan:
    """Everything that pages of one origin put into a browser, by (name, where it lies)."""

    origin: str
    found: set[tuple[str, str]] = field(default_factory=set)

    def hear(self, answer: Response) -> None:
        """Note the cookies that an answer of the origin sets, kept or not."""
        if answer.url.startswith(self.origin):
            for header in answer.headers_array():
                if header["name"].lower() == "set-cookie":
                    self.found.add((header["value"].partition("=")[0], "cookie"))

    def look(self, page: Page) -> None:
        """Note what the page's scripts could have put there."""
        if not page.url.startswith(self.origin):
            return
        kept = page.evaluate(
            "[document.cookie, Object.keys(localStorage), Object.keys(sessionStorage)]"
        )
        names = [part.partition("=")[0].strip() for part in kept[0].split(";") if part.strip()]
        self.found |= {(name, "cookie") for name in names}
        self.found |= {(name, "localStorage") for name in kept[1]}
        self.found |= {(name, "sessionStorage") for name in kept[2]}


@pytest.fixture
def scan(newsroom: Newsroom, reader: Page) -> Scan:
    """What the reader's browser is given by the newsroom's pages, whatever becomes of it."""
    watching = Scan(newsroom.site_url)
    reader.context.on("response", watching.hear)
    return watching


def listed(page: Page, newsroom: Newsroom, table: int) -> set[tuple[str, str]]:
    """What a table of the page about cookies lists: the first is of our pages."""
    page.goto(f"{newsroom.site_url}/cookies")
    rows = page.locator("table[data-browser-table]").nth(table).locator("tr[data-name]")
    return {
        (row.get_attribute("data-name") or "", row.get_attribute("data-storage") or "")
        for row in rows.all()
    }


def test_a_session_leaves_in_the_browser_what_the_page_lists_no_more_and_no_less(
    newsroom: Newsroom, reader: Page, scan: Scan
) -> None:
    page, at = reader, newsroom.site_url
    for path in ("/give?article=winter&utm_source=letter", "/cookies?lang=uk", "/privacy?lang=en"):
        page.goto(at + path)
        scan.look(page)
        look_over(page)
    page.goto(f"{at}/cookies?lang=uk")
    look_over(page)
    page.goto(f"{at}/give?lang=en")
    page.get_by_label("Your name").fill("Hanna Lysenko")
    page.get_by_label("E-mail").fill(HANNA)
    page.get_by_label("Write to me about votes").check()
    page.get_by_role("button", name="Give €5 each month").click()
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    scan.look(page)
    sign_in(page, newsroom, HANNA)
    scan.look(page)
    page.goto(f"{at}/vote")
    page.get_by_role("link", name="Vote on topics").click()
    page.locator("label[for^='topic-']").first.click()
    page.get_by_role("button", name="Cast my ballot").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your ballot is cast")
    scan.look(page)
    look_over(page)
    page.goto(f"{at}/topics/new")
    page.get_by_label("Topic").fill("How pharmacies get insulin in winter")
    page.get_by_label("Why it matters").fill("Nobody says who pays, and two of three have run out.")
    page.get_by_label(re.compile("^By name")).check()
    page.get_by_role("button", name="Send the suggestion").click()
    page.get_by_label("Write to me about topics").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your choice of letters is saved.")).to_be_visible()
    scan.look(page)
    for path in ("/account", "/account/letters", "/account/data", "/corrections", "/reprint"):
        page.goto(at + path)
        scan.look(page)
    page.goto(at)
    page.get_by_role("button", name="Sign out").click()
    scan.look(page)
    assert scan.found == listed(page, newsroom, 0)
    assert {cookie["name"] for cookie in page.context.cookies(at)} <= {"session", "lang"}


def test_our_script_on_the_newsrooms_site_leaves_there_what_the_page_lists(
    newsroom: Newsroom, site: Site, guarded: BrowserContext
) -> None:
    page = guarded.new_page()
    scan = Scan(site.url)
    guarded.on("response", scan.hear)
    page.goto(f"{site.url}/article")
    page.locator("hromada-appeal").get_by_role("button", name=ASKS).click()
    page.wait_for_url(f"{newsroom.site_url}/**")
    page.goto(f"{site.url}/article")
    scan.look(page)
    email = a_patron(newsroom)
    page.locator("hromada-appeal").get_by_role("button", name=ASKS).click()
    page.wait_for_url(f"{newsroom.site_url}/**")
    asked = page.url
    sign_in(page, newsroom, email)
    page.goto(asked)
    page.get_by_role("button", name="Let it know, and go back").click()
    expect(
        page.locator("hromada-appeal").get_by_text(re.compile("^You are a patron"))
    ).to_be_visible()
    scan.look(page)
    assert scan.found == listed(page, newsroom, 1)


def test_a_letter_is_ended_by_its_link_and_the_log_says_so(
    newsroom: Newsroom, reader: Page, staff: Page
) -> None:
    # Whoever voted in the first of these tests is told the result of the demo's open round.
    close_the_round(newsroom, staff)
    letter(reader, newsroom, HANNA, "Patrons chose|Result:")
    reader.locator("pre a[href*='/unsubscribe/']").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("End these letters?")
    look_over(reader)
    reader.get_by_role("button", name="End these letters").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text("These letters have ended")
    look_over(reader)
    assert reader.context.cookies(newsroom.site_url) == []
    sign_in(reader, newsroom, HANNA)
    reader.goto(f"{newsroom.site_url}/account/letters")
    expect(reader.get_by_label("Write to me about votes")).not_to_be_checked()
    expect(reader.get_by_label("Write to me about topics")).to_be_checked()
    expect(reader.get_by_text("by the link in a letter").first).to_be_visible()
    look_over(reader)
    reader.goto(f"{newsroom.site_url}/account/letters?lang=uk")
    look_over(reader)
