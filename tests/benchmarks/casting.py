"""Ballots cast each second by signed-in patrons, against a bare route that makes one upsert."""

import statistics
from contextvars import Context
from dataclasses import dataclass
from urllib.parse import urlencode

from app import create_app
from app.extensions import db
from config.local.postgres import Postgres
from tests.benchmarks import load
from tests.benchmarks.figures import Figure
from tests.benchmarks.house import connection, probe, product
from tests.benchmarks.pages import settings_of
from tests.builders import a_patron, signed_in
from tests.pages import form_of
from tests.processes import Newsroom
from tests.voting.builders import an_open_round

FLOOR = 0.6
VOTERS = 600
ROUNDS = 5
CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Voter:
    """What a patron's browser holds: the session, and the token of the ballot's form."""

    number: int
    cookie: str
    token: str


def measure(postgres: Postgres) -> list[Figure]:
    """Cast into the probe and the product by turns, each voter once a turn; compare the medians."""
    with (
        product(postgres, "web") as room,
        connection(room) as link,
        probe(room, "tests.benchmarks.bare_vote:app") as bare,
    ):
        link.execute("CREATE TABLE bare_ballot (voter bigint PRIMARY KEY, choices smallint[])")
        slug, voters = _electorate(room)
        site = int(room.env["WEB_PORT"])
        probes: list[float] = []
        products: list[float] = []
        for turn in range(ROUNDS + 1):
            plain = [_plain(voter, turn) for voter in voters]
            ours = [_ours(slug, voter, turn) for voter in voters]
            for port, requests, runs in ((bare, plain, probes), (site, ours, products)):
                poured = load.pour(port, requests, connections=CONNECTIONS)
                assert poured.statuses == {303: VOTERS}, f"{port} answered {poured.statuses}"
                # The first turn warms both.
                if turn:
                    runs.append(poured.rate)
        ((kept, versions),) = room.query("SELECT count(*), min(version) FROM ballot")
        assert (kept, versions) == (VOTERS, ROUNDS + 1), "every ballot was accepted"
    plain_rate, rate = statistics.median(probes), statistics.median(products)
    return [
        Figure(
            f"Ballots cast and changed ({CONNECTIONS} connections)",
            f"{rate:,.0f} a second",
            f"bare route with one upsert: {plain_rate:,.0f} a second",
            rate / plain_rate,
            FLOOR,
        )
    ]


def _electorate(room: Newsroom) -> tuple[str, list[Voter]]:
    """An open round and its patrons, each with the ballot on the screen."""
    app = create_app(settings_of(room))
    with app.app_context():
        slug = an_open_round(topics=5).slug or ""
        voters = []
        for number in range(VOTERS):
            client = signed_in(app.test_client(), a_patron())
            form = form_of(Context().run(client.get, f"/vote/{slug}"))
            cookie = client.get_cookie("session")
            assert cookie is not None
            voters.append(Voter(number, cookie.value, form["csrf_token"]))
        db.session.remove()
        db.engine.dispose()
    return slug, voters


def _choices(voter: Voter, turn: int) -> list[int]:
    return [1 + (voter.number + turn) % 4, 5]


def _ours(slug: str, voter: Voter, turn: int) -> bytes:
    form = {"csrf_token": voter.token, "version": turn, "choices": _choices(voter, turn)}
    # As every browser tells of a form on a page of ours.
    sent = {"Cookie": f"session={voter.cookie}", "Sec-Fetch-Site": "same-origin"}
    return _post(f"/vote/{slug}", form, sent)


def _plain(voter: Voter, turn: int) -> bytes:
    return _post("/bare", {"voter": voter.number, "choices": _choices(voter, turn)}, {})


def _post(path: str, form: dict[str, object], headers: dict[str, str]) -> bytes:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return load.post(path, urlencode(form, doseq=True).encode(), kind | headers)
