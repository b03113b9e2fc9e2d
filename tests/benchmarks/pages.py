"""How long the server takes for the appeal, and how many questions each reader page asks."""

import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, select

from app import create_app
from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Checkout, Pledge
from app.giving.pledges import standing_at
from app.voting.models import Round
from config.local.postgres import Postgres
from config.settings import Settings
from tests.benchmarks import load, renewals
from tests.benchmarks.figures import Figure
from tests.benchmarks.house import product
from tests.builders import signed_in
from tests.pages import form_of
from tests.processes import Newsroom

MOST_MILLISECONDS = 5.0
MOST_STATEMENTS = 3
REQUESTS = 1000
WARM_UP = 100


def measure(postgres: Postgres) -> list[Figure]:
    """Time the appeal in the served product and count the statements of every reader page."""
    with product(postgres, "sandbox", "web", fill=True) as room:
        return [_appeal(room), *_statements(room)]


def _appeal(room: Newsroom) -> Figure:
    """The time between a request's arrival in the application and its answer, from its own log."""
    port = int(room.env["WEB_PORT"])
    browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
    request = load.get("/give", {"Accept-Language": "uk", "Accept": "text/html"} | browser)
    poured = load.pour(port, [request] * (WARM_UP + REQUESTS), connections=1)
    assert poured.statuses == {200: WARM_UP + REQUESTS}, f"/give answered {poured.statuses}"
    took = sorted(list(_logged(room, "giving.give"))[WARM_UP:])
    waited = 1000 * statistics.median(poured.latencies)
    return Figure(
        "`/give`, milliseconds of server time at the median",
        f"slowest 1 % {took[int(len(took) * 0.99)]:.1f} ms",
        f"the client waited {waited:.1f} ms",
        statistics.median(took),
        MOST_MILLISECONDS,
        at_most=True,
    )


def _logged(room: Newsroom, endpoint: str) -> Iterator[float]:
    for line in (room.home / "log" / "web.log").read_text().splitlines():
        if f'"{endpoint}"' in line:
            yield float(json.loads(line)["milliseconds"])


def _statements(room: Newsroom) -> list[Figure]:
    """What each page asks of the database, in this process on the same data."""
    app = create_app(settings_of(room))
    with app.app_context():
        stranger, patron = app.test_client(), _patron(app)
        thanks = _gift(room, app)
        known = db.session.scalars(select(Round).order_by(Round.opens_at)).all()
        open_round, closed = known[-1].slug, known[0].slug
        db.session.remove()
        pages: list[tuple[str, FlaskClient, str]] = [
            ("/give", stranger, "/give"),
            ("/give, signed in", patron, "/give"),
            ("/sign-in", stranger, "/sign-in"),
            ("/vote", stranger, "/vote"),
            ("/vote, signed in", patron, "/vote"),
            ("an open round, a stranger's", stranger, f"/vote/{open_round}"),
            ("an open round, one's ballot", patron, f"/vote/{open_round}"),
            ("a result", stranger, f"/vote/{closed}/result"),
            ("/pledge", patron, "/pledge"),
        ]
        figures = [_page(app, *page, bound=MOST_STATEMENTS) for page in pages]
        # It asks Stripe and settles what it learns, so it does more than read.
        return [*figures, _page(app, "/give/thanks, which settles", stranger, thanks, bound=None)]


def settings_of(room: Newsroom) -> Settings:
    """The settings of the room's own processes, but for a log that is not this one's."""
    found = {name: room.env.get(name.upper()) for name in Settings.model_fields}
    given: dict[str, Any] = {name: value for name, value in found.items() if value}
    return Settings(**given | {"log_level": "ERROR"})


def _page(app: Flask, name: str, client: FlaskClient, path: str, *, bound: float | None) -> Figure:
    # The first request of a page compiles its template and warms the process.
    answers = [Context().run(client.get, path) for _ in range(2)]
    assert answers[0].status_code == 200, f"{path} answered {answers[0].status}"
    with _counted(db.engine) as statements:
        Context().run(client.get, path)
    return Figure(f"SQL statements of {name}", "", "", len(statements), bound, at_most=True)


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that go to the database meanwhile."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _patron(app: Flask) -> FlaskClient:
    """A browser in which a patron of the made-up newsroom is signed in."""
    account = db.session.scalars(
        select(Account)
        .join(Pledge, Pledge.account_id == Account.id)
        .where(standing_at(utcnow()), Account.role.is_(None))
        .order_by(Account.id)
        .limit(1)
    ).one()
    return signed_in(app.test_client(), account)


def _gift(room: Newsroom, app: Flask) -> str:
    """Give once, as a reader does, and return the address that Stripe leads back to."""
    client = app.test_client()
    form = form_of(Context().run(client.get, "/give"), action="/give")
    filled = form | {"name": "Olena", "email": "olena@example.org", "interval": "once"}
    answer = Context().run(lambda: client.post("/give", data=filled))
    assert answer.status_code == 303, answer.text
    session_id = db.session.scalars(
        select(Checkout.stripe_session_id).order_by(Checkout.created_at.desc()).limit(1)
    ).one()
    renewals.control(room, "complete", {"session": session_id})
    assert urlsplit(answer.location).netloc == urlsplit(room.sandbox_url).netloc
    return f"/give/thanks?session_id={session_id}"
