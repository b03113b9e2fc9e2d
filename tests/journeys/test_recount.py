"""A reader counts a published round in the own browser, and finds a ballot in it."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Route

from app.voting.models import Round
from app.voting.tally import Method, TieRule
from config.local.postgres import Postgres
from config.local.services import scratch_home
from tests.processes import Newsroom
from tests.resilience.electorate import Electorate

TICKS = ((1, 2), (1, 2), (1, 3), (2,), (), (1, 2, 3), (3, 4), (4,), (2, 4), (3,))


@pytest.fixture(scope="module")
def newsroom(postgres: Postgres) -> Iterator[Newsroom]:
    """A newsroom of which only the web is needed."""
    with scratch_home() as home, Newsroom(postgres, home, processes=("web",)) as running:
        yield running


@pytest.fixture(scope="module")
def rounds(newsroom: Newsroom) -> list[Round]:
    """A published round of each way of counting, with topics that are level."""
    electorate = Electorate(newsroom)
    made = [
        electorate.published(TICKS, method=method, tie_rule=tie_rule, export_from=1)
        for method in Method
        for tie_rule in (TieRule.LOT, TieRule.INCLUDE_ALL)
    ]
    electorate.close()
    return made


def test_the_browser_counts_as_we_do(
    newsroom: Newsroom, rounds: list[Round], browser: Browser
) -> None:
    for round_ in rounds:
        page = browser.new_page()
        page.goto(f"{newsroom.site_url}/vote/{round_.slug}/audit")
        page.get_by_role("button", name="Count the ballots").click()
        page.get_by_text("Counted 10 ballots in your browser").wait_for()
        assert Axe().run(page).violations_count == 0
        page.close()


def test_the_browser_notices_a_changed_list(
    newsroom: Newsroom, rounds: list[Round], browser: Browser
) -> None:
    page = browser.new_page()

    def forged(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(",1 2\n", ",3\n", 1))

    page.route("**/ballots.csv", forged)
    page.goto(f"{newsroom.site_url}/vote/{rounds[0].slug}/audit")
    page.get_by_role("button", name="Count the ballots").click()
    page.get_by_text("something else than we published: the list of ballots, the sums").wait_for()
    page.close()
