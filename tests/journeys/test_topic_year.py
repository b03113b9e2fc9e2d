"""The year of a topic: suggested, voted on, counted again by a reader, promised, published."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import PATIENCE
from tests.journeys.steps import OWNER, sign_in_staff
from tests.journeys.topic_to_vote import draft, open_by_two, shortlist, suggest, vote
from tests.journeys.vote_to_story import close, promise, publish, recount
from tests.journeys.voters import Person, four_patrons
from tests.processes import Newsroom

EDITOR = "editor@newsroom.example"


@pytest.fixture
def people(newsroom: Newsroom, browser: Browser) -> Iterator[list[Person]]:
    """Who suggests the topic, who seconds it, who suggests the same, and who only votes."""
    made = four_patrons(newsroom, browser, PATIENCE)
    yield made
    for person in made:
        person.page.context.close()


@pytest.fixture
def owner(newsroom: Newsroom, staff: Page) -> Person:
    """The newsroom's owner, signed in."""
    sign_in_staff(staff, newsroom, OWNER)
    return Person(newsroom, staff, OWNER, "Ірина Завадська")


@pytest.fixture
def editor(newsroom: Newsroom, browser: Browser) -> Iterator[Person]:
    """Her colleague, who reads Ukrainian."""
    context: BrowserContext = browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en"
    )
    context.set_default_timeout(PATIENCE)
    person = Person(newsroom, context.new_page(), EDITOR, "Марія Гончар", "uk")
    sign_in_staff(person.page, newsroom, EDITOR)
    person.goes("/account")
    person.page.get_by_label("Language").select_option("uk")
    person.page.get_by_role("button", name="Save").click()
    expect(person.page.locator("html")).to_have_attribute("lang", "uk")
    yield person
    context.close()


def test_a_topic_is_followed_from_the_suggestion_to_the_published_story(
    newsroom: Newsroom, people: list[Person], owner: Person, editor: Person, tmp_path: Path
) -> None:
    suggest(people)
    shortlist(owner, people)
    round_id = draft(newsroom, owner, editor)
    open_by_two(newsroom, owner, editor, round_id)
    codes = vote(newsroom, people, owner, round_id)
    close(newsroom, people, owner, round_id)
    recount(people[0], codes, tmp_path)
    promise(newsroom, owner, editor, people)
    publish(owner, people)
