"""Whatever order a failing renewal is told in, and however often: one letter for each attempt."""

import random
from collections.abc import Sequence
from datetime import timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.extensions import db
from app.giving import settlement
from app.giving.models import FailedPayment, Pledge
from app.letters import letters
from app.letters.models import Letter
from app.payments.facts import Ending, Fact, Standing
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, MONTH, failed, paid, seen

DUE = AUGUST + MONTH
DAY = timedelta(days=1)

#: How many attempts fail, how it ends, and in which order (with repetitions) it is told of.
STORIES = st.tuples(
    st.integers(1, 4),
    st.sampled_from(["open", "paid", "unpaid", "left"]),
    st.lists(st.integers(0, 99), min_size=0, max_size=8),
    st.integers(0, 10_000),
    # How much of it has been told of before the first letters go.
    st.integers(0, 12),
)


def a_story(pledge: Pledge, attempts: int, end: str) -> list[Fact]:
    """Facts as they would come in order."""
    last = end == "unpaid"
    tries = [failed(pledge, number) for number in range(1, attempts + 1)]
    if last:
        tries[-1] = failed(pledge, attempts, next_attempt_at=None)
    facts: list[Fact] = [seen(pledge, Standing.PAST_DUE, seen_at=DUE + DAY / 2), *tries]
    at = DUE + 20 * DAY
    match end:
        case "paid":
            facts += [paid(pledge, 2, received_at=at), seen(pledge, seen_at=at)]
        case "unpaid":
            ending = Ending.UNPAID
            facts += [seen(pledge, Standing.ENDED, ending=ending, ended_at=at, seen_at=at)]
        case "left":
            ending = Ending.BY_WISH
            facts += [seen(pledge, Standing.ENDED, ending=ending, ended_at=at, seen_at=at)]
    return facts


def enter(facts: Sequence[Fact]) -> None:
    for fact in facts:
        settlement.apply([fact], now=DUE)
        db.session.commit()


def send_all(mailer: FakeMailer) -> list[str]:
    """Send what is due; return the subjects about this renewal."""
    before = len(mailer.sent)
    due = select(Letter.id).where(Letter.due_at.is_not(None), Letter.kind == "payment_failed")
    for key in db.session.scalars(due).all():
        letters.send(key, mailer, now=DUE)
    return [draft.subject for _key, draft in mailer.sent[before:]]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=STORIES)
def test_each_attempt_has_one_letter_and_no_letter_tells_what_is_untrue(
    app: Flask, mailer: FakeMailer, story: tuple[int, str, list[int], int, int]
) -> None:
    attempts, end, again, order, heard = story
    pledge = a_pledge(a_reader(), status="pending", started_at=None, paid_until=AUGUST)
    enter([paid(pledge)])
    facts = a_story(pledge, attempts, end)
    told = facts + [facts[number % len(facts)] for number in again]
    random.Random(order).shuffle(told)
    enter(told[:heard])
    first = send_all(mailer)
    enter(told[heard:])
    second = send_all(mailer)
    assert not send_all(mailer)

    mine = FailedPayment.pledge_id == pledge.id
    assert db.session.scalar(select(func.count()).where(mine)) == attempts
    owed = list(
        db.session.scalars(
            select(Letter.matter).where(
                Letter.kind == "payment_failed", Letter.account_id == pledge.account_id
            )
        )
    )
    of_attempts = [matter for matter in owed if not matter.endswith(":end")]
    assert len(of_attempts) == len(set(of_attempts)) == attempts
    assert len(owed) - len(of_attempts) == (1 if end == "unpaid" else 0)

    ends = [subject for subject in first + second if "has ended" in subject]
    assert len(ends) == (1 if end == "unpaid" else 0)
    if heard >= len(told):
        assert len(first) == (1 if end in ("open", "unpaid") else 0)
    assert len(second) <= 1
