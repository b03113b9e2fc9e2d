"""A topic up to the shortlist: suggested, seconded, joined with another, told of by letter."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import PATIENCE
from tests.journeys.steps import OWNER, letter, look_over, sign_in, sign_in_staff
from tests.processes import Newsroom

WHY = "Thousands of families pay for it, and the city has published nothing since March."


@pytest.fixture
def pages(browser: Browser) -> Iterator[list[Page]]:
    """The phones of three patrons; on the third no script runs."""
    contexts = [
        browser.new_context(
            viewport={"width": 360, "height": 740}, locale="en", java_script_enabled=scripts
        )
        for scripts in (True, True, False)
    ]
    for context in contexts:
        context.set_default_timeout(PATIENCE)
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def patrons(newsroom: Newsroom) -> list[tuple[str, str]]:
    """Address and name of three patrons who read English and agreed to letters about topics."""
    return newsroom.query(
        "SELECT DISTINCT a.email, a.name FROM account a JOIN pledge p ON p.account_id = a.id"
        " WHERE p.status = 'active' AND p.paid_until > now() AND p.ends_at IS NULL"
        " AND a.role IS NULL AND a.locale = 'en' AND a.name <> '' AND EXISTS (SELECT 1"
        " FROM consent c WHERE c.account_id = a.id AND c.category = 'topics')"
        " ORDER BY a.email LIMIT 3"
    )


def suggest(page: Page, newsroom: Newsroom, title: str) -> None:
    """Fill in the form of a suggestion, the reader's name shown, and send it."""
    page.goto(f"{newsroom.site_url}/topics/new")
    page.get_by_label("Topic").fill(title)
    page.get_by_label("Why it matters").fill(WHY)
    page.get_by_label(re.compile("^By name")).check()
    page.get_by_role("button", name="Send the suggestion").click()


def test_a_topic_is_suggested_seconded_joined_and_shortlisted(
    newsroom: Newsroom, pages: list[Page], staff: Page
) -> None:
    (first, second, third), people = pages, patrons(newsroom)
    for page, (email, _) in zip(pages, people, strict=True):
        sign_in(page, newsroom, email)

    suggest(first, newsroom, "Who profits from heating in Poltava")
    expect(first.get_by_role("heading", level=1)).to_have_text(
        "Who profits from heating in Poltava"
    )
    expect(first.get_by_text(f"Suggested by {people[0][1]}")).to_be_visible()
    look_over(first)
    topic = first.url

    # Another patron begins to write the same, sees it while typing, and seconds it instead.
    second.goto(f"{newsroom.site_url}/topics/new")
    look_over(second)
    second.get_by_label("Topic").press_sequentially("Heating profit in Polt")
    second.get_by_role("link", name="Who profits from heating in Poltava").click()
    second.get_by_role("button", name="Second this topic").click()
    expect(second.get_by_text("2 patrons want this")).to_be_visible()
    expect(second.get_by_role("button", name="Second it no longer")).to_be_visible()
    look_over(second)

    # The third sees it after sending, for want of a script, and means something else.
    suggest(third, newsroom, "Heating prices in Poltava")
    expect(third.get_by_text("Your suggestion is not sent yet.")).to_be_visible()
    third.get_by_role("button", name="Send mine all the same").click()
    expect(third.get_by_role("heading", level=1)).to_have_text("Heating prices in Poltava")

    # The desk finds that it is the same after all.
    sign_in_staff(staff, newsroom, OWNER)
    staff.goto(f"{newsroom.site_url}/staff/topics")
    look_over(staff)
    staff.get_by_role("link", name="Heating prices in Poltava").click()
    look_over(staff)
    staff.get_by_role("link", name="Join with “Who profits from heating in Poltava”").click()
    expect(staff.get_by_text("3 patrons want this")).to_be_visible()
    look_over(staff)
    staff.get_by_role("button", name="Join them").click()
    expect(staff.get_by_text(f"Suggested by {people[0][1]} and {people[2][1]}")).to_be_visible()
    staff.get_by_label("Reason, for everybody to read").fill("We have the city's contracts.")
    staff.get_by_role("button", name="Put on the shortlist").click()
    expect(staff.locator(".tag").first).to_have_text("On the shortlist")

    # Both who suggested it are told, each in their own words for it.
    letter(staff, newsroom, people[0][0], "“Who profits from heating in Poltava” is on the short")
    expect(staff.get_by_text("We have the city's contracts.").first).to_be_visible()
    letter(staff, newsroom, people[2][0], "“Heating prices in Poltava” is on the shortlist")

    # Everybody finds it on the list, with its state and how many want it.
    second.goto(f"{newsroom.site_url}/topics?state=shortlisted")
    look_over(second)
    second.get_by_role("link", name="Who profits from heating in Poltava").click()
    assert second.url == topic
    expect(second.get_by_text("3 patrons want this")).to_be_visible()
    expect(second.get_by_text("We have the city's contracts.").first).to_be_visible()
