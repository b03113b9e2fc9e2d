"""After the count: looked at before it is public, picked against the order, proposals chosen."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import db
from app.letters.models import Letter
from app.topics import proposals
from app.topics.models import Proposal
from app.topics.rules import State
from app.voting import picks, results, rounds, turns
from app.voting.models import Round, RoundStatus, RoundTopic
from app.voting.picks import NotToBePicked
from app.voting.rounds import DISPUTE_WINDOW
from app.voting.tally import TieRule
from tests.builders import a_patron, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.pages import form_of
from tests.topics.builders import a_suggestion, moved
from tests.voting.builders import an_open_round, time_passes, votes
from tests.voting.test_letters import sent


def a_round(hours: int | None = 0) -> Round:
    """A round whose first topic is wanted most, then the second; its time is over."""
    round_ = an_open_round()
    for choices in ((1, 2), (1, 2), (1, 3)):
        votes(a_patron(), round_, *choices)
    found = rounds.locked(round_.id)
    found.publish_after_hours = hours
    db.session.commit()
    time_passes(round_)
    return round_


def status(round_: Round) -> str:
    db.session.expire_all()
    return rounds.find(round_.id).status


def told() -> int:
    return len(db.session.scalars(select(Letter).where(Letter.kind == "round_result")).all())


def test_a_count_waits_as_long_as_staff_set_and_then_becomes_public(app: Flask) -> None:
    round_ = a_round(hours=24)
    now = utcnow()
    for _ in range(2):
        turns.turn(round_.id, now=now)
    assert status(round_) == RoundStatus.TALLIED
    assert rounds.find(round_.id).due_at == now + timedelta(hours=24)
    assert told() == 0
    turns.turn(round_.id, now=now + timedelta(hours=24))
    assert status(round_) == RoundStatus.PUBLISHED
    assert told() == 3


def test_a_count_published_by_hand_waits_and_its_keys_are_destroyed_all_the_same(
    client: FlaskClient,
) -> None:
    round_ = a_round(hours=None)
    now = utcnow()
    turns.turn(round_.id, now=now)
    turns.turn(round_.id, now=now + DISPUTE_WINDOW + timedelta(seconds=1))
    assert status(round_) == RoundStatus.TALLIED
    assert rounds.find(round_.id).ballot_key_sealed is None
    assert rounds.find(round_.id).due_at is None
    assert "The newsroom publishes the result later" in client.get(f"/vote/{round_.slug}").text
    signed_in(client, a_staff_member(Role.EDITOR))
    page = client.get(f"/staff/rounds/{round_.id}")
    assert "Power cuts in Kharkiv: 3 votes" in page.text
    path = f"/staff/rounds/{round_.id}/publish"
    client.post(path, data=form_of(page, action=path))
    assert status(round_) == RoundStatus.PUBLISHED
    client.post(path, data=form_of(page, action=path))
    assert told() == 3


def backed(round_: Round, number: int, author: Account) -> Proposal:
    """A topic of the round goes back to a patron's proposal."""
    proposal = moved(a_suggestion(author, title=f"A topic of number {number}"), State.SHORTLISTED)
    topic = db.session.get_one(RoundTopic, (round_.id, number))
    topic.proposal_id = proposal.id
    db.session.commit()
    return proposal


def state(proposal: Proposal) -> str:
    db.session.expire_all()
    return proposals.find(proposal.id).state


def test_the_winners_proposal_is_chosen_once_and_its_proposer_told(app: Flask) -> None:
    round_, author = a_round(), a_patron()
    winner, other = backed(round_, 1, author), backed(round_, 2, author)
    for _ in range(2):
        turns.turn(round_.id, now=utcnow())
    assert (state(winner), state(other)) == (State.CHOSEN, State.SHORTLISTED)
    assert proposals.find(winner.id).round_id == round_.id
    rounds.void(round_.id, "A topic was missing.", now=utcnow())
    assert state(winner) == State.SHORTLISTED


def test_a_pick_against_the_order_says_why_and_moves_the_choice(client: FlaskClient) -> None:
    round_, author, editor = a_round(), a_patron(), a_staff_member(Role.EDITOR)
    winner, other = backed(round_, 1, author), backed(round_, 2, author)
    turns.turn(round_.id, now=utcnow())
    signed_in(client, editor)
    path = f"/staff/rounds/{round_.id}/pick"
    typed = {"number": "2", "instead_of": "1", "reason": "We published the first last week."}
    assert client.post(path, data=form_of(client.get(path)) | typed).status_code == 303
    assert (state(winner), state(other)) == (State.SHORTLISTED, State.CHOSEN)
    found = results.published(round_.slug or "", now=utcnow())
    assert found is not None
    assert picks.taken_up(found) == [2]
    page = client.get(f"/vote/{round_.slug}/result")
    assert "Patrons chose “Power cuts in Kharkiv”." in page.text
    assert "“Veterans looking for work” in place of “Power cuts in Kharkiv”" in page.text
    assert "We published the first last week." in page.text


@pytest.mark.parametrize(("number", "instead_of"), [(1, None), (2, 3), (9, None)])
def test_what_won_or_stands_nowhere_is_not_picked(
    app: Flask, number: int, instead_of: int | None
) -> None:
    round_, editor = a_round(), a_staff_member(Role.EDITOR)
    with pytest.raises(NotToBePicked):
        picks.take_up(round_.id, number, instead_of, "Why", by=editor.id, now=utcnow())
    turns.turn(round_.id, now=utcnow())
    with pytest.raises(NotToBePicked):
        picks.take_up(round_.id, number, instead_of, "Why", by=editor.id, now=utcnow())


def test_a_pick_made_before_the_publication_holds_at_it(app: Flask) -> None:
    round_, editor = a_round(hours=24), a_staff_member(Role.EDITOR)
    other = backed(round_, 2, a_patron())
    now = utcnow()
    turns.turn(round_.id, now=now)
    picks.take_up(round_.id, 2, None, "It is urgent.", by=editor.id, now=now)
    assert state(other) == State.SHORTLISTED
    turns.turn(round_.id, now=now + timedelta(hours=24))
    assert state(other) == State.CHOSEN


@pytest.mark.parametrize(("hours", "when"), [(24, "becomes public on"), (None, "publishes it")])
def test_editors_are_told_that_a_count_waits_until_it_is_public(
    app: Flask, mailer: FakeMailer, hours: int | None, when: str
) -> None:
    editor = a_staff_member(Role.EDITOR)
    a_staff_member(Role.FINANCE)
    waits, public = a_round(hours), a_round(hours)
    for _ in range(2):
        turns.turn(waits.id, now=utcnow())
        turns.turn(public.id, now=utcnow())
    results.publish(public.id, by=editor.id, now=utcnow())
    (letter,) = sent("round_counted", mailer)
    assert letter.to == editor.email
    assert f"/staff/rounds/{waits.id}" in letter.text
    assert when in letter.text
    assert when in (letter.html or "")


def test_of_level_topics_editors_are_told_until_they_have_chosen(
    app: Flask, mailer: FakeMailer
) -> None:
    editor = a_staff_member(Role.EDITOR)
    open_, decided = (an_open_round(tie_rule=TieRule.STAFF_DECIDES) for _ in range(2))
    for round_ in (open_, decided):
        votes(a_patron(), round_, 1, 2)
        time_passes(round_)
        turns.turn(round_.id, now=utcnow())
    picks.decide(decided.slug or "", [2], "We know it.", by=editor.id, now=utcnow())
    (letter,) = sent("round_counted", mailer)
    assert "Power cuts in Kharkiv; Veterans looking for work" in letter.text
    assert f"/staff/rounds/{open_.id}" in letter.text
