"""Stripe hangs, fails, is busy or hangs up at every place where the product waits for it."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.extensions import db
from app.giving.rules import Interval
from app.money import Money
from app.payments.stripe_gateway import StripeGateway
from tests.builders import signed_in
from tests.resilience.presses import Scene
from tests.resilience.sites import SITES, Site
from tests.simulation import acts, audit
from tests.simulation.people import Patron
from tests.simulation.story import Story
from tests.simulation.stripes import KEY, SECRET, Stripes, running, time_of_the_sandbox

TROUBLES: dict[str, dict[str, Any]] = {
    "hangs": {"kind": "hang"},
    "fails": {"kind": "status", "status": 500},
    "is busy": {"kind": "status", "status": 429},
    "hangs up after": {"kind": "drop"},
}
#: What the product waits for an answer here, in seconds, so that a test does not take half a
#: minute; the library asks a second time.
PATIENCE = 1.0
#: A transaction that is open for so long, in seconds, was open while Stripe hung; a machine that is
#: busy with other tests may take as much as half of it between two statements.
HELD = 0.9


@pytest.fixture(scope="module")
def stripes() -> Iterator[Stripes]:
    with running("silent") as made:
        yield made


@pytest.fixture
def scene(app: Flask, client: FlaskClient, stripes: Stripes, site: Site) -> Iterator[Scene]:
    """A patron whose first gift has arrived, before a Stripe that knows nobody else."""
    stripes.control("reset")
    stripes.control("hold")
    with time_of_the_sandbox() as clock:
        story = Story(app, stripes, clock, 7, timedelta(days=1))
        story.road.mend()
        patron = Patron(
            email="olena@example.org",
            amount=Money(500, "EUR"),
            interval=Interval.MONTH,
            card=site.card,
            covers=False,
            expires="12/40",
            chance=random.Random(7),
            stripes=stripes,
            staff=story.staff,
        )
        acts.begin(patron)
        story.work()
        signed_in(client, db.session.get_one(Account, patron.pledge.account_id))
        yield Scene(story, client, patron)
        stripes.control("faults/clear")


@dataclass
class Watch:
    """Looks again and again at who holds a connection in a transaction."""

    app: Flask
    looks: int = 0
    #: What was found open for longer than `HELD`.
    held: list[tuple[Any, ...]] = field(default_factory=list)
    #: The longest time, in seconds, for which the pool had lent a connection.
    lent: float = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the block runs."""
        over = threading.Event()
        engine = db.engine
        watcher = threading.Thread(target=self._look, args=(engine.pool, over))
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()

    def _look(self, pool: Any, over: threading.Event) -> None:
        address = self.app.extensions["database_address"]
        lent_since: float | None = None
        with psycopg.connect(address, autocommit=True) as connection:
            while True:
                self.looks += 1
                self.held += connection.execute(
                    "SELECT state, query FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    " AND datname = current_database() AND xact_start IS NOT NULL"
                    " AND backend_type = 'client backend'"
                    " AND clock_timestamp() - xact_start > make_interval(secs => %s)",
                    (HELD,),
                ).fetchall()
                lent = pool.checkedout() > 0
                lent_since = (lent_since or time.monotonic()) if lent else None
                if lent_since is not None:
                    self.lent = max(self.lent, time.monotonic() - lent_since)
                if over.wait(0.03):
                    return


def press(scene: Scene, site: Site) -> Any:
    """Press as the person does; for a job, run it."""
    answer = site.press(scene)
    # What the test itself has read must not count as held.
    db.session.rollback()
    return answer


def told(scene: Scene, answer: Any) -> str:
    """Return the page a person sees in the end, or what a command prints."""
    if isinstance(answer, str):
        return answer
    if answer.status_code == 303:
        assert answer.location == "/pledge", answer.location
        answer = scene.client.get(answer.location)
        assert answer.status_code == 200
    else:
        assert answer.status_code in (200, 503), answer.status
    page: str = answer.text
    return page


def recover(scene: Scene) -> None:
    """Let events arrive, fees become known and what is owed be tried again."""
    for _hour in range(2):
        scene.story.stripes.control("settle")
        scene.story.move(timedelta(hours=1))
        scene.story.work()


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_whoever_waits_for_a_stripe_in_trouble_is_told_and_it_is_done_once(
    app: Flask, scene: Scene, site: Site, trouble: str
) -> None:
    site.prepare(scene)
    db.session.rollback()
    stripes, watch = scene.story.stripes, Watch(app)
    app.extensions["gateway"] = StripeGateway(KEY, (SECRET,), stripes.url, (PATIENCE, PATIENCE))
    fault = {"seconds": site.hangs} | TROUBLES[trouble]
    stripes.control("faults", method=site.method, path=site.path, times=None, **fault)
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    began = time.monotonic()
    with watch.watching():
        answer = press(scene, site)
    took = time.monotonic() - began
    assert any(fault["met"] for fault in stripes.look("faults")["faults"]), "nobody met the trouble"
    stripes.control("faults/clear")
    assert watch.looks
    if trouble == "hangs":
        assert watch.held == []
        assert watch.lent < HELD
        assert took > PATIENCE
    if site.told and not (site.looks_again and trouble == "hangs up after"):
        assert site.told in " ".join(told(scene, answer).split())
    app.extensions["gateway"] = scene.story.gateway
    press(scene, site)
    recover(scene)
    press(scene, site)
    recover(scene)
    assert site.done(scene) == 1
    recover(scene)
    audit.assert_as_at_stripe(scene.story)
