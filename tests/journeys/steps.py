"""Steps that several journeys take, as a person would take them."""

import json
import re
import time
import urllib.request
from collections.abc import Callable
from io import BytesIO

import pyotp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from app.demo.filling import SECOND_FACTOR
from tests.processes import Newsroom

OWNER = "owner@newsroom.example"
CARD = "4242 4242 4242 4242"


def pay(page: Page, card: str = CARD, expiry: str = "12 / 40") -> None:
    """Fill in the payment page and send it."""
    page.get_by_label("Card number").fill(card)
    page.get_by_label("Expiry").fill(expiry)
    page.get_by_label("CVC").fill("123")
    page.get_by_label("Name on card").fill("Olena Marchenko")
    page.get_by_role("button").last.click()


def letters(newsroom: Newsroom, to: str) -> list[dict[str, str]]:
    """The letters of one address, the newest first."""
    with urllib.request.urlopen(f"{newsroom.sandbox_url}/mailbox.json?to={to}") as answer:
        found: list[dict[str, str]] = json.load(answer)["letters"]
    return found


def letter(page: Page, newsroom: Newsroom, to: str, subject: str, count: int = 1) -> None:
    """Wait until `count` letters with such a subject have come, and open the newest."""

    def those() -> list[dict[str, str]]:
        return [one for one in letters(newsroom, to) if re.search(subject, one["subject"])]

    newsroom.wait_until(lambda: len(those()) >= count, 30, f"{count} letters {subject!r} to {to}")
    page.goto(f"{newsroom.sandbox_url}/mailbox?to={to}")
    page.get_by_role("link", name=re.compile(subject)).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(subject))


def attached_text(page: Page) -> str:
    """The text of the PDF attached to the letter that is open."""
    link = page.get_by_role("link", name=re.compile(r"\.pdf$"))
    address = link.get_attribute("href")
    assert address is not None
    content = page.request.get(page.url.split("/mailbox")[0] + address).body()
    return "\n".join(sheet.extract_text() for sheet in PdfReader(BytesIO(content)).pages)


def look_over(page: Page) -> None:
    """Find nothing on the page that shuts somebody out, and nothing wider than a small phone."""
    # Without its sheets every page is too wide.
    page.wait_for_load_state()
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 740})
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert over <= 0, f"{page.url}: {over} px too wide"
    found = [
        f"{one['id']} {one['nodes'][0]['html'][:120]}"
        for one in Axe().run(page).response["violations"]
    ]
    assert not found, f"{page.url}: {found}"
    if size:
        page.set_viewport_size(size)


def sign_in(page: Page, newsroom: Newsroom, email: str, says: Callable[[str], str] = str) -> None:
    """Ask for the letter, follow its link and press the button.

    `says` gives the words of the reader's language.
    """

    def those() -> list[dict[str, str]]:
        return [one for one in letters(newsroom, email) if "/sign-in/link/" in one["text"]]

    before = len(those())
    page.goto(f"{newsroom.site_url}/sign-in")
    page.get_by_label(says("E-mail")).fill(email)
    page.get_by_role("button", name=says("Send me the letter")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(says("Look into your mail"))
    newsroom.wait_until(lambda: len(those()) > before, 30, "the sign-in letter")
    page.goto(f"{newsroom.sandbox_url}/mailbox?to={email}")
    page.get_by_role("link", name=those()[0]["subject"]).first.click()
    page.locator("pre a[href*='/sign-in/link/']").click()
    name, _, _ = says("Sign in to %(newsroom)s").partition("%")
    page.get_by_role("button", name=re.compile(f"^{name}")).click()


def sign_in_staff(page: Page, newsroom: Newsroom, email: str) -> None:
    """Sign in as one of the demo's staff, second factor and all."""
    sign_in(page, newsroom, email)
    # A code works once: who signs in twice within its half minute needs the one that follows.
    app, now = pyotp.TOTP(SECOND_FACTOR), time.time()
    for code in (app.at(now), app.at(now + app.interval)):
        page.get_by_label("Code").fill(code)
        page.get_by_role("button", name="Continue").click()
        if not page.url.endswith("/second-factor"):
            break
    expect(page.get_by_role("heading", level=1)).to_have_text("This month")


def advance(newsroom: Newsroom, page: Page, **span: int) -> None:
    """Let time pass at Stripe, and wait until all it told is settled and the letters have gone."""
    control(newsroom, page, "advance", **span)
    newsroom.wait_until(
        lambda: (
            not _undelivered(newsroom, page)
            and not newsroom.query(
                "SELECT 1 FROM inbox_event WHERE settled_at IS NULL "
                "UNION ALL SELECT 1 FROM letter WHERE due_at IS NOT NULL"
            )
        ),
        60,
        "everything is settled",
    )


def control(newsroom: Newsroom, page: Page, what: str, **how: object) -> None:
    """Let something happen at Stripe that no page of its asks for."""
    answer = page.request.post(f"{newsroom.sandbox_url}/_control/{what}", data=how)
    assert answer.ok, answer.text()


def _undelivered(newsroom: Newsroom, page: Page) -> object:
    return page.request.get(f"{newsroom.sandbox_url}/_control/deliveries").json()["undelivered"]
