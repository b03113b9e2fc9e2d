"""The letter at each step: who gets it, what it says, in both languages."""

import pytest
from flask import Flask

from app.extensions import db
from app.topics import abuse, merging, proposals
from app.topics.rules import State
from tests.builders import AUGUST, a_patron, a_staff_member
from tests.fakes import FakeMailer
from tests.topics.builders import a_suggestion, moved
from tests.voting.builders import an_open_round
from tests.voting.test_letters import sent

REASON = "We wrote about it in May.\nRead it on our site."


@pytest.mark.parametrize(
    ("state", "subject"),
    [
        (State.CONSIDERING, "We are considering “Prices of bread”"),
        (State.SHORTLISTED, "“Prices of bread” is on the shortlist"),
        (State.DECLINED, "We will not take up “Prices of bread”"),
    ],
)
def test_the_proposer_is_told_of_each_step_with_its_reason(
    app: Flask, mailer: FakeMailer, state: State, subject: str
) -> None:
    author = a_patron(name="Taras Koval")
    proposal = moved(a_suggestion(author, title="Prices of bread"), state, reason=REASON)
    (draft,) = sent("proposal_step", mailer)
    assert (draft.to, draft.subject) == (author.email, subject)
    for part in (draft.text, draft.html):
        assert "Taras Koval" in part
        assert "We wrote about it in May." in part
        assert "Read it on our site." in part
        assert f"http://localhost/topics/{proposal.id}" in part
    assert sent("proposal_step", mailer) == []


def test_each_proposer_of_what_was_joined_reads_the_own_words(
    app: Flask, mailer: FakeMailer
) -> None:
    first, second = a_patron(), a_patron()
    kept, merged = a_suggestion(first), a_suggestion(second, title="Dark schools")
    merging.merge(kept.id, merged.id, by=a_staff_member().id, now=AUGUST)
    (draft,) = sent("proposal_step", mailer)
    assert draft.to == second.email
    assert draft.subject == "“Dark schools” goes on together with a similar suggestion"
    assert "Power cuts in Kharkiv schools" in draft.text
    assert f"http://localhost/topics/{kept.id}" in draft.html
    moved(kept, State.SHORTLISTED)
    told = {draft.to: draft for draft in sent("proposal_step", mailer)}
    assert set(told) == {first.email, second.email}
    assert told[second.email].subject == "“Dark schools” is on the shortlist"
    assert "goes by the title “Power cuts in Kharkiv schools”" in told[second.email].text


def test_a_step_that_was_overtaken_or_hidden_is_not_told(app: Flask, mailer: FakeMailer) -> None:
    moved(a_suggestion(), State.CONSIDERING, State.SHORTLISTED)
    (draft,) = sent("proposal_step", mailer)
    assert "shortlist" in draft.subject
    hidden = moved(a_suggestion(title="Prices of bread"), State.CONSIDERING)
    abuse.hide(hidden.id, "Names a private person.", by=a_staff_member().id, now=AUGUST)
    assert sent("proposal_step", mailer) == []


def test_who_suggested_what_patrons_chose_is_told(app: Flask, mailer: FakeMailer) -> None:
    proposal, round_ = a_suggestion(title="Prices of bread"), an_open_round()
    proposals.mark_chosen(proposal.id, round_.id, now=AUGUST)
    db.session.commit()
    (draft,) = sent("proposal_step", mailer)
    assert draft.subject == "We take up your topic “Prices of bread”"
    proposals.back_to_shortlist(proposal.id, now=AUGUST)
    db.session.commit()
    (draft,) = sent("proposal_step", mailer)
    assert "What was decided after the vote has changed" in draft.text


def test_a_declined_topic_may_come_back(app: Flask, mailer: FakeMailer) -> None:
    proposal = moved(a_suggestion(), State.DECLINED, reason="No time.")
    moved(proposal, State.CONSIDERING)
    (draft,) = sent("proposal_step", mailer)
    assert "We had declined it." in draft.text


def test_the_letter_is_in_the_readers_language(app: Flask, mailer: FakeMailer) -> None:
    moved(a_suggestion(a_patron(locale="uk")), State.SHORTLISTED)
    (draft,) = sent("proposal_step", mailer)
    assert draft.locale == "uk"
