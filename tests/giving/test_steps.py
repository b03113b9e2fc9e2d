"""Steps on the way to a gift: counted once a visit, about nobody, and never in anybody's way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import event, select

from app.clock import utcnow
from app.current import zone
from app.extensions import db
from app.giving.arrivals import steps, visits
from app.giving.arrivals.steps import Device, Step, Visit
from app.giving.gift import confirmations
from app.giving.models import Checkout, FunnelDay, FunnelFold
from tasks.giving import count_steps
from tests.giving.steps import fill
from tests.pages import form_of

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140 Mobile"}
DESK = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
NOON = datetime(2026, 8, 3, 9, 0).astimezone()
MONDAY = Visit(date(2026, 8, 3), Step.SEEN, "en", Device.PHONE)


def counted() -> dict[tuple[str, ...], int]:
    """What is counted so far: step, language, device, campaign and article."""
    count_steps()
    rows = db.session.scalars(select(FunnelDay)).all()
    return {
        (row.step, row.language, row.device, row.campaign, row.article): row.count for row in rows
    }


def test_a_visit_is_counted_once_at_each_step(client: FlaskClient) -> None:
    client.environ_base["HTTP_USER_AGENT"] = PHONE["User-Agent"]
    for _look in range(3):
        client.get("/give?article=night&campaign=winter&lang=uk")
    for email in ("ann@example.org", "eve@example.org"):
        fill(client, email=email)
    assert counted() == {
        (step, "uk", "phone", "winter", "night"): 1 for step in ("seen", "sent", "opened")
    }
    assert db.session.scalars(select(FunnelDay.day)).first() == utcnow().astimezone(zone()).date()


def test_who_comes_by_another_link_counts_again(client: FlaskClient) -> None:
    for campaign in ("winter", "spring", "spring"):
        client.get(f"/give?campaign={campaign}", headers=DESK)
    assert counted() == {
        ("seen", "en", "desktop", "winter", ""): 1,
        ("seen", "en", "desktop", "spring", ""): 1,
    }


def test_a_browser_without_cookies_is_counted_each_time(app: Flask) -> None:
    client = app.test_client(use_cookies=False)
    for _look in range(2):
        client.get("/give", headers=DESK)
    assert counted() == {("seen", "en", "desktop", "", ""): 2}


@pytest.mark.parametrize(
    "headers",
    [
        {"User-Agent": ""},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
        {"User-Agent": "facebookexternalhit/1.1"},
        {"User-Agent": "curl/8.5.0"},
        DESK | {"Sec-Purpose": "prefetch;prerender"},
    ],
)
def test_robots_and_what_nobody_looks_at_are_not_counted(
    client: FlaskClient, headers: dict[str, str]
) -> None:
    assert client.get("/give", headers=headers).status_code == 200
    assert counted() == {}


def test_one_network_cannot_use_up_the_room_of_a_day(app: Flask) -> None:
    client = app.test_client(use_cookies=False)

    def look(article: str, network: str) -> None:
        where = {"REMOTE_ADDR": network}
        client.get(f"/give?article={article}", headers=DESK, environ_base=where)

    most = visits.FIRST.most
    for number in range(most + 5):
        # Its addresses are of one block.
        look(f"made-up-{number}", f"192.0.2.{number % 250}")
    look("night", "198.51.100.1")
    look("night", "192.0.2.7")
    found = {article: count for (*_rest, article), count in counted().items()}
    assert (found["night"], found[steps.OTHERS]) == (2, 5)
    assert len(found) == most + 2


def test_counting_a_visit_asks_the_database_nothing(client: FlaskClient) -> None:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        client.get("/give?campaign=winter", headers=DESK)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert statements == []
    assert list(counted().values()) == [1]


def test_a_head_request_is_no_visit(client: FlaskClient) -> None:
    client.head("/give", headers=DESK)
    assert counted() == {}


def test_a_form_that_is_refused_was_not_sent(client: FlaskClient) -> None:
    assert fill(client, amount="lots").status_code == 422
    assert [name[0] for name in counted()] == ["seen"]


def test_the_next_day_is_another_visit(client: FlaskClient) -> None:
    client.get("/give", headers=DESK)
    with client.session_transaction() as session:
        session[visits.KEY] = ["2026-01-01", "seen", "sent"]
    client.get("/give", headers=DESK)
    assert counted() == {("seen", "en", "desktop", "", ""): 2}


def test_a_letter_opened_elsewhere_counts_as_the_visit_that_asked_for_it(
    client: FlaskClient,
) -> None:
    client.environ_base["HTTP_USER_AGENT"] = DESK["User-Agent"]
    fill(client, "/give?campaign=winter&article=night")
    checkout = db.session.scalars(select(Checkout)).one()
    other = client.application.test_client()
    other.environ_base["HTTP_USER_AGENT"] = PHONE["User-Agent"]
    address = f"/give/confirm/{confirmations.token(checkout.id)}?lang=uk"
    other.post(address, data=form_of(other.get(address)))
    assert counted()["opened", "en", "desktop", "winter", "night"] == 2


@pytest.fixture
def silent(app: Flask) -> Iterator[None]:
    """A Redis that does not answer what counts."""
    answering = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.1)
    yield
    app.extensions["redis"] = answering


def test_without_redis_the_page_opens_and_nothing_is_counted(
    client: FlaskClient, silent: None
) -> None:
    assert client.get("/give?campaign=winter", headers=DESK).status_code == 200
    steps.count(MONDAY)


def test_counts_add_up_over_lots_and_a_lot_is_added_once(app: Flask) -> None:
    for _visit in range(3):
        steps.count(MONDAY)
    assert steps.fold(now=NOON) == 3
    steps.count(MONDAY)
    assert steps.fold(now=NOON) == 1
    assert steps.fold(now=NOON) == 0
    assert db.session.scalars(select(FunnelDay.count)).all() == [4]


def test_a_worker_that_dies_between_adding_and_forgetting_adds_nothing_twice(app: Flask) -> None:
    redis = app.extensions["redis"]
    steps.count(MONDAY)
    steps._run(
        steps.TAKE, [steps.NEW, steps.TAKEN], steps.LOT, "5e3a4b1c-0000-4000-8000-000000000001"
    )
    lot = redis.hgetall(steps.TAKEN)
    steps.count(MONDAY)
    assert steps.fold(now=NOON) == 1
    redis.hset(steps.TAKEN, mapping=lot)
    assert steps.fold(now=NOON) == 0
    assert steps.fold(now=NOON) == 1
    assert db.session.scalars(select(FunnelDay.count)).all() == [2]


def test_workers_that_fold_at_once_lose_and_double_nothing(app: Flask) -> None:
    def work(_turn: int) -> None:
        with app.app_context():
            for _visit in range(25):
                steps.count(MONDAY)
            steps.fold(now=NOON)
            db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))
    while steps.fold(now=NOON):
        pass
    assert db.session.scalars(select(FunnelDay.count)).all() == [200]


def test_addresses_made_up_by_the_thousand_are_counted_together(
    app: Flask,
) -> None:
    for number in range(5):
        for _visit in range(2):
            steps.count(Visit(MONDAY.day, Step.SEEN, "en", Device.PHONE, f"c{number}"), most=2)
    assert {name[3]: number for name, number in counted().items()} == {"c0": 2, "c1": 2, "*": 6}


def test_old_lots_are_forgotten(app: Flask) -> None:
    for days in (0, 1, 3):
        steps.count(MONDAY)
        steps.fold(now=NOON + timedelta(days=days))
    assert len(db.session.scalars(select(FunnelFold.id)).all()) == 2
