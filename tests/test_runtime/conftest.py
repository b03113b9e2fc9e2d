"""Where and as whom the runner is tried."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.local.identity import Identity, ordinary
from config.local.services import Services, scratch_home
from tests.test_runtime.small_product import SmallProduct, reachable_interpreter

#: As whoever runs the tests and, where that is root and Python is within reach of `nobody`, as
#: an ordinary user too.
USERS = {
    name: (interpreter, user)
    for name, user in {"ourselves": Identity(), "an ordinary user": ordinary()}.items()
    if (interpreter := reachable_interpreter(user)) is not None
}


@pytest.fixture(name="home")
def scratch() -> Iterator[Path]:
    """A directory that the database's own user may pass through."""
    with scratch_home() as directory:
        yield directory


@pytest.fixture(scope="session")
def addresses() -> Iterator[dict[str, str]]:
    """Where a database and a broker are that run already."""
    with scratch_home() as directory, Services(directory, environ={}, durable=False) as services:
        yield services.addresses


@pytest.fixture
def product(home: Path, addresses: dict[str, str]) -> SmallProduct:
    """The runner around four tiny programs, on a database and a broker that run already."""
    return SmallProduct(home / "product", *USERS["ourselves"], addresses=addresses)


@pytest.fixture
def whole_product(home: Path) -> SmallProduct:
    """The runner around four tiny programs, with a database and a broker of its own."""
    return SmallProduct(home / "product", *USERS["ourselves"])


@pytest.fixture(params=USERS)
def anybodys_product(home: Path, request: pytest.FixtureRequest) -> SmallProduct:
    """The runner around Granian and Celery, for each user there is to try."""
    return SmallProduct(home / "product", *USERS[request.param], procfile=None)
