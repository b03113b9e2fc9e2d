"""A mistake highlighted on an article, up to the public log and the letter to its reader."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import PATIENCE
from tests.journeys.steps import OWNER, letter, letters, look_over, sign_in_staff
from tests.processes import Newsroom
from tests.site.server import Site

HIGHLIGHT = """([words, place]) => {
  const text = document.getElementById("mistake").firstChild;
  const from = text.data.indexOf(words, place);
  getSelection().setBaseAndExtent(text, from, text, from + words.length);
}"""


@pytest.fixture
def touch(browser: Browser) -> Iterator[BrowserContext]:
    """A reader's phone with nothing but a touch screen."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="en", has_touch=True, is_mobile=True
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def highlight(page: Page, words: str, place: int = 0) -> None:
    """Mark these words of the paragraph with the mistake, as a hand would."""
    page.evaluate(HIGHLIGHT, [words, place])


def test_a_typo_goes_from_the_article_to_the_public_log_and_the_readers_letter(
    newsroom: Newsroom, site: Site, reader: Page, staff: Page
) -> None:
    # Two readers see it: one marks the word, the other the words around it, on a strict site.
    reader.goto(f"{site.url}/strict")
    expect(reader.get_by_text("Seen a mistake? Highlight it and press Ctrl+Enter.")).to_be_visible()
    highlight(reader, "tventy")
    reader.keyboard.press("Control+Enter")
    dialog = reader.get_by_role("dialog", name="Report a mistake")
    expect(dialog).to_be_visible()
    expect(dialog.locator("mark")).to_have_text("tventy")
    expect(dialog.get_by_role("blockquote")).to_contain_text(
        "nitrates in a litre, tventy times the limit"
    )
    expect(dialog.get_by_label("What is wrong?")).to_be_focused()
    look_over(reader)
    dialog.get_by_label("What is wrong?").fill("See https://cheap.example")
    dialog.get_by_label("E-mail, if you want an answer").fill("found-it@example.org")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Leave links out")
    expect(dialog.get_by_label("What is wrong?")).to_be_focused()
    dialog.get_by_label("What is wrong?").fill("It is spelt twenty.")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_text("Thank you. An editor looks at it.")).to_be_visible()
    look_over(reader)
    reader.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    # The browser tells of the close a moment after it.
    reader.wait_for_function("getSelection().toString() === 'tventy'")
    assert reader.context.cookies() == []

    highlight(reader, "a litre, tventy")
    reader.keyboard.press("Control+Enter")
    expect(dialog.get_by_label("What is wrong?")).to_have_value("")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_text("Thank you. An editor looks at it.")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()

    # The desk has one row for both.
    sign_in_staff(staff, newsroom, OWNER)
    staff.goto(f"{newsroom.site_url}/staff/corrections?q=a+strict+site")
    look_over(staff)
    expect(staff.locator("tbody tr")).to_have_count(1)
    expect(staff.locator("tbody tr")).to_contain_text("Who poisons the river, on a strict site")
    expect(staff.locator("tbody tr td[data-label='Readers']")).to_have_text("2")
    staff.get_by_role("link", name="tventy", exact=True).click()
    look_over(staff)
    expect(staff.get_by_text("It is spelt twenty.")).to_be_visible()
    staff.get_by_role("button", name="I see to it").click()
    expect(staff.locator(".tag").first).to_have_text("In hand")
    staff.get_by_role("link", name="It is corrected").click()
    look_over(staff)
    staff.get_by_label("What stood", exact=True).fill("tventy times the limit")
    staff.get_by_label("What stands now").fill("twenty times the limit")
    staff.get_by_role("button", name="Publish the note").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Answer readers")
    look_over(staff)
    expect(staff.get_by_label("Answer in English")).to_have_value(
        re.compile("It now says: “twenty times the limit”")
    )
    staff.get_by_role("button", name="Send 1 letter").click()
    expect(staff.locator(".tag").first).to_have_text("Corrected")
    look_over(staff)

    # Everybody reads it, and who left an address gets a letter that leads there.
    letter(reader, newsroom, "found-it@example.org", "About the mistake you found in “Who poisons")
    reader.locator("pre a[href*='/corrections/log/']").click()
    expect(reader.get_by_role("heading", level=1)).to_have_text(
        "Who poisons the river, on a strict site"
    )
    expect(reader.locator("del")).to_have_text("tventy times the limit")
    expect(reader.locator("ins")).to_have_text("twenty times the limit")
    look_over(reader)
    reader.get_by_role("link", name="Corrections and clarifications").first.click()
    expect(reader.get_by_text("twenty times the limit")).to_be_visible()
    look_over(reader)
    assert len(letters(newsroom, "found-it@example.org")) == 1


def test_on_a_touch_screen_a_button_stands_beside_what_is_highlighted(
    newsroom: Newsroom, site: Site, touch: BrowserContext
) -> None:
    page = touch.new_page()
    page.goto(f"{site.url}/article")
    near = page.locator("hromada-corrections button.near")
    expect(near).to_be_attached()
    expect(near).to_be_hidden()
    page.locator("#mistake").scroll_into_view_if_needed()
    highlight(page, "eleven")
    expect(near).to_be_visible()
    box = near.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    near.tap()
    dialog = page.get_by_role("dialog", name="Report a mistake")
    expect(dialog.locator("mark")).to_have_text("eleven")
    dialog.get_by_role("button", name="Send").tap()
    expect(dialog.get_by_text("Thank you. An editor looks at it.")).to_be_visible()
    found = newsroom.query("SELECT prefix FROM correction WHERE passage = 'eleven'")
    assert found == [("The first laboratory found ",)]


def test_by_keyboard_alone_and_in_ukrainian(newsroom: Newsroom, site: Site, reader: Page) -> None:
    reader.goto(f"{site.url}/stattia")
    opener = reader.locator("hromada-corrections").get_by_role("button").first
    expect(opener).to_be_visible()
    opener.focus()
    reader.keyboard.press("Enter")
    dialog = reader.get_by_role("dialog")
    expect(dialog).to_be_visible()
    look_over(reader)
    reader.keyboard.type("двадцять")
    for _ in range(3):
        reader.keyboard.press("Tab")
    expect(dialog.get_by_role("button").first).to_be_focused()
    # What was typed is kept when the dialog is closed and opened again.
    reader.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    reader.keyboard.press("Enter")
    expect(dialog.locator("textarea").first).to_have_value("двадцять")
    reader.keyboard.press("Control+Enter")
    expect(dialog).to_be_visible()
    for _ in range(3):
        reader.keyboard.press("Tab")
    reader.keyboard.press("Enter")
    expect(dialog.locator("form")).to_be_hidden()
    found = newsroom.query("SELECT locale, prefix FROM correction WHERE passage = 'двадцять'")
    assert found == [("uk", "")]


def test_what_cannot_be_sent_is_kept_and_the_form_is_offered(
    newsroom: Newsroom, site: Site, reader: Page
) -> None:
    reader.goto(f"{site.url}/article")
    expect(reader.get_by_text("Seen a mistake? Highlight it and press Ctrl+Enter.")).to_be_visible()
    reader.context.set_offline(True)
    highlight(reader, "laboratory")
    reader.keyboard.press("Control+Enter")
    dialog = reader.get_by_role("dialog", name="Report a mistake")
    dialog.get_by_label("What is wrong?").fill("It was the second.")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.get_by_role("alert")).to_contain_text("What you typed is kept.")
    expect(dialog.get_by_label("What is wrong?")).to_have_value("It was the second.")
    look_over(reader)
    reader.context.set_offline(False)
    with reader.context.expect_page() as opened:
        dialog.get_by_role("link", name="Send it from our own page").click()
    form = opened.value
    expect(form.get_by_label("The article")).to_have_value(f"{site.url}/article")
    expect(form.get_by_label("The words that are wrong")).to_have_value("laboratory")
    look_over(form)
    form.get_by_role("button", name="Send").click()
    expect(form.get_by_role("heading", level=1)).to_have_text("Thank you")
    look_over(form)
