"""A worker dies twenty times around the sending of receipts; each donation keeps its one."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import psycopg
import pytest

from app.money import Money
from tests.processes import Newsroom
from tests.resilience.outside import (
    Giver,
    Outside,
    assert_nothing_is_owed,
    assert_numbers_have_no_gap,
)

KILLS = 20
GIVERS = 3
AMOUNTS = (Money(500, "EUR"), Money(1250, "USD"), Money(20000, "UAH"))
#: The letter stands in the database as owed; nobody has handed it over.
ENTERED = "after entering, before sending"
#: The whole letter is at the mail server, which has not said yet that it took it.
SENDING = "in the middle of sending"

#: Donations entered, and those of them whose receipt has not been sent.
BOOKS = (
    "SELECT count(*), count(*) FILTER (WHERE letter.sent_at IS NULL) FROM donation "
    "LEFT JOIN letter ON letter.kind = 'receipt' AND letter.matter = donation.id::text"
)

Books = Callable[[], tuple[int, int]]


@pytest.fixture
def books(newsroom: Newsroom) -> Iterator[Books]:
    """Count donations, and those of them whose receipt is unsent; quick enough to aim by."""
    address = newsroom.env["DATABASE_URL"].replace("+psycopg", "", 1)
    with psycopg.connect(address, autocommit=True) as connection:

        def count() -> tuple[int, int]:
            row = connection.execute(BOOKS).fetchone()
            assert row is not None
            return int(row[0]), int(row[1])

        yield count


def await_the_moment(reached: Callable[[], object], what: str, *, closely: bool = False) -> None:
    """Wait for a moment; closely, where one missed by some milliseconds is another moment."""
    limit = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < limit, what
        time.sleep(0.001 if closely else 0.02)


def test_a_worker_killed_twenty_times_leaves_each_donation_with_one_receipt_and_one_letter(
    newsroom: Newsroom, outside: Outside, books: Books
) -> None:
    chance = random.Random(20261123)
    aims = [ENTERED, SENDING] * (KILLS // 2)
    chance.shuffle(aims)
    givers = iter(
        [
            outside.giver(AMOUNTS[n % 3], ("month", "once", "year")[n % 3])
            for n in range(KILLS * GIVERS)
        ]
    )
    hits: Counter[str] = Counter()
    for aim in aims:
        hits[
            strike(aim, [next(givers) for _ in range(GIVERS)], newsroom, outside, books, chance)
        ] += 1
        newsroom.start("worker", wait=False)
    outside.control("mailbox/slow")
    died_at = time.monotonic()
    newsroom.wait_until(lambda: all_sent(newsroom), 60, "every receipt is sent")
    copies = list(outside.receipts())
    letters = len({copy.reference for copy in copies})
    print(
        f"\nkills: {dict(hits)}; {letters} letters in {len(copies)} copies; "
        f"all sent {time.monotonic() - died_at:.1f} s after the last kill"
    )
    assert hits[ENTERED] >= 5, "too few kills between entering and sending to prove anything"
    assert hits[SENDING] >= 5, "too few kills in the middle of sending to prove anything"
    assert len(copies) > letters, "no letter was sent again: no kill hit a letter just handed over"
    assert outside.own_ledger() == outside.stripes_ledger()
    assert sum(count for count, _ in outside.own_ledger().values()) == KILLS * GIVERS
    assert_numbers_have_no_gap(newsroom)
    assert_nothing_is_owed(newsroom)
    assert_each_letter_has_one_id(newsroom, outside)


def strike(
    aim: str,
    givers: list[Giver],
    newsroom: Newsroom,
    outside: Outside,
    books: Books,
    chance: random.Random,
) -> str:
    """Let some readers give, kill the worker at a moment of the kind aimed at; say what was hit."""
    slow = {"before": chance.choice((0, 0.25)), "after": chance.choice((0.25, 0.4))}
    outside.control("mailbox/slow", **(slow if aim is SENDING else {}))
    await_the_moment(lambda: not in_hand(outside), "what the last worker left is over")
    before, _ = books()
    for giver in givers:
        outside.pay(giver)
    if aim is SENDING:
        await_the_moment(lambda: in_hand(outside), "a letter is being sent")
        time.sleep(chance.uniform(0, 0.25))
    else:
        # What earlier workers left unsent is not enough: this worker has entered something.
        await_the_moment(lambda: books()[0] > before, "a donation is entered", closely=True)
        # At once, for what is entered must be whole at that very moment, or a little later.
        time.sleep(chance.choice((0, chance.uniform(0, 0.06))))
    newsroom.kill("worker")
    # The server does not know yet that nobody waits for its answer.
    sending = in_hand(outside)
    # What the dead worker had handed over is unsent in our books, whatever the server did with it.
    _, unsent = books()
    if not unsent:
        return "elsewhere"
    return SENDING if sending else ENTERED


def in_hand(outside: Outside) -> int:
    """How many letters are whole at the mail server and not answered yet."""
    return int(outside.look("mailbox", limit=0)["in_hand"])


def all_sent(newsroom: Newsroom) -> bool:
    """Whether every gift paid is in the ledger and its receipt is noted as sent."""
    sent = newsroom.query(
        "SELECT count(*) FROM letter WHERE kind = 'receipt' AND sent_at IS NOT NULL"
    )
    owed = newsroom.query("SELECT count(*) FROM inbox_event WHERE settled_at IS NULL")
    return sent == [(KILLS * GIVERS,)] and owed == [(0,)]


def assert_each_letter_has_one_id(newsroom: Newsroom, outside: Outside) -> None:
    """Each receipt was sent, each copy of it under the id on its row, and to its own giver."""
    rows = newsroom.query(
        "SELECT r.year || '-' || lpad(r.number::text, 6, '0'), l.id::text, a.email "
        "FROM receipt r JOIN letter l ON l.kind = 'receipt' AND l.matter = r.donation_id::text "
        "JOIN account a ON a.id = l.account_id"
    )
    promised = {reference: (letter_id, email) for reference, letter_id, email in rows}
    sent: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for copy in outside.receipts():
        sent[copy.reference].add((copy.message_id.partition("@")[0], copy.to))
    assert {reference: {under} for reference, under in promised.items()} == dict(sent)
