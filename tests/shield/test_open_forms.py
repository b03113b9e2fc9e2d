"""The gate before forms that anybody may send: what is taken as it comes, and what after work."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis

from app import QUICK
from app.shield import counters, open_forms, proofs
from app.shield.counters import Counts, Memory
from tests.builders import AUGUST

FORM, HOME, NEXT_DOOR, FAR = "notes", "198.51.100.7", "198.51.100.8", "203.0.113.9"
NOTHING = ("", "")


@pytest.fixture
def no_redis(app: Flask) -> Iterator[None]:
    """The counters do not answer."""
    lasting = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url("redis://127.0.0.1:1/0", **QUICK)
    open_forms._memory = Memory()
    yield
    app.extensions["redis"] = lasting
    open_forms._memory = Memory()


def send(network: str, times: int, proof: tuple[str, str] = NOTHING) -> list[bool]:
    """Whether each of several forms from one place is taken."""
    return [open_forms.wait(FORM, network, proof, now=AUGUST) == 0 for _ in range(times)]


def worked() -> tuple[str, str]:
    """A task and the number that a browser finds for it."""
    task = proofs.issue(AUGUST)
    salt, _, digest, _ = task.split(".")
    found = next(
        number
        for number in range(proofs.NUMBERS)
        if hashlib.sha256(f"{salt}{number}".encode()).hexdigest() == digest
    )
    return task, str(found)


def test_a_few_are_taken_as_they_come_and_then_few_without_work(app: Flask) -> None:
    assert not open_forms.wants_proof()
    assert send(HOME, 6) == [True] * 5 + [False]
    # Others of the same provider are not in the way of each other, nor is another form.
    assert send(NEXT_DOOR, 1) == [True]
    assert open_forms.wait("another", HOME, NOTHING, now=AUGUST) == 0


def test_who_has_done_the_work_is_taken_though_many_came_before(app: Flask) -> None:
    send(HOME, 6)
    proof = worked()
    assert send(HOME, 1, proof) == [True]
    # It is good once.
    assert send(HOME, 1, proof) == [False]


def test_while_the_shield_is_up_work_comes_first(app: Flask) -> None:
    counters.put_up(Counts(), AUGUST)
    assert open_forms.wants_proof()
    assert send(FAR, 3) == [True, True, False]
    assert send(FAR, 1, worked()) == [True]


def test_whoever_waits_is_told_how_long_and_is_taken_then(app: Flask) -> None:
    send(HOME, 5)
    seconds = open_forms.wait(FORM, HOME, NOTHING, now=AUGUST)
    assert 0 < seconds <= 3600
    later = AUGUST + timedelta(seconds=seconds)
    assert open_forms.wait(FORM, HOME, NOTHING, now=later) == 0


@pytest.mark.usefixtures("no_redis")
def test_when_the_counters_do_not_answer_few_are_taken_from_each_place(app: Flask) -> None:
    assert open_forms.wants_proof()
    assert send(HOME, 3) == [True, True, False]
    assert send(FAR, 1) == [True]
