"""The elements on the newsroom's own pages: asked under an article, a patron; voted from one."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.journeys.conftest import PATIENCE
from tests.journeys.steps import OWNER, pay, sign_in, sign_in_staff
from tests.processes import Newsroom
from tests.site.server import Site

NADIA = "nadia.koval@example.org"
#: What a page's content moved by after it was there, in the measure of browsers.
WATCH = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.moved += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""
LANGUAGES = {
    "article": (re.compile("^Become a patron"), re.compile("^Vote on topics$")),
    "stattia": (re.compile("^Стати патроном"), re.compile("^Проголосувати")),
}
PATRON = LANGUAGES["article"][0]
#: The wordings of the appeal that the demo newsroom shows.
TAG = re.compile(r"^[0-9]+-1-[ab]$")


@pytest.fixture
def said(reader: Page) -> list[str]:
    """What the browser complains of."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(message.text)

    reader.on("console", note)
    reader.on("pageerror", lambda error: found.append(str(error)))
    return found


def shown(page: Page, site: Site, path: str) -> None:
    """Open a page of the newsroom's own site and wait until its elements are drawn."""
    page.goto(site.url + path)
    for name in ("appeal", "round", "goal"):
        expect(page.locator(f"hromada-{name} section.box")).to_be_attached(timeout=PATIENCE)


def test_a_reader_of_an_article_becomes_a_patron_and_the_report_says_by_which(
    newsroom: Newsroom, site: Site, reader: Page, staff: Page
) -> None:
    shown(reader, site, "/article?utm_source=telegram&utm_campaign=winter-2026")
    appeal = reader.locator("hromada-appeal")
    appeal.get_by_text("€10", exact=True).click()
    appeal.get_by_role("link", name=PATRON).click()
    asked = parse_qs(urlsplit(reader.url).query)
    assert asked["article"] == ["article"]
    assert asked["place"] == ["under-text"]
    reader.get_by_label("Your name").fill("Nadia Koval")
    reader.get_by_label("E-mail").fill(NADIA)
    reader.get_by_role("button", name="Give €10 each month").click()
    pay(reader)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Thank you")
    (row,) = newsroom.query(
        "SELECT touch.article, touch.place, touch.campaign, touch.source, "
        "touch.title, touch.url, touch.appeal FROM touch "
        "JOIN pledge ON pledge.id = touch.pledge_id "
        "JOIN account ON account.id = pledge.account_id WHERE email = %s AND turn = 'last'",
        NADIA,
    )
    assert TAG.match(row[-1])
    assert row[:-1] == (
        "article",
        "under-text",
        "winter-2026",
        "telegram",
        "Who poisons the river",
        f"{site.url}/article",
    )
    sign_in_staff(staff, newsroom, OWNER)
    ((month,),) = newsroom.query("SELECT to_char(now() AT TIME ZONE 'Europe/Kyiv', 'YYYY-MM')")
    staff.goto(f"{newsroom.site_url}/staff/reports/articles?from={month}&to={month}")
    # By the title that the page told.
    cell = staff.get_by_role("rowheader", name="Who poisons the river", exact=True).first

    def told() -> bool:
        staff.reload()
        return cell.is_visible()

    # Sums kept beside the rows follow within moments.
    newsroom.wait_until(told, 60, "the report tells the article")


def test_a_view_is_counted_once_it_was_on_the_screen(
    newsroom: Newsroom, site: Site, browser: Browser
) -> None:
    # A headless browser says so, and robots are not counted.
    context = browser.new_context(
        user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140"
    )
    page = context.new_page()
    with page.expect_request("**/embed/seen") as told:
        shown(page, site, "/article")
        page.locator("hromada-appeal").scroll_into_view_if_needed()
    assert "cookie" not in told.value.all_headers()
    newsroom.wait_until(
        lambda: newsroom.query(
            "SELECT 1 FROM funnel_day WHERE step = 'shown' AND article = 'article' "
            "AND appeal <> '' AND device = 'desktop'"
        ),
        90,
        "the view is counted",
    )
    assert context.cookies() == []
    context.close()


def test_an_appeal_taller_than_two_windows_is_counted_too(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 640, "height": 300})
    page = context.new_page()
    appeal = page.locator("hromada-appeal")
    with page.expect_response("**/embed/seen") as told:
        shown(page, site, "/article")
        height = appeal.evaluate("e => (e.scrollIntoView(), e.getBoundingClientRect().height)")
        assert height > 2 * 300
    assert told.value.status == 204
    context.close()


def test_what_is_chosen_shows_where_the_reader_sets_all_colours(
    site: Site, browser: Browser
) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    shown(page, site, "/article")
    labels = page.locator("hromada-appeal label")
    colours = labels.evaluate_all(
        "all => all.map(e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color])"
    )
    chosen = labels.evaluate_all("all => all.map(e => e.control.checked)")
    assert chosen.count(True) == 2
    marked = {tuple(colours[at]) for at, one in enumerate(chosen) if one}
    plain = {tuple(colours[at]) for at, one in enumerate(chosen) if not one}
    assert len(marked) == len(plain) == 1
    assert {ground for ground, _words in marked} != {ground for ground, _words in plain}
    context.close()


def test_a_patron_votes_from_an_article(newsroom: Newsroom, site: Site, reader: Page) -> None:
    ((email, title),) = newsroom.query(
        "SELECT email, title FROM account JOIN pledge ON pledge.account_id = account.id "
        "JOIN voting_round ON voting_round.status = 'open' "
        "WHERE pledge.status = 'active' AND confirmed_at IS NOT NULL AND locale = 'en' "
        "AND started_at < opens_at AND account.id NOT IN "
        "(SELECT account_id FROM participation WHERE round_id = voting_round.id) "
        "ORDER BY account.id LIMIT 1"
    )
    sign_in(reader, newsroom, str(email))
    shown(reader, site, "/article")
    element = reader.locator("hromada-round")
    expect(element.get_by_role("heading")).to_have_text(str(title))
    expect(element.get_by_role("listitem")).to_have_count(8)
    element.get_by_role("link", name="Vote on topics").click()
    assert parse_qs(urlsplit(reader.url).query)["article"] == ["article"]
    expect(reader.get_by_role("heading", level=1)).to_have_text(str(title))
    reader.locator("label[for^='topic-']").nth(2).click()
    reader.get_by_role("button", name="Cast my ballot").click()
    expect(reader.locator("code").first).to_have_text(re.compile(r"^[A-Z2-7 -]{26,}$"))


@pytest.mark.parametrize("size", [(320, 3600), (1280, 2400)], ids=lambda size: f"{size[0]}px")
@pytest.mark.parametrize("path", LANGUAGES)
def test_nothing_moves_when_the_elements_come(
    site: Site,
    browser: Browser,
    path: str,
    size: tuple[int, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.add_init_script(WATCH)
    shown(page, site, f"/{path}")
    for name in ("appeal", "round", "goal"):
        page.locator(f"hromada-{name}").scroll_into_view_if_needed()
        page.wait_for_function(
            "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )
    moved = page.evaluate("window.moved")
    with capsys.disabled():
        print(f"\nlayout shift of /{path} at {size[0]} px: {moved}")
    assert moved == 0
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", LANGUAGES)
def test_nobody_is_shut_out_on_a_small_phone_in_either_language_and_light(
    site: Site, browser: Browser, path: str, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 740}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    shown(page, site, f"/{path}")
    button, vote = LANGUAGES[path]
    expect(page.locator("hromada-appeal").get_by_role("link", name=button)).to_be_visible()
    expect(page.locator("hromada-round").get_by_role("link", name=vote)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    found = [
        f"{one['id']} {one['nodes'][0]['html'][:120]}"
        for one in Axe().run(page).response["violations"]
        # What the page itself has beside the elements is the test's own.
        if one["id"] not in ("region",)
    ]
    assert not found
    context.close()


def test_the_keyboard_alone_leads_from_an_article_to_the_form(
    newsroom: Newsroom, site: Site, reader: Page
) -> None:
    shown(reader, site, "/article")
    focused = "document.activeElement.shadowRoot?.activeElement?.outerHTML ?? ''"
    seen: list[str] = []
    for _press in range(12):
        reader.keyboard.press("Tab")
        seen.append(reader.evaluate(focused))
        if 'name="amount"' in seen[-1]:
            reader.keyboard.press("ArrowRight")
        if 'class="main"' in seen[-1]:
            break
    assert 'name="often"' in seen[0]
    reader.keyboard.press("Enter")
    reader.wait_for_url(re.compile(r"/give\?"))
    expect(reader.get_by_role("radio", name="€10")).to_be_checked()


def test_a_strict_policy_lets_everything_through(site: Site, reader: Page, said: list[str]) -> None:
    shown(reader, site, "/strict")
    expect(reader.locator("hromada-appeal").get_by_role("link", name=PATRON)).to_be_visible()
    # Its sheets are made, so they hold where none may be written into the page.
    colour = reader.locator("hromada-appeal .main").evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    assert colour == "rgb(10, 79, 163)"
    refused = [text for text in said if "Content Security Policy" in text or "Trusted" in text]
    assert not refused


def test_what_a_comment_put_into_an_element_is_not_shown_as_ours(site: Site, reader: Page) -> None:
    shown(reader, site, "/article")
    reader.evaluate(
        """() => {
          const told = { label: "", lang: "en", colours: { accent: "red", accent_dark: "red" },
            state: "open", title: "Forged", share: 1, sentence: "", until: "",
            link: { text: "Here", href: "javascript:alert(1)" } };
          const data = document.createElement("data");
          data.hidden = true;
          data.value = JSON.stringify(told);
          const comment = document.createElement("hromada-goal");
          comment.id = "comment";
          comment.append(data);
          document.body.append(comment);
        }"""
    )
    expect(reader.locator("hromada-goal#comment section.box")).to_be_attached(timeout=PATIENCE)
    expect(reader.locator("hromada-goal#comment")).not_to_contain_text("Forged")


def test_without_scripts_and_without_us_a_link_is_there(
    newsroom: Newsroom, site: Site, browser: Browser
) -> None:
    for refused in (False, True):
        context: BrowserContext = browser.new_context(java_script_enabled=refused)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        if refused:
            page.route("**/embed/*.json*", lambda route: route.abort())
        page.goto(f"{site.url}/article")
        page.get_by_role("link", name="Support our reporting").click()
        expect(page.get_by_role("button", name="Give €5 each month")).to_be_visible()
        assert page.url == f"{newsroom.site_url}/give?article=article&place=under-text"
        context.close()
