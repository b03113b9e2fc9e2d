"""A patron is asked no more on the newsroom's own site, without cookies of third parties."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from config.local.browser import ensure
from tests.journeys.conftest import PATIENCE
from tests.journeys.steps import letters, look_over
from tests.processes import Newsroom
from tests.servers import QUIET
from tests.site.server import Site

ASKS = "I am a patron already"
THANKS = re.compile("^You are a patron. Thank you")


@pytest.fixture
def guarded(browser: Browser, tmp_path: Path) -> Iterator[BrowserContext]:
    """A phone whose browser blocks the cookies of third parties."""
    profile = tmp_path / "Default"
    profile.mkdir()
    blocked = {"block_third_party_cookies": True, "cookie_controls_mode": 1}
    (profile / "Preferences").write_text(json.dumps({"profile": blocked}))
    context = browser.browser_type.launch_persistent_context(
        tmp_path,
        executable_path=ensure(),
        args=list(QUIET),
        viewport={"width": 360, "height": 740},
        locale="en",
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def a_patron(newsroom: Newsroom, *, after: int = 0) -> str:
    """The address of a patron who reads English; the first, or one after so many others."""
    ((email,),) = newsroom.query(
        "SELECT a.email FROM account a JOIN pledge p ON p.account_id = a.id"
        " WHERE p.status = 'active' AND p.paid_until > now() AND p.ends_at IS NULL"
        " AND a.role IS NULL AND a.locale = 'en'"
        f" ORDER BY a.email LIMIT 1 OFFSET {after}"
    )
    return str(email)


def kept(page: Page) -> Any:
    """What the site's page keeps in the browser."""
    return page.evaluate("JSON.parse(localStorage.getItem('hromada-pass'))")


def end_token(page: Page) -> None:
    """Let the hour of the token pass."""
    page.evaluate(
        "localStorage.setItem('hromada-pass',"
        " JSON.stringify({...JSON.parse(localStorage.getItem('hromada-pass')), until: 1}))"
    )


def expire(page: Page) -> None:
    """Let the hour of the token pass, and open the page again."""
    end_token(page)
    page.reload()


def asked_for(page: Page, newsroom: Newsroom) -> Any:
    """What a script of the page gets that asks who reads here."""
    return page.evaluate(
        "async (from) => (await import(from)).patron()", f"{newsroom.site_url}/embed/v1/pass.js"
    )


def test_who_signs_in_once_is_asked_no_more_until_they_take_it_back(
    newsroom: Newsroom, site: Site, guarded: BrowserContext
) -> None:
    email, page = a_patron(newsroom), guarded.new_page()
    asked: list[Request] = []

    def note(request: Request) -> None:
        if "/embed/" in request.url or request.url.endswith("/pass/token"):
            asked.append(request)

    page.on("request", note)
    article = f"{site.url}/strict?p=7"
    page.goto(article)
    appeal = page.locator("hromada-appeal")
    expect(appeal.get_by_role("link", name=re.compile("^Become a patron"))).to_be_visible()
    appeal.get_by_role("button", name=ASKS).click()

    # The usual letter; its link opens in another tab of the same browser.
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send me the letter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your mail")
    newsroom.wait_until(lambda: bool(letters(newsroom, email)), 30, "the sign-in letter")
    link = re.findall(r"\S+/sign-in/link/\S+", letters(newsroom, email)[0]["text"])[0]
    tab = guarded.new_page()
    tab.goto(link)
    tab.get_by_role("button", name=re.compile("^Sign in to")).click()
    expect(tab.get_by_role("heading", level=1)).to_have_text(
        re.compile("^Let localhost:[0-9]+ know that you are a patron")
    )
    look_over(tab)
    tab.get_by_role("button", name="Let it know, and go back").click()

    # Back under the article, its address as it was.
    expect(tab.locator("hromada-appeal").get_by_text(THANKS)).to_be_visible()
    assert tab.url == article
    for other in ("/article", "/strict"):
        page.goto(site.url + other)
        expect(appeal.get_by_text(THANKS)).to_be_visible()
        expect(appeal.get_by_role("button", name=ASKS)).not_to_be_visible()
    look_over(page)

    # An hour later it asks again by itself, and what it gets can be checked by anybody.
    first = kept(page)
    expire(page)
    expect(appeal.get_by_text(THANKS)).to_be_visible()
    second = kept(page)
    assert second["renewal"] != first["renewal"]
    keys = page.request.get(f"{newsroom.site_url}/.well-known/jwks.json").json()
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(second["token"])["kid"]]
    claims = jwt.decode(second["token"], key.key, algorithms=["EdDSA"], audience=site.url)
    assert claims["patron"] is True

    # A page that stays open for an hour gets a new one too, when a script of it asks.
    end_token(page)
    third = asked_for(page, newsroom)
    assert third["renewal"] != second["renewal"]
    assert kept(page) == third

    # No cookie had a part in it: none was sent from the site's pages, and none lies there.
    assert {one.url.rpartition("/")[2] for one in asked} >= {"token", "pass.js"}
    assert not [one.url for one in asked if "cookie" in one.all_headers()]
    assert page.evaluate("document.cookie") == ""

    # The patron takes it back, on Hromada's own pages.
    page.goto(f"{newsroom.site_url}/account")
    page.get_by_role("link", name="Pages that know you as a patron").click()
    look_over(page)
    page.get_by_role("button", name="Tell it nothing more").click()
    expect(page.get_by_text("No page knows you")).to_be_visible()
    page.goto(article)
    expire(page)
    expect(appeal.get_by_role("button", name=ASKS)).to_be_visible()
    assert kept(page) is None


def let_know(newsroom: Newsroom, page: Page, email: str) -> None:
    """Sign in by the code of the letter, and let the site know."""
    page.locator("hromada-appeal").get_by_role("button", name=ASKS).click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send me the letter").click()
    newsroom.wait_until(lambda: bool(letters(newsroom, email)), 30, "the sign-in letter")
    code = re.findall(r"\b\d{6}\b", letters(newsroom, email)[0]["text"])[0]
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Let it know, and go back").click()


def test_who_loses_an_answer_on_the_way_stays_known_and_so_do_other_tabs(
    newsroom: Newsroom, site: Site, guarded: BrowserContext
) -> None:
    # As a browser does that cannot make tabs wait for one another.
    guarded.add_init_script("Object.defineProperty(navigator, 'locks', { value: undefined })")
    page = guarded.new_page()
    page.goto(f"{site.url}/article")
    let_know(newsroom, page, a_patron(newsroom, after=1))
    appeal = page.locator("hromada-appeal")
    expect(appeal.get_by_text(THANKS)).to_be_visible()
    first, lost = kept(page), []

    def lose(route: Route) -> None:
        """The server answers, and nobody hears it."""
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/pass/token", lose, times=1)
    expire(page)
    expect(appeal.get_by_role("button", name=ASKS)).to_be_visible()
    assert lost == [200]
    # The page asks once more by itself, so that the next one knows its reader again.
    page.wait_for_function(
        "(old) => JSON.parse(localStorage.getItem('hromada-pass')).renewal !== old",
        arg=first["renewal"],
    )
    page.reload()
    expect(appeal.get_by_text(THANKS)).to_be_visible()

    # Two tabs hand in the same renewal: both are answered, and neither ends the other.
    tab = guarded.new_page()
    tab.goto(f"{site.url}/article")
    thanked = tab.locator("hromada-appeal").get_by_text(THANKS)
    expect(thanked).to_be_visible()
    held: list[Route] = []

    def hold(route: Route) -> None:
        """Keep the request back."""
        held.append(route)

    page.route("**/pass/token", hold, times=1)
    with page.expect_request("**/pass/token"):
        expire(page)
    tab.reload()
    expect(thanked).to_be_visible()
    newer = kept(tab)
    held[0].continue_()
    expect(appeal.get_by_text(THANKS)).to_be_visible()
    assert kept(page) == newer
    expire(tab)
    expect(thanked).to_be_visible()


def test_who_is_no_patron_is_told_so_and_asked_as_before(
    newsroom: Newsroom, site: Site, guarded: BrowserContext
) -> None:
    ((email,),) = newsroom.query(
        "SELECT a.email FROM account a WHERE a.role IS NULL AND a.locale = 'en' AND"
        " a.merged_into_id IS NULL AND a.email NOT LIKE '%%.invalid' AND NOT EXISTS"
        " (SELECT FROM pledge p WHERE p.account_id = a.id) ORDER BY a.email LIMIT 1"
    )
    page = guarded.new_page()
    page.goto(f"{site.url}/article#mistake")
    let_know(newsroom, page, email)
    appeal = page.locator("hromada-appeal")
    expect(appeal.get_by_text("You have no pledge in standing")).to_be_visible()
    expect(appeal.get_by_role("link", name=re.compile("^Become a patron"))).to_be_visible()
    assert page.url == f"{site.url}/article#mistake"
    assert kept(page) is None
