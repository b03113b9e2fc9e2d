"""A newsroom of its own for each module, which the module may break."""

from collections.abc import Iterator

import pytest

from config.local.postgres import Postgres
from config.local.services import scratch_home
from tests.processes import Newsroom
from tests.resilience.outside import Outside

#: What a worker that died had in hand comes back after this many seconds, not after a minute.
LEASE_SECONDS = "1"


@pytest.fixture(scope="module")
def newsroom(postgres: Postgres) -> Iterator[Newsroom]:
    """The whole product running with short leases."""
    with scratch_home() as home, Newsroom(postgres, home, LEASE_SECONDS=LEASE_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def outside(newsroom: Newsroom) -> Iterator[Outside]:
    """Stripe and the mail server of this newsroom."""
    made = Outside(newsroom)
    yield made
    made.close()
