"""The gate before Stripe: who passes, who gets a letter, who waits, and what is counted."""

import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis

from app import QUICK
from app.money import Money
from app.shield import counters, gate, proofs, watch
from app.shield.counters import Counts, Memory
from app.shield.gate import Attempt
from app.shield.rules import Mode, Verdict
from tests.builders import AUGUST, a_reader
from tests.shield.steps import solved

ANN = Attempt(
    network="203.0.113.7",
    email="ann@example.org",
    browser="one",
    amount=Money(500, "EUR"),
    small=False,
    known=False,
)


def stranger(number: int, **over: object) -> Attempt:
    """Somebody else, from elsewhere."""
    network = f"10.{number // 250}.{number % 250}.1"
    other = replace(ANN, network=network, email=f"r{number}@example.org", browser=str(number))
    return replace(other, **over)  # type: ignore[arg-type]


def attempt(of: Attempt) -> Verdict:
    """Judge and admit, as the page does."""
    judged = gate.judge(of, now=AUGUST).verdict
    if judged is Verdict.OPEN:
        return gate.admit(uuid.uuid4(), of, now=AUGUST).verdict
    return judged


@pytest.fixture
def up(app: Flask) -> None:
    """The shield is up."""
    counters.put_up(Counts(), AUGUST)


@pytest.fixture
def silent(app: Flask) -> Iterator[None]:
    """Redis does not answer."""
    lasting = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url("redis://127.0.0.1:1/0", **QUICK)
    gate._memory = Memory()
    yield
    app.extensions["redis"] = lasting


def test_a_reader_passes(app: Flask) -> None:
    assert attempt(ANN) is Verdict.OPEN


@pytest.mark.parametrize(
    ("same", "most"),
    [
        ({"network": "203.0.113.7"}, 20),
        ({"email": "Ann@Example.org"}, 5),
        ({"browser": "one"}, 8),
        ({"small": True}, 12),
    ],
)
def test_more_than_a_person_begins_takes_a_letter(
    app: Flask, same: dict[str, object], most: int
) -> None:
    verdicts = [attempt(stranger(number, **same)) for number in range(most + 1)]
    assert verdicts == [Verdict.OPEN] * most + [Verdict.LETTER]


def test_what_one_owner_rents_counts_as_one_however_many_addresses_it_has(app: Flask) -> None:
    verdicts = [
        gate.judge(stranger(n, network=f"203.0.113.{n}"), now=AUGUST).verdict for n in range(61)
    ]
    assert verdicts == [Verdict.OPEN] * 60 + [Verdict.LETTER]


def test_thirty_unpaid_starts_raise_the_shield_and_no_more_pass_however_many_come_at_once(
    app: Flask,
) -> None:
    def one(number: int) -> Verdict:
        with app.app_context():
            return attempt(stranger(number))

    with ThreadPoolExecutor(8) as threads:
        verdicts = Counter(threads.map(one, range(200)))
    assert verdicts == {Verdict.OPEN: 30, Verdict.LETTER: 170}
    assert gate.mode() is Mode.RAISED
    assert watch.current() is not None


def test_starts_that_are_paid_raise_nothing(app: Flask) -> None:
    for number in range(200):
        key = uuid.uuid4()
        assert gate.admit(key, stranger(number), now=AUGUST).verdict is Verdict.OPEN
        if number % 3 == 0:
            gate.was_paid(key, now=AUGUST)
    assert gate.mode() is Mode.CALM


def test_slow_starts_raise_nothing(app: Flask) -> None:
    for number in range(100):
        now = AUGUST + timedelta(seconds=30 * number)
        assert gate.admit(uuid.uuid4(), stranger(number), now=now).verdict is Verdict.OPEN


def test_a_payment_told_twice_counts_once(app: Flask, up: None) -> None:
    key = uuid.uuid4()
    counters.let(key, keep=3600, now=AUGUST)
    counters.let(key, keep=3600, now=AUGUST)
    for minutes in (1, 2):
        gate.was_paid(key, now=AUGUST + timedelta(minutes=minutes))
    assert counters.counts() == Counts(held_back=0, reached_stripe=1, paid=1)
    assert counters.seen_since(AUGUST) == (0, 1)


def test_the_page_already_opened_stays_open_when_the_shield_goes_up(app: Flask) -> None:
    key = uuid.uuid4()
    assert gate.admit(key, ANN, now=AUGUST).verdict is Verdict.OPEN
    counters.put_up(Counts(), AUGUST)
    assert gate.admit(key, ANN, now=AUGUST).verdict is Verdict.OPEN
    assert gate.admit(uuid.uuid4(), ANN, now=AUGUST).verdict is Verdict.LETTER


def test_without_work_few_letters_go_out_and_with_it_more(app: Flask, up: None) -> None:
    plain = [attempt(stranger(n, network="203.0.113.7")) for n in range(3)]
    assert plain == [Verdict.LETTER, Verdict.LETTER, Verdict.WAIT]
    task = proofs.issue(AUGUST)
    worked = stranger(9, network="203.0.113.7", proof=(task, solved(task)))
    assert attempt(worked) is Verdict.LETTER
    assert attempt(worked) is Verdict.WAIT, "the same work again"


def test_who_is_refused_uses_up_nothing_of_others(app: Flask, up: None) -> None:
    for number in range(700):
        attempt(stranger(number, network="203.0.113.7"))
    assert attempt(stranger(701)) is Verdict.LETTER


def test_a_mailbox_is_not_filled_and_its_owner_not_locked_out(app: Flask, up: None) -> None:
    ann = {"email": "ann@example.org"}
    from_one_block = [attempt(stranger(n, network=f"10.0.0.{n}", **ann)) for n in range(4)]
    assert from_one_block == [Verdict.LETTER] * 3 + [Verdict.WAIT]
    assert attempt(stranger(5, network="203.0.113.7", **ann)) is Verdict.LETTER


def test_to_wait_says_for_how_long(app: Flask, up: None) -> None:
    for _ in range(2):
        gate.judge(ANN, now=AUGUST)
    # The hour ends at ten; it is half past nine.
    assert gate.judge(ANN, now=AUGUST).seconds == 30 * 60


def test_who_is_signed_in_needs_no_letter(app: Flask, up: None) -> None:
    a_reader()
    verdicts = [attempt(replace(ANN, known=True)) for _ in range(7)]
    assert verdicts == [Verdict.OPEN] * 6 + [Verdict.WAIT]


def test_who_confirmed_by_letter_passes_but_not_by_the_dozen(app: Flask, up: None) -> None:
    verdicts = [
        gate.confirm(uuid.uuid4(), "203.0.113.7", ANN.email, now=AUGUST).verdict for _ in range(7)
    ]
    assert verdicts == [Verdict.OPEN] * 6 + [Verdict.WAIT]


@pytest.mark.parametrize("known", [True, False])
def test_one_mailbox_does_not_do_for_a_crowd(app: Flask, up: None, known: bool) -> None:
    def one(number: int) -> Verdict:
        visitor = stranger(number, email="mule@example.net", known=True)
        if known:
            return attempt(visitor)
        return gate.confirm(uuid.uuid4(), visitor.network, visitor.email, now=AUGUST).verdict

    assert Counter(map(one, range(50))) == {Verdict.OPEN: 6, Verdict.WAIT: 44}


def test_while_the_counters_are_silent_a_letter_goes_before_every_gift(
    app: Flask, silent: None
) -> None:
    assert gate.mode() is Mode.BLIND
    assert [attempt(ANN) for _ in range(3)] == [Verdict.LETTER, Verdict.LETTER, Verdict.WAIT]
    assert attempt(stranger(2)) is Verdict.LETTER
    assert gate.confirm(uuid.uuid4(), "203.0.113.7", ANN.email, now=AUGUST).verdict is Verdict.OPEN
    gate.was_paid(uuid.uuid4(), now=AUGUST)
    assert watch.sweep(now=AUGUST)


def test_counters_that_fall_silent_in_between_let_nobody_through(app: Flask, silent: None) -> None:
    assert gate.admit(uuid.uuid4(), ANN, now=AUGUST).verdict is Verdict.LETTER
