"""A round is opened by two members of staff where there are two, and by one where there is one."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.approvals import AlreadyDecided, MayNotApprove
from app.accounts.models import Approval, AuditEntry, Role
from app.clock import utcnow
from app.extensions import db
from app.topics import abuse, merging, proposals
from app.topics.rules import State
from app.voting import openings, rounds
from app.voting.models import Round, RoundStatus
from app.voting.rounds import Awaited, RoundDraft, TopicDraft
from tests.builders import a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.pages import form_of
from tests.topics.builders import a_suggestion, moved
from tests.voting.builders import a_draft, an_open_round
from tests.voting.test_letters import sent


def standing(round_: Round) -> str:
    return rounds.find(round_.id).status


def test_the_only_editor_opens_a_round_at_once(app: Flask) -> None:
    editor = a_staff_member(Role.EDITOR)
    a_staff_member(Role.FINANCE)
    draft = a_draft()
    openings.ask_or_open(draft.id, by=editor.id, now=utcnow())
    assert standing(draft) == RoundStatus.OPEN
    assert db.session.scalars(select(AuditEntry.act)).all() == ["round_opened"]


def test_where_there_are_two_the_second_opens_what_the_first_asked_for(
    app: Flask, mailer: FakeMailer
) -> None:
    first, second = a_staff_member(Role.EDITOR), a_staff_member(Role.OWNER, name="Lesia")
    draft = a_draft()
    for _ in range(2):
        openings.ask_or_open(draft.id, by=first.id, now=utcnow())
    assert standing(draft) == RoundStatus.DRAFT
    (letter,) = sent("round_approval", mailer)
    assert letter.to == second.email
    assert draft.title in letter.subject
    assert f"/staff/rounds/{draft.id}" in letter.text
    with pytest.raises(MayNotApprove):
        openings.decide(draft.id, approved=True, by=first.id, now=utcnow())
    with pytest.raises(Awaited):
        rounds.edit(draft.id, RoundDraft("Another", (), utcnow()), now=utcnow())
    openings.decide(draft.id, approved=True, by=second.id, now=utcnow())
    assert standing(draft) == RoundStatus.OPEN
    with pytest.raises(AlreadyDecided):
        openings.decide(draft.id, approved=True, by=second.id, now=utcnow())


def test_a_request_declined_or_taken_back_leaves_a_draft_that_can_be_changed(app: Flask) -> None:
    first, second = a_staff_member(Role.EDITOR), a_staff_member(Role.EDITOR)
    draft = a_draft()
    openings.ask_or_open(draft.id, by=first.id, now=utcnow())
    openings.decide(draft.id, approved=False, by=second.id, now=utcnow())
    openings.ask_or_open(draft.id, by=first.id, now=utcnow())
    openings.take_back(draft.id, by=first.id, now=utcnow())
    assert standing(draft) == RoundStatus.DRAFT
    assert db.session.scalars(select(Approval.approved)).all() == [False]
    rounds.edit(draft.id, RoundDraft("Another", (), utcnow()), now=utcnow())


def test_both_do_it_from_the_rounds_page(client: FlaskClient) -> None:
    first = a_staff_member(Role.EDITOR, name="Iryna")
    second = a_staff_member(Role.EDITOR)
    draft = a_draft()
    path = f"/staff/rounds/{draft.id}"
    signed_in(client, first)
    asked = client.post(f"{path}/open", data=form_of(client.get(f"{path}/open")))
    page = client.get(asked.location)
    assert "A colleague is asked" in page.text
    assert "Agree and open it" not in page.text
    assert 'name="title"' not in page.text
    signed_in(client, second)
    page = client.get(path)
    assert "Iryna asks to open this round." in page.text
    # Whoever agrees sees all that will be fixed, and not the topics alone.
    for fixed in ("A lot decides", "Most wanted:", "Every patron, new ones at once", "As soon as"):
        assert fixed in page.text
    seen = form_of(page, action=f"{path}/agree") | {"answer": "approve"}
    client.post(f"{path}/agree", data=seen)
    assert standing(draft) == RoundStatus.OPEN


def test_nobody_agrees_to_what_was_changed_after_they_looked(client: FlaskClient) -> None:
    first, second = a_staff_member(Role.EDITOR), a_staff_member(Role.EDITOR)
    draft = a_draft()
    path = f"/staff/rounds/{draft.id}"
    openings.ask_or_open(draft.id, by=first.id, now=utcnow())
    signed_in(client, second)
    seen = form_of(client.get(path), action=f"{path}/agree") | {"answer": "approve"}
    openings.take_back(draft.id, by=first.id, now=utcnow())
    openings.ask_or_open(draft.id, by=first.id, now=utcnow())
    answer = client.post(f"{path}/agree", data=seen, follow_redirects=True)
    assert "it was changed since" in answer.text
    assert standing(draft) == RoundStatus.DRAFT
    assert openings.awaited(draft.id) is not None


def test_an_answer_that_is_none_is_refused(client: FlaskClient) -> None:
    signed_in(client, a_staff_member(Role.EDITOR))
    draft = a_draft()
    token = form_of(client.get(f"/staff/rounds/{draft.id}"))["csrf_token"]
    answer = client.post(f"/staff/rounds/{draft.id}/agree", data={"csrf_token": token})
    assert answer.status_code == 400


@pytest.mark.parametrize("since", [State.DECLINED, State.CHOSEN, State.MERGED, "hidden"])
def test_a_round_does_not_offer_what_is_decided_meanwhile(client: FlaskClient, since: str) -> None:
    editor = a_staff_member(Role.EDITOR)
    suggested = moved(a_suggestion(title="Power cuts in Kharkiv"), State.SHORTLISTED)
    topics = (
        TopicDraft(suggested.title, proposal_id=suggested.id),
        TopicDraft("Veterans looking for work"),
    )
    closes_at = utcnow() + timedelta(days=7)
    draft = rounds.make(RoundDraft("What next?", topics, closes_at, max_choices=1), now=utcnow())
    assert rounds.problem(draft, utcnow()) is None
    if since == "hidden":
        abuse.hide(suggested.id, "It insults somebody.", by=editor.id, now=utcnow())
    elif since == State.CHOSEN:
        earlier = an_open_round()
        proposals.mark_chosen(suggested.id, earlier.id, now=utcnow())
        db.session.commit()
    else:
        goes_on = suggested
        if since == State.MERGED:
            goes_on = a_suggestion(title="Outages in Kharkiv")
            merging.merge(goes_on.id, suggested.id, by=editor.id, now=utcnow())
        moved(goes_on, State.DECLINED, reason="We covered it.")
    signed_in(client, editor)
    page = client.get(f"/staff/rounds/{draft.id}/open", follow_redirects=True)
    assert "One of the suggested topics was declined, hidden or taken up since." in page.text
    with pytest.raises(rounds.Unready):
        openings.ask_or_open(draft.id, by=editor.id, now=utcnow())
