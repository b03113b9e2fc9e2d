"""Every page in both languages: nothing for axe to find, no wider than a small phone."""

from collections.abc import Iterator, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page

from app.reports import catalogue
from tests.journeys.steps import OWNER, sign_in_staff
from tests.processes import Newsroom

READER_PAGES = (
    "/give",
    "/give?currency=UAH&interval=year",
    "/vote",
    "/topics",
    "/topics?q=nothing-of-this-name",
    "/patrons",
    "/promises",
    "/other-ways",
    "/corrections",
    "/corrections?quote=tventy",
    "/corrections/thanks",
    "/corrections/log",
    "/corrections/log?q=nothing-of-this-name",
    "/privacy",
    "/cookies",
    "/sign-in",
    "/sign-in/link/an-old-link",
    "/l/an-old-link",
    "/no-such-page",
)
STAFF_PAGES = (
    "/pledge",
    "/pledge/history",
    "/account",
    "/account/letters",
    "/account/data",
    "/account/erase",
    "/staff",
    "/staff/appeals",
    "/staff/appeals/new",
    "/staff/appeals/usual",
    "/staff/appeals/1",
    "/staff/appeals/1/preview",
    "/staff/appeals/1/comparison",
    "/staff/goals",
    "/staff/goals/new",
    "/staff/goals/1",
    "/staff/supporters",
    "/staff/supporters?filter=patrons&sort=name",
    "/staff/supporters?q=nobody-of-this-name",
    "/staff/gifts",
    "/staff/gifts/new",
    "/staff/gifts/new?giver=new",
    "/staff/bank",
    "/staff/bank/new",
    "/staff/other-ways",
    "/staff/other-ways/new",
    "/topics/new",
    "/staff/topics",
    "/staff/topics/reports",
    "/staff/topics/stories",
    "/staff/rounds",
    "/staff/rounds/new",
    "/staff/rounds/monthly",
    "/staff/promises",
    "/staff/corrections",
    "/staff/corrections?state=spam",
    "/staff/corrections?q=nothing-of-this-name",
    "/staff/corrections/notes/new",
    "/staff/month",
    "/staff/inbox",
    "/staff/differences",
    "/staff/doctor",
    "/staff/recovery",
    "/staff/approvals",
    "/staff/audit",
    "/staff/audit?person=nobody-of-this-name",
    "/staff/reports",
    "/staff/exports",
    "/staff/shield",
    "/staff/shield/raise",
    "/staff/limits",
    "/staff/erasures",
)
WIDTHS = (320, 1280)


@pytest.fixture(scope="module", params=["en", "uk"])
def page(newsroom: Newsroom, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in one of the languages, signed in as the owner."""
    context = browser.new_context(locale="en", viewport={"width": 1280, "height": 900})
    found = context.new_page()
    sign_in_staff(found, newsroom, OWNER)
    found.goto(f"{newsroom.site_url}/give?lang={request.param}")
    yield found
    context.close()


def rounds(newsroom: Newsroom) -> list[str]:
    """The pages of one round of each kind, for readers and for staff."""
    paths = []
    for slug, key, status in newsroom.query(
        "SELECT DISTINCT ON (status) slug, id, status FROM voting_round ORDER BY status, id DESC"
    ):
        paths += [f"/vote/{slug}", f"/staff/rounds/{key}"]
        paths += [f"/vote/{slug}/result"] if status == "published" else []
        paths += [f"/staff/rounds/{key}/{act}" for act in ("preview", "close", "void")]
    return paths


def topics(newsroom: Newsroom) -> list[str]:
    """The pages of one suggested topic in each state, and of what staff do with one."""
    paths = []
    for key, state in newsroom.query("SELECT DISTINCT ON (state) id, state FROM proposal"):
        paths += [f"/topics/{key}", f"/staff/topics/{key}"]
        paths += [f"/staff/topics/{key}/{act}" for act in ("merge", "hide") if state == "new"]
    return paths


def corrections(newsroom: Newsroom) -> list[str]:
    """The pages of one passage in each state, of what staff do with it, and of the public notes."""
    paths = []
    for key, state in newsroom.query(
        "SELECT DISTINCT ON (state) id, state FROM correction_group ORDER BY state, id"
    ):
        acts = {"new": ("", "/correct", "/no-mistake", "/join"), "corrected": ("", "/answer")}
        paths += [f"/staff/corrections/{key}{act}" for act in acts.get(state, ("",))]
        paths += [f"/staff/corrections/{key}/reopen"] if state in ("corrected", "spam") else []
    for (key,) in newsroom.query("SELECT id FROM correction_note"):
        paths += [f"/corrections/log/{key}", f"/staff/corrections/notes/{key}"]
    return paths


def people(newsroom: Newsroom) -> list[str]:
    """The pages about one patron, and of what staff do for one."""
    ((account, pledge, gift),) = newsroom.query(
        "SELECT p.account_id, p.id, d.id FROM pledge p JOIN donation d ON d.pledge_id = p.id"
        " WHERE p.status = 'active' AND p.ends_at IS NULL ORDER BY d.id DESC LIMIT 1"
    )
    person = f"/staff/people/{account}"
    acts = ("correct", "letters", "merge?q=a", f"pledges/{pledge}/terms", f"pledges/{pledge}/end")
    of_gift = ("", "/refund", "/receipt-again")
    erasures = newsroom.query("SELECT id FROM erasure ORDER BY asked_at")
    return [
        person,
        f"/staff/erasures/of/{account}",
        *(f"/staff/erasures/{key}" for (key,) in erasures),
        f"{person}?kind=votes",
        *(f"{person}/{act}" for act in acts),
        *(f"{person}/gifts/{gift}{act}" for act in of_gift),
    ]


def test_no_page_has_a_finding_or_runs_over_its_edge(newsroom: Newsroom, page: Page) -> None:
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A page that is gone says so to the console as well.
        if message.type == "error" and "status of 4" not in message.text:
            said.append(f"{page.url}: {message.text}")

    page.on("console", note)
    findings = []
    for path in (
        *READER_PAGES,
        *STAFF_PAGES,
        *people(newsroom),
        *topics(newsroom),
        *corrections(newsroom),
        *rounds(newsroom),
    ):
        page.goto(newsroom.site_url + path)
        findings += found_on(page, path)
    assert not findings, "\n".join(findings)
    assert not said, "\n".join(said)


def found_on(page: Page, path: str, widths: Sequence[int] = WIDTHS) -> list[str]:
    """What axe finds on the page that is open, and how far it runs over the edge."""
    findings = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 800})
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            findings.append(f"{path} at {width}: {over} px too wide")
        report = Axe().run(page)
        findings += [
            f"{path} at {width}: {one['id']} {one['nodes'][0]['html'][:120]}"
            for one in report.response["violations"]
        ]
    return findings


@pytest.mark.parametrize("report", [report.name for report in catalogue.REPORTS])
def test_no_report_has_a_finding_and_each_chart_has_its_table(
    newsroom: Newsroom, page: Page, report: str
) -> None:
    path = f"/staff/reports/{report}"
    page.goto(newsroom.site_url + path)
    charts = page.locator("figure.chart")
    assert charts.locator("details table").count() == charts.count()
    # What is folded away is not looked at.
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    findings = found_on(page, path)
    lists = page.locator(f"main a[href*='{path}/list?']")
    if lists.count():
        lists.first.click()
        page.wait_for_url("**/list?*")
        findings += found_on(page, page.url, WIDTHS[:1])
    assert not findings, "\n".join(findings)


def test_a_readers_page_weighs_less_than_fifty_kilobytes(
    newsroom: Newsroom, browser: Browser
) -> None:
    context = browser.new_context(locale="uk")
    page = context.new_page()
    weights: list[int] = []
    page.on("response", lambda answer: weights.append(len(answer.body())))
    for path in ("/give", "/vote", "/sign-in"):
        weights.clear()
        page.goto(newsroom.site_url + path, wait_until="networkidle")
        assert 0 < sum(weights) < 50_000, f"{path}: {sum(weights)} bytes"
    context.close()
