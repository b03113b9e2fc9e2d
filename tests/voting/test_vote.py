"""A patron votes: what is accepted, and what is refused without being lost."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.clock import utcnow
from app.extensions import db
from app.voting import casting, rounds, turnouts
from app.voting.models import Ballot, RollRule, Round, RoundStatus
from tests.builders import a_patron, a_reader, a_staff_member, signed_in
from tests.pages import form_of
from tests.voting.builders import an_open_round, time_passes, votes
from tests.voting.pages import address, send, ticked


def papers() -> list[list[int]]:
    return list(db.session.scalars(select(Ballot.choices)))


def test_a_patron_casts_a_ballot_and_gets_a_receipt_once(client: FlaskClient) -> None:
    round_, patron = an_open_round(), a_patron()
    signed_in(client, patron)
    answer = send(client, round_, 2, 1)
    assert answer.status_code == 303
    thanks = client.get(answer.location)
    code = db.session.scalars(select(Ballot.receipt)).one()
    assert code in thanks.text
    assert "no-store" in thanks.headers["Cache-Control"]
    assert re.fullmatch(r"[A-Z2-7]{26}", code)
    assert code not in client.get(answer.location).text
    assert papers() == [[1, 2]]


def test_a_voter_sees_and_changes_the_ballot_until_the_close(client: FlaskClient) -> None:
    round_, patron = an_open_round(), a_patron()
    signed_in(client, patron)
    first = client.get(address(round_))
    assert "Cast my ballot" in first.text
    send(client, round_, 2)
    before = db.session.scalars(select(Ballot.receipt)).one()
    page = client.get(address(round_))
    assert ticked(page) == {2}
    assert "Change my ballot" in page.text
    send(client, round_, 3, 4)
    assert papers() == [[3, 4]]
    assert db.session.scalars(select(Ballot.receipt)).one() != before


def test_a_blank_ballot_is_accepted(client: FlaskClient) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    assert send(client, round_, none="y").status_code == 303
    assert papers() == [[]]


def test_too_many_ticks_are_kept_and_told_beside_the_field(client: FlaskClient) -> None:
    round_ = an_open_round(max_choices=2)
    signed_in(client, a_patron())
    answer = send(client, round_, 1, 2, 3)
    assert answer.status_code == 422
    assert "You ticked 3 topics; choose up to 2 topics." in answer.text
    assert 'id="choices-error"' in answer.text
    assert ticked(answer) == {1, 2, 3}
    assert papers() == []


@pytest.mark.parametrize(
    "choice",
    ["9", "0", "-1", "32768", "99999", "1; DROP TABLE ballot", "99999999999999999999", "²"],
)
def test_a_topic_that_is_not_offered_is_refused(client: FlaskClient, choice: str) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    answer = send(client, round_, 1, choice)
    assert answer.status_code == 422
    assert "is not offered any more" in answer.text
    assert ticked(answer) == {1}
    assert papers() == []


@pytest.mark.parametrize("version", ["", "x", "-4", "999999999999999999999"])
def test_a_spoilt_version_never_overwrites_a_ballot(client: FlaskClient, version: str) -> None:
    round_, patron = an_open_round(), a_patron()
    signed_in(client, patron)
    send(client, round_, 1)
    assert send(client, round_, 2, version=version).status_code == 409
    assert papers() == [[1]]


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    answer = client.post(address(round_), data={"choices": ["1"], "version": "0"})
    assert answer.status_code == 400
    assert papers() == []


def test_the_second_of_two_windows_is_told_and_nothing_is_lost(client: FlaskClient) -> None:
    round_, patron = an_open_round(), a_patron()
    signed_in(client, patron)
    window = form_of(client.get(address(round_)))
    send(client, round_, 1)
    answer = client.post(address(round_), data={**window, "choices": ["3"]})
    assert answer.status_code == 409
    assert "It holds now: Power cuts in Kharkiv." in answer.text
    assert ticked(answer) == {3}
    assert papers() == [[1]]
    again = client.post(address(round_), data={**form_of(answer), "choices": ["3"]})
    assert again.status_code == 303
    assert papers() == [[3]]


def test_the_same_ballot_sent_twice_by_a_nervous_finger_is_one_ballot(client: FlaskClient) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    window = form_of(client.get(address(round_)))
    for _ in range(2):
        answer = client.post(address(round_), data={**window, "choices": ["3"]})
        assert answer.status_code == 303
    assert papers() == [[3]]


def test_after_the_close_a_ballot_is_refused_with_both_times_and_what_it_said(
    client: FlaskClient,
) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    window = form_of(client.get(address(round_)))
    send(client, round_, 1)
    time_passes(round_)
    answer = client.post(address(round_), data={**window, "choices": ["3"]})
    assert answer.status_code == 409
    assert "Your ballot was not accepted: the round closed at" in answer.text
    assert "It said: Children brought home." in answer.text
    assert "The ballot you cast before the close counts." in answer.text
    assert papers() == [[1]]


def test_a_session_that_ended_meanwhile_leads_back_to_the_ballot(client: FlaskClient) -> None:
    round_, patron = an_open_round(), a_patron()
    signed_in(client, patron)
    window = form_of(client.get(address(round_)))
    with client.session_transaction() as session:
        session.pop("_user_id")
    answer = client.post(address(round_), data={**window, "choices": ["1"]})
    assert answer.status_code == 303
    assert "/sign-in" in answer.location
    assert f"%2Fvote%2F{round_.slug}" in answer.location or address(round_) in answer.location
    assert papers() == []


def test_who_is_not_a_patron_sees_the_topics_and_how_to_become_one(client: FlaskClient) -> None:
    round_ = an_open_round()
    for account in (None, a_reader()):
        if account is not None:
            signed_in(client, account)
        page = client.get(address(round_))
        assert page.status_code == 200
        assert "Power cuts in Kharkiv" in page.text
        assert "Become a patron" in page.text
        assert 'name="choices"' not in page.text


def test_a_ballot_of_who_is_not_a_patron_is_refused(client: FlaskClient) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    window = form_of(client.get(address(round_)))
    with client.session_transaction() as session:
        token = session["csrf_token"]
    signed_in(client, a_reader())
    with client.session_transaction() as session:
        session["csrf_token"] = token
    answer = client.post(address(round_), data={**window, "choices": ["1"]})
    assert answer.status_code == 403
    assert "only patrons can vote" in answer.text
    assert papers() == []


def test_staff_do_not_vote_even_when_they_give(app: Flask, client: FlaskClient) -> None:
    round_, staff = an_open_round(), a_staff_member("editor")
    patron = a_patron()
    patron.role = "fundraiser"
    db.session.commit()
    for account in (staff, patron):
        with pytest.raises(casting.NotOnRoll):
            votes(account, round_, 1)
    signed_in(client, staff)
    page = client.get(address(round_))
    assert "staff do not vote" in page.text
    assert "Become a patron" not in page.text


def test_a_round_may_ask_for_patrons_from_before_it_opened(app: Flask) -> None:
    round_ = an_open_round(roll_rule=RollRule.PATRON_BEFORE_OPENING)
    late = a_patron(started_at=utcnow())
    with pytest.raises(casting.NotOnRoll):
        votes(late, round_, 1)
    early = a_patron(started_at=utcnow() - timedelta(days=3))
    assert votes(early, round_, 1).version == 1
    assert turnouts.turnout(round_.id, now=utcnow()) == turnouts.Turnout(eligible=1, voted=1)


def test_a_withdrawn_topic_cannot_be_ticked_and_readers_see_why(client: FlaskClient) -> None:
    round_, patron = an_open_round(), a_patron()
    signed_in(client, patron)
    window = form_of(client.get(address(round_)))
    rounds.withdraw_topic(round_.id, 1, "We published it last week.", now=utcnow())
    assert client.post(address(round_), data={**window, "choices": ["1"]}).status_code == 422
    page = client.get(address(round_))
    assert "We published it last week." in page.text
    assert 'value="1"' not in page.text


def test_a_reader_in_a_hurry_is_told_to_wait(client: FlaskClient) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    window = form_of(client.get(address(round_)))
    answers = [
        client.post(address(round_), data=window | {"none": "y"}).status_code for _ in range(32)
    ]
    assert answers[0] == 303
    assert answers[-1] == 429


def test_one_patron_has_one_ballot(app: Flask) -> None:
    round_, patron = an_open_round(), a_patron()
    version = 0
    for choice in (1, 2, 3):
        version = votes(patron, round_, choice, seen_version=version).version
    assert db.session.scalar(select(func.count()).select_from(Ballot)) == 1
    assert db.session.get_one(Round, round_.id).status == RoundStatus.OPEN
