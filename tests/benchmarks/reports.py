"""How long staff wait for each report, and what the same takes from the raw rows, as people grow.

`python -m tests.benchmarks.reports pages|raw` opens every page in a process of its own, of the
newsroom that the environment names, and prints the milliseconds of each as JSON.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import psycopg
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from app import create_app
from app.accounts.models import Role
from app.clock import utcnow
from app.extensions import db
from app.reports import catalogue, supporters
from app.reports.rollups import mode
from app.reports.supporters import Question
from config.local import demo
from config.local.postgres import Postgres
from tests.benchmarks import newsroom_of
from tests.benchmarks.figures import Figure
from tests.benchmarks.house import connection, product
from tests.builders import a_staff_member, signed_in
from tests.processes import Newsroom

#: How many people, where `SIZES` says nothing else.
SIZES = (10_000, 100_000)
MONDAY, SEARCH = "/staff", "/staff/supporters?q=trenkom"
PAGES = (
    MONDAY,
    SEARCH,
    "/staff/supporters",
    *(f"/staff/reports/{one.name}" for one in catalogue.REPORTS),
)
#: Milliseconds that the slowest of twenty openings may take.
BOUNDS = {MONDAY: 500.0, SEARCH: 100.0}
BOUND = 300.0
WARM_UP, OPENED = 2, 20
#: What takes longer from the raw rows is not waited for.
LONGEST = 60_000
#: Seconds until a new gift must show.
SHOWN = 60.0


def measure(postgres: Postgres) -> list[Figure]:
    """Fill newsrooms of each size, open every page, and read the same from the raw rows."""
    sizes = [int(size) for size in os.environ.get("SIZES", "").split()] or list(SIZES)
    found: dict[int, dict[str, tuple[float, float]]] = {}
    figures: list[Figure] = []
    for size in sizes:
        with product(postgres, DEFERRED_INCOME="on") as room, connection(room) as link:
            figures += _filled(room, link, size)
            pages = _ours(room, "pages")
            shown = pages.pop("shown")
            link.execute(
                f"ALTER DATABASE {room.database} SET statement_timeout = {LONGEST}".encode()
            )
            raw = _ours(room, "raw")
        found[size] = {page: (pages[page], raw[page]) for page in PAGES}
        figures += [*_slowest(size, found[size]), _shown(size, shown)]
    print(_table(found), flush=True)
    return figures


def _filled(room: Newsroom, link: psycopg.Connection, size: int) -> list[Figure]:
    """Fill a newsroom and its rollups; tell how long both took."""
    began = time.monotonic()
    newsroom_of.fill(link, size, now=utcnow(), zone="Europe/Kyiv")
    made, began = time.monotonic() - began, time.monotonic()
    room.flask("rollups", "rebuild")
    rebuilt = time.monotonic() - began
    link.execute("VACUUM (ANALYZE)")
    row = link.execute("SELECT count(*) FROM donation").fetchone()
    gifts = row[0] if row else 0
    return [
        Figure(
            f"All rollups of {size:,} accounts made anew, in seconds",
            "",
            f"making the {gifts:,} gifts themselves took {made:.0f} s",
            rebuilt,
        )
    ]


def _slowest(size: int, found: dict[str, tuple[float, float]]) -> Iterator[Figure]:
    """Judge the Monday page, the search, and the slowest of the reports."""
    others = [page for page in PAGES if page not in BOUNDS]
    for page in (MONDAY, SEARCH, max(others, key=lambda one: found[one][0])):
        ours, raw = found[page]
        yield Figure(
            f"`{page}` with {size:,} accounts, milliseconds at the 95th percentile",
            "the slowest of the reports" if page not in BOUNDS else "",
            f"from the raw rows {_milliseconds(raw)}",
            ours,
            BOUNDS.get(page, BOUND),
            at_most=True,
        )


def _shown(size: int, seconds: float) -> Figure:
    return Figure(
        f"A new gift shows in the figures of {size:,} accounts, in seconds",
        "by whoever looks first",
        "",
        seconds,
        SHOWN,
        at_most=True,
    )


def _table(found: dict[int, dict[str, tuple[float, float]]]) -> str:
    """Every page by the number of accounts: from the raw rows, as opened, and their ratio."""
    heads = " | ".join(f"{size:,}: raw | page | ratio" for size in found)
    lines = [f"| page | {heads} |", "|---|" + "---:|---:|---:|" * len(found)]
    for page in PAGES:
        cells = []
        for of in found.values():
            ours, raw = of[page]
            mark = "" if ours <= BOUNDS.get(page, BOUND) else " **over**"
            ratio = f"{raw / ours:.1f}" if raw <= LONGEST else "more"
            cells.append(f"{_milliseconds(raw)} | {_milliseconds(ours)}{mark} | {ratio}")
        lines.append(f"| `{page}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _milliseconds(value: float) -> str:
    return f"{value:,.0f} ms" if value <= LONGEST else f"over {LONGEST // 1000} s"


def _ours(room: Newsroom, *asked: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.reports", *asked],
        env=room.env | {"LOG_LEVEL": "CRITICAL"},
        cwd=demo.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def main(what: str) -> None:
    """Open every page of the newsroom that the environment names."""
    app = create_app()
    with app.app_context():
        client = app.test_client()
        signed_in(client, a_staff_member(Role.OWNER, email=f"{what}@bench.example"))
        db.session.remove()
    measured = {
        page: _raw(client, page) if what == "raw" else _page(client, page) for page in PAGES
    }
    if what == "pages":
        with app.app_context():
            measured["shown"] = _until_shown(client)
    print(json.dumps(measured))


def _page(client: FlaskClient, page: str) -> float:
    """The milliseconds within which 95 of a hundred openings of a page are answered."""
    took = []
    for _ in range(WARM_UP + OPENED):
        began = time.perf_counter()
        assert client.get(page).status_code == 200, page
        took.append(1000 * (time.perf_counter() - began))
        # A page that takes so long is no better the twentieth time.
        if sum(took) > LONGEST:
            break
    measured = sorted(took[WARM_UP:] or took)
    return measured[max(0, int(len(measured) * 0.95) - 1)]


def _raw(client: FlaskClient, page: str) -> float:
    """The milliseconds of the statements of a page over the raw rows; too many count as more."""
    if page.startswith("/staff/supporters"):
        # The list comes row by row from a cursor: its statement alone would tell nothing.
        began = time.perf_counter()
        _search(client, page.partition("q=")[2])
        return 1000 * (time.perf_counter() - began)
    with mode.raw(), _statements() as took:
        if client.get(page).status_code != 200:
            return 2.0 * LONGEST
    return 1000 * sum(took)


def _search(client: FlaskClient, text: str) -> None:
    with client.application.app_context():
        list(islice(supporters.each(Question(text), now=utcnow()), supporters.PER_PAGE))


@contextmanager
def _statements() -> Iterator[list[float]]:
    """Keep the seconds of every statement."""
    took: list[float] = []

    def begins(*given: object) -> None:
        took.append(-time.perf_counter())

    def ends(*given: object) -> None:
        took[-1] += time.perf_counter()

    event.listen(Engine, "before_cursor_execute", begins)
    event.listen(Engine, "after_cursor_execute", ends)
    try:
        yield took
    finally:
        event.remove(Engine, "before_cursor_execute", begins)
        event.remove(Engine, "after_cursor_execute", ends)


#: The newest gift once more, as if it had just come.
GIFT = """
INSERT INTO donation (account_id, source, pledge_id, amount_minor, currency, received_at,
    entered_at, card_brand, card_last4, stripe_invoice_id, stripe_payment_intent_id, cover_minor)
SELECT account_id, source, pledge_id, amount_minor, currency, now(), now(), card_brand, card_last4,
    'in_bench', 'pi_bench', 0
FROM donation WHERE source = 'stripe' ORDER BY received_at DESC LIMIT 1
"""


def _until_shown(client: FlaskClient) -> float:
    """Let a gift come, and return the seconds until the report on cash has it."""
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    page = "/staff/reports/cash.csv"
    before = client.get(page).data
    with psycopg.connect(address) as link:
        link.execute(GIFT)
    began = time.monotonic()
    while client.get(page).data == before:
        pass
    return time.monotonic() - began


if __name__ == "__main__":
    main(*sys.argv[1:])
