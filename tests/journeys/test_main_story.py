"""The main job: a reader becomes a patron, gets a receipt, votes; staff close, count and report."""

import re
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.journeys.steps import OWNER, attached_text, letter, pay, sign_in, sign_in_staff
from tests.processes import Newsroom

OLENA = "olena.marchenko@example.org"


def test_a_reader_becomes_a_patron_votes_and_the_newsroom_counts(
    newsroom: Newsroom, reader: Page, staff: Page
) -> None:
    give(newsroom, reader)
    read_the_receipt(newsroom, reader)
    vote_and_change_the_vote(newsroom, reader)
    close_the_round(newsroom, staff)
    read_the_result(newsroom, reader)
    give_again_next_month(newsroom, reader)
    see_both_months(newsroom, staff)
    find_nobody_in_the_logs(newsroom)


def give(newsroom: Newsroom, page: Page) -> None:
    page.goto(f"{newsroom.site_url}/give?article=power-plants-before-winter")
    page.get_by_label("Your name").fill("Olena Marchenko")
    page.get_by_label("E-mail").fill(OLENA)
    page.get_by_label("Write to me about votes").check()
    page.get_by_role("button", name="Give €5 each month").click()
    expect(page.get_by_text("Sandbox").first).to_be_visible()
    pay(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    expect(page.get_by_text("You give €5 each month. Your first gift has arrived.")).to_be_visible()
    expect(page.get_by_text(OLENA)).to_be_visible()


def read_the_receipt(newsroom: Newsroom, page: Page) -> None:
    letter(page, newsroom, OLENA, r"Your €5 gift for .*: receipt \d{4}-\d{6}")
    text = attached_text(page)
    assert "Olena Marchenko" in text
    assert "€5" in text
    assert "Visa ···· 4242" in text


def vote_and_change_the_vote(newsroom: Newsroom, page: Page) -> None:
    sign_in(page, newsroom, OLENA)
    expect(page.get_by_role("heading", level=1)).to_have_text("My pledge")
    page.goto(f"{newsroom.site_url}/vote")
    page.get_by_role("link", name="Vote on topics").click()
    boxes = page.locator("[id^='topic-']")
    expect(boxes).to_have_count(8)
    expect(page.get_by_role("checkbox", name="None of these")).to_have_count(1)
    cards = page.locator("label[for^='topic-']")
    cards.nth(0).click()
    cards.nth(3).click()
    expect(page.get_by_text(re.compile(r"2 of \d chosen"))).to_be_visible()
    page.get_by_role("button", name="Cast my ballot").click()
    code = page.locator("code").first
    expect(code).to_have_text(re.compile(r"^[A-Z2-7 -]{26,}$"))
    first = code.text_content()
    page.get_by_role("link", name="See or change my ballot").click()
    expect(boxes.nth(3)).to_be_checked()
    cards.nth(3).click()
    cards.nth(5).click()
    page.get_by_role("button", name="Change my ballot").click()
    expect(code).not_to_have_text(first or "")


def open_round(newsroom: Newsroom) -> str:
    """The title of the demo's open round."""
    ((title,),) = newsroom.query("SELECT title FROM voting_round WHERE status = 'open'")
    return str(title)


def close_the_round(newsroom: Newsroom, page: Page) -> None:
    title = open_round(newsroom)
    sign_in_staff(page, newsroom, OWNER)
    page.goto(f"{newsroom.site_url}/staff/rounds")
    page.get_by_role("link", name=title).click()
    page.get_by_role("link", name="Close the round now").click()
    page.get_by_role("button").last.click()
    newsroom.wait_until(
        lambda: newsroom.query(
            "SELECT 1 FROM publication JOIN voting_round ON voting_round.id = round_id "
            "WHERE title = %s",
            title,
        ),
        30,
        "the result",
    )


def read_the_result(newsroom: Newsroom, page: Page) -> None:
    letter(page, newsroom, OLENA, "Patrons chose|Result:")
    page.locator("pre a[href*='/result']").click()
    expect(page.get_by_role("heading", name="Votes for each topic")).to_be_visible()
    expect(page.locator("li.chosen").first).to_be_visible()


def give_again_next_month(newsroom: Newsroom, page: Page) -> None:
    page.goto(newsroom.sandbox_url)
    page.get_by_role("button", name=re.compile("one month", re.IGNORECASE)).click()
    letter(page, newsroom, OLENA, r"Your €5 gift for .*: receipt", count=2)
    assert "Olena Marchenko" in attached_text(page)


def see_both_months(newsroom: Newsroom, page: Page) -> None:
    page.goto(f"{newsroom.site_url}/staff/supporters?q=olena.marchenko")
    row = page.get_by_role("row", name=re.compile("Olena Marchenko"))
    expect(row.get_by_role("cell").last).to_have_text("€10")
    page.goto(f"{newsroom.site_url}/staff")
    page.get_by_text("The same figures as a table").click()
    months = page.get_by_role("table").get_by_role("rowheader")
    this_month, next_month = clock_months(newsroom)
    expect(months.nth(-2)).to_have_text(this_month)
    expect(months.nth(-1)).to_have_text(next_month)


def clock_months(newsroom: Newsroom) -> list[str]:
    """The months of Olena's two gifts, as the newsroom's zone and the report write them."""
    received = newsroom.query(
        "SELECT received_at FROM donation JOIN account ON account.id = account_id "
        "WHERE email = %s ORDER BY received_at",
        OLENA,
    )
    kyiv = ZoneInfo("Europe/Kyiv")
    return [f"{moment.astimezone(kyiv):%B %Y}" for (moment,) in received]


def find_nobody_in_the_logs(newsroom: Newsroom) -> None:
    for name in ("web", "worker", "files", "beat"):
        said = (newsroom.home / "log" / f"{name}.log").read_text()
        for person in (OLENA, OWNER, "Olena", "/sign-in/link/"):
            assert person not in said, f"{person} in the log of {name}"
