"""Stripe fails, hangs or hangs up as a page is opened; the database is away as Stripe calls."""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import requests
from psycopg import sql

from config.local.postgres import Postgres
from tests.pages import form_of
from tests.processes import Newsroom
from tests.resilience.outside import Outside, assert_nothing_is_owed

PAGES = "/v1/checkout/sessions"
#: Longer than the product waits for an answer.
HANG_SECONDS = 13.5


class Reader:
    """Someone at the giving page, without JavaScript; keeps the page last seen."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.email = f"{uuid.uuid4().hex}@example.org"
        self._site = newsroom.site_url
        self._web = requests.Session()
        self.page = self._web.get(f"{self._site}/give?article=kharkiv", timeout=10)

    def fill_in(self) -> dict[str, str]:
        """Return the form as the reader would send it."""
        typed = {
            "interval": "month",
            "amount": "other",
            "other_amount": "7.50",
            "name": "Олена Марченко",
            "email": self.email,
            "listed": "y",
        }
        return form_of(self.page, action="/give?article=kharkiv") | typed

    def press(self, form: dict[str, str] | None = None) -> requests.Response:
        """Press the button; with no form of one's own, what the page itself holds is sent."""
        form = form or form_of(self.page, action="/give?article=kharkiv")
        answer = self._web.post(
            f"{self._site}/give?article=kharkiv", data=form, allow_redirects=False, timeout=60
        )
        if answer.status_code != 303:
            self.page = answer
        return answer


@pytest.fixture
def reader(newsroom: Newsroom, outside: Outside) -> Iterator[Reader]:
    """A reader with the form before her; whatever trouble is left afterwards is called off."""
    yield Reader(newsroom)
    outside.control("faults/clear")


def assert_asked_to_try_again(answer: requests.Response, reader: Reader) -> None:
    """The page says that nothing was charged, and holds all that was typed."""
    assert answer.status_code == 503
    assert "Nothing was charged; try again in a minute." in answer.text
    kept = form_of(answer, action="/give?article=kharkiv")
    typed = reader.fill_in()
    assert {name: kept.get(name) for name in typed} == typed


def assert_one_of_everything(reader: Reader, newsroom: Newsroom, outside: Outside) -> None:
    """However often the button was pressed: one checkout, one page, one pledge, one donation."""
    rows = newsroom.query(
        "SELECT c.id::text, c.stripe_session_id, c.article, p.amount_minor, p.currency FROM account"
        " a JOIN checkout c ON c.account_id = a.id JOIN pledge p ON p.account_id = a.id"
        " WHERE a.email = %s",
        reader.email,
    )
    ((checkout_id, session_id, *gift),) = rows
    assert gift == ["kharkiv", 750, "EUR"]
    every = outside.stripe.v1.checkout.sessions.list({"limit": 100}).auto_paging_iter()
    assert [one.id for one in every if one.client_reference_id == checkout_id] == [session_id]
    outside.control("complete", session=session_id)
    given = (
        "SELECT d.amount_minor FROM donation d JOIN account a ON a.id = d.account_id "
        "WHERE a.email = %s"
    )
    newsroom.wait_until(lambda: newsroom.query(given, reader.email), 30, "the donation is entered")
    assert newsroom.query(given, reader.email) == [(750,)]
    subscriptions = outside.stripe.v1.subscriptions.list({"limit": 100}).auto_paging_iter()
    of_reader = [one for one in subscriptions if one.metadata["checkout_id"] == checkout_id]
    assert len(of_reader) == 1
    assert outside.own_ledger() == outside.stripes_ledger()


def test_a_stripe_that_fails_is_said_and_pressing_again_opens_one_page(
    newsroom: Newsroom, outside: Outside, reader: Reader
) -> None:
    outside.control("faults", kind="status", path=PAGES, status=500, times=3)
    assert_asked_to_try_again(reader.press(reader.fill_in()), reader)
    again = reader.press()
    assert again.status_code == 303
    assert_one_of_everything(reader, newsroom, outside)


def test_an_answer_lost_on_the_way_back_opens_one_page(
    newsroom: Newsroom, outside: Outside, reader: Reader
) -> None:
    # The library asks once more by itself: both answers are lost, and the page stays open.
    outside.control("faults", kind="drop", path=PAGES, times=2)
    assert_asked_to_try_again(reader.press(reader.fill_in()), reader)
    again = reader.press()
    assert again.status_code == 303
    assert_one_of_everything(reader, newsroom, outside)


def test_an_answer_lost_once_is_not_even_noticed(
    newsroom: Newsroom, outside: Outside, reader: Reader
) -> None:
    outside.control("faults", kind="drop", path=PAGES, times=1)
    assert reader.press(reader.fill_in()).status_code == 303
    assert_one_of_everything(reader, newsroom, outside)


def test_while_stripe_hangs_no_transaction_is_open_and_pressing_again_opens_one_page(
    newsroom: Newsroom, outside: Outside, reader: Reader
) -> None:
    outside.control("faults", kind="hang", path=PAGES, seconds=HANG_SECONDS)
    answers: list[requests.Response] = []
    pressing = threading.Thread(target=lambda: answers.append(reader.press(reader.fill_in())))
    pressing.start()
    written = "SELECT 1 FROM checkout c JOIN account a ON a.id = c.account_id WHERE a.email = %s"
    newsroom.wait_until(lambda: newsroom.query(written, reader.email), 10, "the rows are written")
    # One held open meanwhile rests for seconds; a worker between two statements does not.
    looks, held = 0, []
    while pressing.is_alive():
        looks += 1
        held += newsroom.query(
            "SELECT pid, state, query FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%%' "
            "AND state_change < now() - interval '1 second'"
        )
        time.sleep(0.1)
    print(f"\nlooked {looks} times while Stripe hung: {len(held)} open transactions")
    assert looks > 50, "Stripe did not hang"
    assert held == []
    assert_asked_to_try_again(answers[0], reader)
    newsroom.wait_until(lambda: reader.press().status_code == 303, 20, "the page is opened")
    assert_one_of_everything(reader, newsroom, outside)


@contextmanager
def database_away(postgres: Postgres, name: str) -> Iterator[None]:
    """Throw everyone out of one database and let nobody in."""
    address = postgres.url("postgres").replace("+psycopg", "", 1)
    with psycopg.connect(address, autocommit=True) as connection:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        try:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
            )
            yield
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def test_a_database_that_is_away_makes_stripe_deliver_again_and_then_all_is_settled(
    newsroom: Newsroom, outside: Outside, reader: Reader, postgres: Postgres
) -> None:
    assert reader.press(reader.fill_in()).status_code == 303
    find = "SELECT c.stripe_session_id FROM checkout c JOIN account a ON a.id = c.account_id"
    ((session_id,),) = newsroom.query(f"{find} WHERE a.email = %s", reader.email)
    before = len(outside.look("deliveries", limit=2000)["attempts"])

    def refused() -> int:
        attempts = outside.look("deliveries", limit=2000)["attempts"]
        return sum(attempt["status"] >= 500 for attempt in attempts[: len(attempts) - before])

    with database_away(postgres, newsroom.database):
        outside.control("complete", session=session_id)
        newsroom.wait_until(lambda: refused() >= 3, 20, "Stripe is told that it went wrong")
        assert requests.get(f"{newsroom.site_url}/healthz", timeout=10).status_code == 200
        assert requests.get(f"{newsroom.site_url}/readyz", timeout=10).status_code == 503
    newsroom.wait_until(
        lambda: outside.look("deliveries", limit=0)["undelivered"] == 0, 40, "Stripe is told 2xx"
    )
    paid = "SELECT c.status FROM checkout c JOIN account a ON a.id = c.account_id"
    newsroom.wait_until(
        lambda: newsroom.query(f"{paid} WHERE a.email = %s", reader.email) == [("paid",)],
        30,
        "the worker has found the database again",
    )
    newsroom.wait_until(
        lambda: not newsroom.query("SELECT 1 FROM letter WHERE due_at IS NOT NULL"),
        30,
        "every receipt is sent",
    )
    newsroom.wait_until(
        lambda: not newsroom.query("SELECT 1 FROM inbox_event WHERE due_at IS NOT NULL"),
        30,
        "every event is settled",
    )
    assert outside.own_ledger() == outside.stripes_ledger()
    assert_nothing_is_owed(newsroom)
