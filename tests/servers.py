"""Fixtures of the whole product running, for tests that only real processes can answer.

The root conftest loads this as a plugin: `pytest_plugins = ["tests.servers"]`.
"""

from collections.abc import Generator, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from config.local.browser import ensure
from config.local.postgres import Postgres
from config.local.services import Services, scratch_home
from tests.processes import TEMPLATE, Newsroom, flask, surroundings


@pytest.fixture(scope="session")
def postgres(services: Services) -> Postgres:
    """The database server of this run, with an empty database at the newest migration to copy."""
    server = services.postgres
    assert server is not None
    with scratch_home() as home:
        url = server.create_database(TEMPLATE)
        # Migrations need no broker; nothing listens at this address.
        nowhere = "redis://127.0.0.1:1/0"
        flask(surroundings(home, DATABASE_URL=url, REDIS_URL=nowhere), "db", "upgrade")
    return server


#: Chromium calls home at its start unless told not to.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this run; a process can drive only one."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=ensure(), args=list(QUIET))
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def newsroom(postgres: Postgres) -> Iterator[Newsroom]:
    """The whole product running, shared by the tests of one module."""
    with scratch_home() as home, Newsroom(postgres, home) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the ends of the running product's logs under a test that failed."""
    report = yield
    if report.failed:
        for running in Newsroom.running:
            report.sections.append(("logs of the newsroom", running.logs()))
    return report
