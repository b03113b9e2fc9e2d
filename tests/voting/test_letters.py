"""Letters of the voting room: who gets them, what they say, in both languages."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.clock import utcnow
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.voting import picks, results, rounds, turns
from app.voting.models import Round
from app.voting.tally import TieRule
from tests.builders import a_patron, a_reader, a_staff_member
from tests.fakes import FakeMailer
from tests.voting.builders import a_draft, an_open_round, time_passes, votes


def sent(kind: str, mailer: FakeMailer) -> list[Draft]:
    """Send every letter of a kind that is owed and return those that went out."""
    before = len(mailer.sent)
    for letter_id in db.session.scalars(select(Letter.id).where(Letter.kind == kind)).all():
        letters.send(letter_id, mailer, now=utcnow())
    return [draft for _, draft in mailer.sent[before:]]


def test_every_patron_is_told_once_that_a_round_is_open(app: Flask, mailer: FakeMailer) -> None:
    patron, guest = a_patron(), a_patron(locale="uk")
    a_reader()
    a_staff_member()
    round_ = an_open_round()
    turns.turn(round_.id, now=utcnow())
    turns.turn(round_.id, now=utcnow())
    told = sent("round_opened", mailer)
    assert {draft.to for draft in told} == {patron.email, guest.email}
    assert len(told) == 2
    assert sent("round_opened", mailer) == []


def test_the_invitation_names_topics_close_and_the_way_to_the_ballot(
    app: Flask, mailer: FakeMailer
) -> None:
    a_patron(name="Taras Koval")
    round_ = an_open_round()
    turns.turn(round_.id, now=utcnow())
    (draft,) = sent("round_opened", mailer)
    assert round_.title in draft.subject
    for part in (draft.text, draft.html):
        assert "Taras Koval" in part
        assert "Power cuts in Kharkiv" in part
        assert f"http://localhost/vote/{round_.slug}" in part
        assert "Choose up to 3 topics." in part


def test_no_invitation_goes_out_after_the_close_or_to_who_has_left(
    app: Flask, mailer: FakeMailer
) -> None:
    a_patron()
    round_ = an_open_round()
    turns.turn(round_.id, now=utcnow())
    time_passes(round_)
    assert sent("round_opened", mailer) == []


def test_a_round_that_opens_later_invites_when_it_opens(app: Flask, mailer: FakeMailer) -> None:
    a_patron()
    draft = a_draft(opens_at=utcnow() + timedelta(hours=1))
    round_ = rounds.open_(draft.id, now=utcnow())
    assert round_.due_at == round_.opens_at
    assert sent("round_opened", mailer) == []


def counted(app: Flask, *, locale: str = "en", tie_rule: TieRule = TieRule.LOT) -> Round:
    """A counted round in which one patron voted for the first two topics."""
    round_ = an_open_round(tie_rule=tie_rule, seats=1)
    votes(a_patron(locale=locale), round_, 1, 2)
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    return round_


@pytest.mark.parametrize("locale", ["en", "uk"])
@pytest.mark.parametrize("tie_rule", TieRule)
def test_the_result_is_told_in_the_voters_language_and_never_how_they_voted(
    app: Flask, mailer: FakeMailer, locale: str, tie_rule: TieRule
) -> None:
    round_ = counted(app, locale=locale, tie_rule=tie_rule)
    (draft,) = sent("round_result", mailer)
    assert draft.locale == locale
    assert "\n" not in draft.subject
    assert f'lang="{locale}"' in draft.html
    for part in (draft.text, draft.html):
        assert f"http://localhost/vote/{round_.slug}/result" in part
        assert "Power cuts in Kharkiv" in part
        assert "{{" not in part
    assert sent("round_result", mailer) == []


def test_a_round_declared_void_meanwhile_sends_no_result(app: Flask, mailer: FakeMailer) -> None:
    round_ = counted(app)
    rounds.void(round_.id, "A topic was missing.", now=utcnow())
    assert sent("round_result", mailer) == []


def test_a_letter_is_about_a_round_and_a_person_and_never_a_ballot(app: Flask) -> None:
    round_ = counted(app)
    letter = db.session.scalars(select(Letter).where(Letter.kind == "round_result")).one()
    assert letter.matter == f"{round_.id}:1:{letter.account_id}"


def test_where_the_newsroom_departs_from_the_order_the_letter_says_so(
    app: Flask, mailer: FakeMailer
) -> None:
    editor = a_staff_member("editor")
    round_ = an_open_round(quorum=5)
    for voter in (a_patron(), a_patron(locale="uk")):
        votes(voter, round_, 1)
    rounds.find(round_.id).publish_after_hours = None
    db.session.commit()
    time_passes(round_)
    turns.turn(round_.id, now=utcnow())
    picks.take_up(round_.id, 2, 1, "It was published before.", by=editor.id, now=utcnow())
    results.publish(round_.id, by=editor.id, now=utcnow())
    english, ukrainian = sent("round_result", mailer)
    said = (
        "The newsroom takes up “Veterans looking for work” in place of “Power cuts in Kharkiv”. "
        "Its reason: It was published before."
    )
    for part in (english.text, english.html):
        assert said in part
        assert "Fewer than 5 ballots were cast, so this result is advice." in part
    assert "It was published before." in ukrainian.text
    assert "Its reason" not in ukrainian.text


def test_a_tie_decided_before_the_letter_is_written_is_told_as_decided(
    app: Flask, mailer: FakeMailer
) -> None:
    round_ = an_open_round(tie_rule=TieRule.STAFF_DECIDES)
    votes(a_patron(), round_, 1, 2)
    time_passes(round_)
    turns.turn(round_.id, now=utcnow())
    editor = a_staff_member("editor")
    picks.decide(round_.slug or "", [2], "We know it.", by=editor.id, now=utcnow())
    (draft,) = sent("round_result", mailer)
    assert "the newsroom chose: Veterans looking for work." in draft.text
    assert "chooses between them" not in draft.text


def test_who_voted_is_told_once_that_the_round_is_void_and_why(
    app: Flask, mailer: FakeMailer
) -> None:
    voter = a_patron()
    a_patron()
    round_ = an_open_round()
    votes(voter, round_, 1)
    rounds.void(round_.id, "A topic was missing.", now=utcnow())
    (draft,) = sent("round_void", mailer)
    assert draft.to == voter.email
    for part in (draft.text, draft.html):
        assert "The newsroom's reason: A topic was missing." in part.replace("&#39;", "'")
