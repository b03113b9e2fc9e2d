"""Renewals: each gives the next one, an answer may be lost, and a stolen one ends its family."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from app.accounts import accounts
from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.passes import forgetting, passes
from app.passes.models import PassGrant, PassRenewal
from app.passes.passes import Pass, Refused
from app.passes.rules import GRACE, RENEWAL_LIFE, USED_KEPT
from tests.builders import signed_in
from tests.passes.site import ARTICLE, SITE, STATE, VERIFIER, challenge_of, checked, hand_in, redeem

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def first(client: FlaskClient, code: str) -> str:
    """The renewal that came with his first token."""
    return passes.redeem(code, VERIFIER, ARTICLE, SITE, now=utcnow()).renewal


def left(*, unused: bool = False) -> int:
    counted = select(func.count()).select_from(PassRenewal)
    if unused:
        counted = counted.where(PassRenewal.used_at.is_(None))
    return db.session.scalar(counted) or 0


def beside(
    app: Flask, act: Callable[[], object], given: list[object], refused: list[object]
) -> threading.Thread:
    """Do something in a connection of its own, and keep what comes of it."""

    def run() -> None:
        with app.app_context():
            try:
                given.append(act())
            except Refused as why:
                refused.append(why)
            finally:
                db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def until_waiting(number: int) -> None:
    """Look until so many wait for a lock."""
    end = time.monotonic() + 10
    asked = text("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
    with db.engine.connect() as link:
        while link.execute(asked).scalar_one() < number:
            assert time.monotonic() < end, "nobody waits"
            time.sleep(0.01)


def test_a_site_asks_again_without_leading_its_reader_away(client: FlaskClient, code: str) -> None:
    told = redeem(client, code).get_json()
    for _ in range(3):
        answer = hand_in(client, {"renewal": told["renewal"]})
        assert answer.status_code == 200
        assert answer.get_json()["renewal"] != told["renewal"]
        told = answer.get_json()
        assert checked(client, told["token"])["patron"] is True


def test_who_did_not_get_the_answer_asks_again_with_the_same_one(first: str) -> None:
    now = utcnow()
    lost = passes.renew(first, SITE, now=now).renewal
    again = passes.renew(first, SITE, now=now + GRACE - SECOND).renewal
    assert again != lost
    # Its reader stays known from then on.
    after = passes.renew(again, SITE, now=now + HOUR).renewal
    assert passes.renew(after, SITE, now=now + 2 * HOUR).token


def test_the_time_for_asking_again_is_not_made_longer_by_asking_again(first: str) -> None:
    now = utcnow()
    for seconds in (0, 40, 80):
        passes.renew(first, SITE, now=now + timedelta(seconds=seconds))
    with pytest.raises(Refused):
        passes.renew(first, SITE, now=now + GRACE)


def test_a_renewal_that_comes_again_later_ends_the_whole_family(first: str) -> None:
    now = utcnow()
    second = passes.renew(first, SITE, now=now).renewal
    with pytest.raises(Refused):
        passes.renew(first, SITE, now=now + GRACE)
    with pytest.raises(Refused):
        passes.renew(second, SITE, now=now + GRACE)
    assert left() == 0


def test_of_two_that_were_given_for_one_only_the_one_that_is_used_goes_on(first: str) -> None:
    now = utcnow()
    taken = passes.renew(first, SITE, now=now).renewal
    own = passes.renew(first, SITE, now=now + SECOND).renewal
    later = passes.renew(own, SITE, now=now + HOUR).renewal
    assert left(unused=True) == 1
    with pytest.raises(Refused):
        passes.renew(taken, SITE, now=now + 2 * HOUR)
    with pytest.raises(Refused):
        passes.renew(later, SITE, now=now + 2 * HOUR)


def test_tabs_that_ask_at_the_same_moment_all_get_a_token(app: Flask, first: str) -> None:
    now, barrier = utcnow(), threading.Barrier(6)
    given: list[object] = []
    refused: list[object] = []

    def ask() -> Pass:
        barrier.wait()
        return passes.renew(first, SITE, now=now)

    for thread in [beside(app, ask, given, refused) for _ in range(6)]:
        thread.join()
    assert (len(given), refused) == (6, [])
    kept = given[0]
    assert isinstance(kept, Pass)
    assert passes.renew(kept.renewal, SITE, now=now + HOUR).token
    assert left(unused=True) == 1


def test_a_replay_during_a_renewal_leaves_nothing_alive(app: Flask, first: str) -> None:
    now = utcnow() + HOUR
    second = passes.renew(first, SITE, now=now).renewal
    later = now + timedelta(days=1)
    given: list[object] = []
    refused: list[object] = []
    # Both are under way when the way becomes free.
    db.session.execute(select(PassGrant.id).with_for_update(key_share=True))
    threads = [beside(app, lambda: passes.renew(second, SITE, now=later), given, refused)]
    until_waiting(1)
    threads.append(beside(app, lambda: passes.renew(first, SITE, now=later), given, refused))
    until_waiting(2)
    db.session.commit()
    for thread in threads:
        thread.join()
    # Whichever came first, what was given then has ended too.
    assert len(given) + len(refused) == 2
    assert refused
    assert left() == 0


def test_what_is_in_use_is_tidied_another_time(app: Flask, first: str) -> None:
    now = utcnow()
    passes.renew(first, SITE, now=now)
    over = now + USED_KEPT
    db.session.execute(select(PassGrant.id).with_for_update(key_share=True))
    removed: list[object] = []
    tidying = beside(app, lambda: forgetting.forget(now=over), removed, [])
    tidying.join(10)
    assert (removed, left()) == ([0], 2)
    db.session.commit()
    # The code and the renewal that was used; the one that was not stays good.
    assert forgetting.forget(now=over + timedelta(minutes=2)) == 2
    assert left(unused=True) == left() == 1


def test_what_ends_in_one_browser_goes_on_in_another(
    app: Flask, client: FlaskClient, taras: Account, first: str
) -> None:
    phone = signed_in(app.test_client(), taras)
    answer = phone.get(
        "/pass",
        query_string={
            "return_to": ARTICLE,
            "challenge": challenge_of(VERIFIER),
            "state": STATE,
        },
    )
    other = redeem(phone, answer.location.split("hromada_code=")[1].split("&")[0]).get_json()
    now = utcnow()
    passes.renew(first, SITE, now=now)
    with pytest.raises(Refused):
        passes.renew(first, SITE, now=now + GRACE)
    assert hand_in(phone, {"renewal": other["renewal"]}).status_code == 200


def test_a_renewal_of_another_site_ends(client: FlaskClient, code: str) -> None:
    renewal = redeem(client, code).get_json()["renewal"]
    answer = hand_in(client, {"renewal": renewal}, origin="https://www.vilnyi-holos.example")
    assert answer.status_code == 400
    assert hand_in(client, {"renewal": renewal}).status_code == 400


def test_a_renewal_that_nobody_uses_expires(client: FlaskClient, code: str) -> None:
    renewal = redeem(client, code).get_json()["renewal"]
    with pytest.raises(Refused):
        passes.renew(renewal, SITE, now=utcnow() + RENEWAL_LIFE)


def test_signing_out_everywhere_ends_what_browsers_hold(
    client: FlaskClient, taras: Account, code: str
) -> None:
    renewal = redeem(client, code).get_json()["renewal"]
    accounts.sign_out_everywhere(taras.id)
    assert hand_in(client, {"renewal": renewal}).status_code == 400
    assert left() == 0
