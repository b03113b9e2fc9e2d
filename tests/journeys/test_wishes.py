"""What a patron can do, on the own page and from letters, and the letters that confirm it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from config.local.postgres import Postgres
from config.local.services import scratch_home
from tests.journeys.conftest import PATIENCE
from tests.journeys.steps import advance, letter, look_over, pay, sign_in
from tests.processes import Newsroom

ANNA, BOHDAN, IRENA, MARIA, PETRO = (
    f"{name}@example.org" for name in ("anna", "bohdan", "irena", "maria", "petro")
)
DAY = r"\w+ \d+, \d{4}"
NEW_CARD = "5555 5555 5555 4444"


@pytest.fixture(scope="module")
def newsroom(postgres: Postgres) -> Iterator[Newsroom]:
    """The whole product, empty, with a form that need not be read slowly."""
    with scratch_home() as home, Newsroom(postgres, home, GIVE_SECONDS="0") as running:
        yield running


@pytest.fixture
def stranger(browser: Browser) -> Iterator[Page]:
    """A browser that has never been here: only a letter's link leads it in."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def give(newsroom: Newsroom, page: Page, email: str, amount: str = "€5") -> None:
    """Become a patron each month, and wait for the receipt."""
    page.context.clear_cookies()
    page.goto(f"{newsroom.site_url}/give")
    page.get_by_text(amount, exact=True).first.click()
    page.get_by_label("Your name").fill("Anna Marchenko")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name=f"Give {amount} each month").click()
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    letter(page, newsroom, email, "receipt")


def open_pledge(newsroom: Newsroom, page: Page) -> None:
    page.goto(f"{newsroom.site_url}/pledge")
    expect(page.get_by_role("heading", level=1)).to_have_text("My pledge")


def follow(newsroom: Newsroom, page: Page, email: str, line: str) -> None:
    """Follow the link of a letter's line, in a browser that is signed in to nothing."""
    letter(page, newsroom, email, "receipt")
    text = page.locator("pre").text_content() or ""
    found = re.search(rf"{line}\s*(http\S+/l/\S+)", text)
    assert found, f"no link {line!r} in:\n{text}"
    page.goto(found[1])


def test_the_amount_and_the_period_change_from_the_next_gift_on(
    newsroom: Newsroom, reader: Page
) -> None:
    give(newsroom, reader, ANNA)
    sign_in(reader, newsroom, ANNA)
    change_to(reader, "€10", "From €5 a month to €10 a month?")
    reader.get_by_role("button", name="Give €10 a month").click()
    expect(reader.get_by_text("You give €10 a month from your next gift on.")).to_be_visible()
    letter(reader, newsroom, ANNA, "You give €10 a month from now on")
    open_pledge(newsroom, reader)
    reader.get_by_role("link", name="Change").click()
    reader.get_by_role("link", name="Give yearly instead").click()
    reader.get_by_text("€100", exact=True).click()
    reader.get_by_role("button", name="Go on").click()
    expect(reader.get_by_text("What you have paid lasts to the end.")).to_be_visible()
    expect(reader.get_by_text(re.compile(rf"€100 on {DAY}"))).to_be_visible()
    reader.get_by_role("button", name="Give €100 a year").click()
    expect(reader.locator(".sum")).to_have_text("€100 a year")
    letter(reader, newsroom, ANNA, "You give €100 a year from now on")
    assert taken(newsroom, ANNA) == [500], "nothing was charged for a change"


def change_to(page: Page, amount: str, heading: str) -> None:
    page.get_by_role("link", name="Change").click()
    look_over(page)
    page.get_by_text(amount, exact=True).click()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page.get_by_text("Nothing", exact=True)).to_be_visible()
    look_over(page)


def test_a_pause_ends_early_a_card_is_changed_and_leaving_is_undone(
    newsroom: Newsroom, reader: Page
) -> None:
    give(newsroom, reader, BOHDAN)
    sign_in(reader, newsroom, BOHDAN)
    pause_and_resume(newsroom, reader)
    change_the_card(newsroom, reader)
    leave_and_stay(newsroom, reader)
    leave_at_once_and_come_back(newsroom, reader)


def pause_and_resume(newsroom: Newsroom, page: Page) -> None:
    page.get_by_role("link", name="Pause").click()
    look_over(page)
    page.get_by_label("3 months").check()
    page.get_by_role("button", name="Pause my gift").click()
    expect(page.get_by_text("Your pledge is paused.")).to_be_visible()
    expect(page.get_by_text(re.compile(f"You keep your vote until {DAY}"))).to_be_visible()
    letter(page, newsroom, BOHDAN, f"Your pledge is paused until {DAY}")
    open_pledge(newsroom, page)
    expect(page.get_by_text(re.compile(f"If you resume now, €5 is taken on {DAY}"))).to_be_visible()
    look_over(page)
    page.get_by_role("button", name="Resume my pledge").click()
    expect(page.get_by_text("Your pledge goes on.")).to_be_visible()
    letter(page, newsroom, BOHDAN, "Your pledge goes on")


def change_the_card(newsroom: Newsroom, page: Page) -> None:
    open_pledge(newsroom, page)
    expect(page.get_by_text("Visa ···· 4242").first).to_be_visible()
    page.get_by_role("button", name="New card").click()
    pay(page, NEW_CARD)
    expect(page.get_by_role("heading", level=1)).to_have_text("My pledge")
    expect(page.get_by_text(re.compile("taken from Mastercard ···· 4444"))).to_be_visible()
    expect(page.get_by_text("Mastercard ···· 4444, good to")).to_be_visible()


def leave_and_stay(newsroom: Newsroom, page: Page) -> None:
    page.get_by_role("link", name="Leave").click()
    page.get_by_label("It is too much money for me").check()
    expect(page.get_by_role("link", name="Give €3 a month instead")).to_be_visible()
    look_over(page)
    page.get_by_role("button", name="End my pledge").click()
    expect(
        page.get_by_text(re.compile(f"You are leaving. Your pledge ends on {DAY}"))
    ).to_be_visible()
    letter(page, newsroom, BOHDAN, f"Your pledge ends on {DAY}")
    open_pledge(newsroom, page)
    look_over(page)
    page.get_by_role("button", name="Stay a patron").click()
    expect(page.get_by_text("Good to have you with us.")).to_be_visible()
    letter(page, newsroom, BOHDAN, "Your pledge goes on", count=2)


def leave_at_once_and_come_back(newsroom: Newsroom, page: Page) -> None:
    open_pledge(newsroom, page)
    page.get_by_role("link", name="Leave").click()
    page.get_by_label("Today").check()
    page.get_by_role("button", name="End my pledge").click()
    expect(page.get_by_text("Your pledge has ended, and nothing more")).to_be_visible()
    letter(page, newsroom, BOHDAN, f"Your pledge ended on {DAY}")
    open_pledge(newsroom, page)
    page.get_by_role("button", name="Come back with €5 a month").click()
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    open_pledge(newsroom, page)
    expect(page.get_by_text("Active", exact=True)).to_be_visible()
    assert taken(newsroom, BOHDAN) == [500, 500]


def test_a_letter_lowers_skips_and_ends_without_signing_in(
    newsroom: Newsroom, stranger: Page
) -> None:
    give(newsroom, stranger, IRENA, "€20")
    stranger.context.clear_cookies()
    follow(newsroom, stranger, IRENA, "give less:")
    look_over(stranger)
    stranger.get_by_label("€10 a month").check()
    stranger.get_by_role("button", name="Change my gift").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This is done")
    letter(stranger, newsroom, IRENA, "You give €10 a month from now on")
    follow(newsroom, stranger, IRENA, "skip one month:")
    expect(stranger.get_by_text(re.compile(f"The €10 of {DAY} are not taken"))).to_be_visible()
    stranger.get_by_role("button", name="Skip one month").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This is done")
    letter(stranger, newsroom, IRENA, f"Your pledge is paused until {DAY}")
    follow(newsroom, stranger, IRENA, "skip one month:")
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This is done")
    expect(stranger.get_by_role("button")).to_have_count(0)
    look_over(stranger)
    follow(newsroom, stranger, IRENA, "stop:")
    stranger.get_by_role("button", name="End my pledge").click()
    expect(stranger.get_by_text(re.compile(f"Your pledge ends on {DAY}"))).to_be_visible()
    letter(stranger, newsroom, IRENA, f"Your pledge ends on {DAY}")
    assert not [cookie for cookie in stranger.context.cookies() if cookie["name"] == "session"]
    assert taken(newsroom, IRENA) == [2000]


def test_a_monthly_gift_that_was_meant_once_is_mended_by_the_first_letter(
    newsroom: Newsroom, stranger: Page
) -> None:
    give(newsroom, stranger, MARIA)
    stranger.context.clear_cookies()
    follow(newsroom, stranger, MARIA, "nothing more is taken:")
    expect(stranger.get_by_text("Your gift of €5 stands")).to_be_visible()
    stranger.get_by_role("button", name="End my pledge, keep my gift").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This is done")
    letter(stranger, newsroom, MARIA, f"Your pledge ended on {DAY}")
    expect(stranger.locator("pre")).to_contain_text("You meant to give once. Your gift stands")


def test_money_is_taken_when_the_letters_said_and_not_before(
    newsroom: Newsroom, stranger: Page
) -> None:
    give(newsroom, stranger, PETRO)
    stranger.context.clear_cookies()
    follow(newsroom, stranger, PETRO, "pause:")
    stranger.get_by_label("1 month:").check()
    stranger.get_by_role("button", name="Pause my gift").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This is done")
    advance(newsroom, stranger, months=1, hours=2)
    assert taken(newsroom, ANNA) == [500, 10_000], "the year began when the paid month ended"
    assert taken(newsroom, PETRO) == [500]
    advance(newsroom, stranger, months=1)
    assert taken(newsroom, ANNA) == [500, 10_000]
    assert taken(newsroom, PETRO) == [500, 500], "the pause ended on its day"
    assert taken(newsroom, IRENA) == [2000], "who has left is not charged"


def taken(newsroom: Newsroom, email: str) -> list[int]:
    """What was received from somebody, in minor units, the first first."""
    rows = newsroom.query(
        "SELECT amount_minor FROM donation JOIN account ON account.id = account_id "
        "WHERE email = %s ORDER BY donation.id",
        email,
    )
    return [minor for (minor,) in rows]
