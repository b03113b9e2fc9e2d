"""The broker goes while Stripe delivers, and comes back: nothing is lost and Stripe is answered."""

import os
import signal
import threading
import time

import redis

from app.money import Money
from tests.processes import Newsroom
from tests.resilience.outside import (
    Outside,
    assert_nothing_is_owed,
    assert_numbers_have_no_gap,
)

DELIVERIES = 20
#: Stripe waits ten seconds and more; a page that waits for its event should not feel a second.
QUICK_MS = 1000


def test_redis_stopped_during_twenty_deliveries_loses_nothing_and_is_met_again_by_all(
    newsroom: Newsroom, outside: Outside
) -> None:
    events = paid_for(outside, DELIVERIES)
    attempts = outside.control("deliver", events=events[:5])["attempts"]
    newsroom.wait_until(lambda: waiting(newsroom) == 0, what="events are settled while all is well")
    # The broker goes in the midst of these.
    delivering = threading.Thread(
        target=lambda: attempts.extend(
            outside.control("deliver", events=events[5:13], parallel=2)["attempts"]
        )
    )
    delivering.start()
    newsroom.stop_redis()
    delivering.join()
    await_rest(newsroom)
    attempts += outside.control("deliver", events=events[13:])["attempts"]
    unsettled = waiting(newsroom)
    newsroom.start_redis()
    began = time.monotonic()
    newsroom.wait_until(lambda: waiting(newsroom) == 0, 60, "every event is settled")
    took = time.monotonic() - began
    slowest = max(attempt["milliseconds"] for attempt in attempts)
    print(
        f"\n{unsettled} of {DELIVERIES} events waited for the broker and were settled {took:.1f} s "
        f"after its return; slowest answer to Stripe {slowest} ms"
    )
    # These were delivered to a newsroom without a broker, so only beat and worker, both of which
    # found it again by themselves, can have settled them.
    assert unsettled >= DELIVERIES - 13
    assert [attempt["status"] for attempt in attempts] == [204] * DELIVERIES
    assert slowest < QUICK_MS
    assert kept(newsroom) == DELIVERIES
    assert newsroom.query("SELECT count(*) FROM donation") == [(DELIVERIES,)]
    assert outside.own_ledger() == outside.stripes_ledger()
    assert_numbers_have_no_gap(newsroom)
    newsroom.wait_until(lambda: not letters_owed(newsroom), 30, "every receipt is sent")
    assert_nothing_is_owed(newsroom)


def test_after_its_return_an_event_is_settled_at_once_again(
    newsroom: Newsroom, outside: Outside
) -> None:
    (event,) = paid_for(outside, 1)
    outside.control("deliver", events=[event])
    # Sooner than any sweep could be relied on: the nudge has found its way again.
    newsroom.wait_until(lambda: waiting(newsroom) == 0, 4, "the event is settled")
    newsroom.wait_until(lambda: not letters_owed(newsroom), 30, "its receipt is sent")


def test_a_broker_that_hangs_holds_up_no_answer_for_long_and_loses_nothing(
    newsroom: Newsroom, outside: Outside
) -> None:
    events = paid_for(outside, 6)
    with redis.Redis.from_url(newsroom.broker.url()) as client:
        number = int(client.info("server")["process_id"])
    os.kill(number, signal.SIGSTOP)
    try:
        attempts = outside.control("deliver", events=events)["attempts"]
    finally:
        os.kill(number, signal.SIGCONT)
    times = [attempt["milliseconds"] for attempt in attempts]
    print(f"\nanswers of a newsroom whose broker hangs: {times} ms")
    assert [attempt["status"] for attempt in attempts] == [204] * 6
    assert max(times) < QUICK_MS
    newsroom.wait_until(lambda: waiting(newsroom) == 0, 60, "every event is settled")
    newsroom.wait_until(lambda: not letters_owed(newsroom), 30, "every receipt is sent")
    assert outside.own_ledger() == outside.stripes_ledger()
    assert_nothing_is_owed(newsroom)


def await_rest(newsroom: Newsroom) -> None:
    """Wait until no job is at work any more: for a second, nothing that waits has been settled."""
    since, before = time.monotonic(), -1
    while time.monotonic() < since + 1:
        if (now := waiting(newsroom)) != before:
            since, before = time.monotonic(), now
        time.sleep(0.05)


def paid_for(outside: Outside, number: int) -> list[str]:
    """Let so many readers give without our being told; return the events that would tell."""
    outside.control("hold")
    before = {event["id"] for event in told_of_money(outside)}
    for _ in range(number):
        outside.pay(outside.giver(Money(700, "EUR"), "month"))
    return [event["id"] for event in told_of_money(outside) if event["id"] not in before]


def told_of_money(outside: Outside) -> list[dict[str, str]]:
    """List the events that tell of a paid invoice."""
    events: list[dict[str, str]] = outside.look("events", type="invoice.paid")["events"]
    return events


def kept(newsroom: Newsroom) -> int:
    """Count the events kept."""
    return int(newsroom.query("SELECT count(*) FROM inbox_event")[0][0])


def waiting(newsroom: Newsroom) -> int:
    """Count the events kept and not acted on yet."""
    return int(newsroom.query("SELECT count(*) FROM inbox_event WHERE settled_at IS NULL")[0][0])


def letters_owed(newsroom: Newsroom) -> bool:
    """Whether a letter waits to be sent."""
    return bool(newsroom.query("SELECT 1 FROM letter WHERE due_at IS NOT NULL"))
