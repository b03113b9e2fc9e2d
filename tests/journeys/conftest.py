"""The demo newsroom running as real processes, and a real browser before it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from config.local.postgres import Postgres
from config.local.services import scratch_home
from tests.processes import Newsroom
from tests.site.server import Site

#: Longest wait for anything on a page, in milliseconds.
PATIENCE = 20_000


@pytest.fixture(scope="module")
def newsroom(postgres: Postgres) -> Iterator[Newsroom]:
    """The whole product with the demo newsroom in it."""
    with scratch_home() as home, Newsroom(postgres, home, fill=True) as running:
        yield running


@pytest.fixture(scope="module")
def site(newsroom: Newsroom) -> Iterator[Site]:
    """The newsroom's own site, on another origin, with the elements on its pages."""
    with Site(newsroom.site_url) as running:
        yield running


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A reader's phone, in English."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="en")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def laptop(browser: Browser) -> Iterator[BrowserContext]:
    """A journalist's laptop, in English."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def reader(phone: BrowserContext) -> Page:
    """The reader's first page."""
    return phone.new_page()


@pytest.fixture
def staff(laptop: BrowserContext) -> Page:
    """The journalist's first page."""
    return laptop.new_page()
