"""The short road of a cast: no right is skipped on it, and nothing of a voter stays behind."""

import threading
from typing import Any

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app, pool
from app.extensions import db
from app.voting import casting, secrecy, short_road
from app.voting.models import Ballot
from config.local.waiting import until
from config.settings import Environment, Settings
from tests.builders import a_patron, signed_in
from tests.pages import form_of
from tests.voting.builders import an_open_round, votes
from tests.voting.pages import address, send


def _papers() -> list[list[int]]:
    return list(db.session.scalars(select(Ballot.choices)))


def test_a_session_ended_elsewhere_casts_no_ballot(client: FlaskClient) -> None:
    round_, patron = an_open_round(), a_patron()
    signed_in(client, patron)
    window = form_of(client.get(address(round_)))
    patron.session_version += 1
    db.session.commit()
    answer = client.post(address(round_), data={**window, "choices": ["1"]})
    assert "/sign-in" in answer.location
    assert _papers() == []


def test_a_form_without_its_token_is_cast_only_where_the_browser_tells_it_is_of_our_page(
    client: FlaskClient,
) -> None:
    round_ = an_open_round()
    # Keys of another test's round of this address lead to the long road.
    secrecy.let_go(str(round_.slug))
    signed_in(client, a_patron())
    for told in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = client.post(address(round_), data={"choices": ["1"]}, headers=told)
        assert answer.status_code == 400
        assert _papers() == []
    ours = {"Sec-Fetch-Site": "same-origin"}
    answer = client.post(address(round_), data={"choices": ["1"]}, headers=ours)
    assert answer.location.endswith("/thanks")
    assert _papers() == [[1]]


def test_a_change_of_a_ballot_that_was_never_cast_is_not_accepted(client: FlaskClient) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    page = send(client, round_, 1, version=3)
    assert page.status_code == 409
    assert _papers() == []


def test_a_receipt_that_is_not_this_ballots_is_not_shown(client: FlaskClient) -> None:
    round_, patron = an_open_round(), a_patron()
    signed_in(client, patron)
    thanks = send(client, round_, 1).location
    client.set_cookie("receipt", f"{'A' * 26}.{'0' * 32}", path=address(round_))
    page = client.get(thanks)
    assert page.status_code == 200
    assert "A" * 26 not in page.text


def test_a_ballot_that_waited_for_a_withdrawal_is_held_against_it(app: Flask) -> None:
    round_, patron = an_open_round(), a_patron()
    told: list[type[Exception]] = []

    def vote() -> None:
        with app.app_context():
            try:
                votes(patron, round_, 2)
            except casting.UnknownTopic as refused:
                told.append(type(refused))
            finally:
                pool.hang_up()
                db.session.remove()

    waiting = threading.Thread(target=vote)
    with psycopg.connect(app.extensions["database_address"]) as staff:
        staff.execute("SELECT FROM voting_round WHERE id = %s FOR UPDATE", (round_.id,))
        staff.execute(
            "UPDATE round_topic SET withdrawn_at = now(), withdrawn_reason = 'A fault.'"
            " WHERE number = 2"
        )
        waiting.start()
        blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        until(lambda: staff.execute(blocked).fetchone() == (1,), "the cast waits", timeout=10)
    waiting.join()
    assert told == [casting.UnknownTopic]
    assert _papers() == []


def test_a_cookie_with_a_receipt_goes_over_tls_alone_in_production(settings: Settings) -> None:
    real = settings.model_copy(update={"environment": Environment.PRODUCTION})
    app = create_app(real)
    assert app.config["SESSION_COOKIE_SECURE"]
    with app.test_request_context(base_url="http://newsroom.example"):
        assert not short_road._is_private()
    with app.test_request_context(base_url="https://newsroom.example"):
        assert short_road._is_private()


def test_keys_that_a_process_holds_give_way_to_those_of_a_round_of_the_same_address(
    app: Flask,
) -> None:
    round_, patron = an_open_round(), a_patron()
    votes(patron, round_, 1)
    secrecy._held[str(round_.slug)] = secrecy.Held(secrecy.BallotKeys(round_.id, b"old"), b"old")
    assert votes(patron, round_, 2, seen_version=1).version == 2
    assert _papers() == [[2]]


def test_a_process_lets_go_of_the_keys_by_itself(app: Flask) -> None:
    round_, forgotten = an_open_round(), threading.Event()
    secrecy.let_go(str(round_.slug))

    class AtOnce(threading.Timer):
        """A timer that is over as soon as it starts."""

        def __init__(self, _seconds: float, *rest: Any) -> None:
            super().__init__(0, *rest)

        def run(self) -> None:
            until(lambda: str(round_.slug) in secrecy._held, "the keys are held", timeout=10)
            super().run()
            forgotten.set()

    assert secrecy.held(str(round_.slug), anew=True, timer=AtOnce)
    assert forgotten.wait(timeout=10)
    assert str(round_.slug) not in secrecy._held
