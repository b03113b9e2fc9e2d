"""Staff act on an open or counted round: close, withdraw, declare void, choose, choose."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Role
from app.clock import utcnow
from app.extensions import db
from app.voting import nudges, results, rounds, turns
from app.voting.models import Ballot, EditorialPick, Round, RoundStatus
from app.voting.tally import TieRule
from tests.builders import a_patron, a_staff_member, signed_in
from tests.pages import form_of
from tests.voting.builders import a_draft, an_open_round, time_passes, votes


@pytest.fixture
def editor(client: FlaskClient) -> FlaskClient:
    """The browser of an editor."""
    return signed_in(client, a_staff_member(Role.EDITOR))


def the_round() -> Round:
    return db.session.scalars(select(Round).execution_options(populate_existing=True)).one()


def page_of(round_: Round, rest: str = "") -> str:
    return f"/staff/rounds/{round_.id}{rest}"


@pytest.mark.parametrize("rest", ["/open", "/close", "/void", "/topics/1/withdraw"])
def test_an_act_without_its_token_is_refused(editor: FlaskClient, rest: str) -> None:
    round_ = an_open_round()
    assert editor.post(page_of(round_, rest), data={"reason": "Why not"}).status_code == 400
    assert the_round().status == RoundStatus.OPEN


def test_a_round_closed_by_staff_is_counted_on_the_usual_path(editor: FlaskClient) -> None:
    round_ = an_open_round()
    votes(a_patron(), round_, 2)
    asked = editor.get(page_of(round_, "/close"))
    assert the_round().closes_at > utcnow()
    answer = editor.post(page_of(round_, "/close"), data=form_of(asked), follow_redirects=True)
    assert "is being counted" in answer.text
    assert the_round().closes_at < utcnow()
    turns.turn(round_.id, now=utcnow())
    assert "Chosen: Veterans looking for work" in editor.get(page_of(round_)).text
    with pytest.raises(rounds.NotOpen):
        rounds.close_now(round_.id, now=utcnow())


def test_a_reason_is_asked_for_before_a_round_is_void(editor: FlaskClient) -> None:
    round_ = an_open_round()
    path = page_of(round_, "/void")
    for reason, words in (("  ", "Write the reason"), ("a" * 1001, "Keep the reason under")):
        answer = editor.post(path, data=form_of(editor.get(path)) | {"reason": reason})
        assert answer.status_code == 422
        assert words in answer.text
    editor.post(path, data=form_of(editor.get(path)) | {"reason": "A topic was missing."})
    assert the_round().void_reason == "A topic was missing."
    assert "A topic was missing." in editor.get(page_of(round_)).text
    with pytest.raises(rounds.NotOpen):
        rounds.void(round_.id, "Again", now=utcnow())


def test_a_topic_is_withdrawn_with_a_reason_but_never_the_last(editor: FlaskClient) -> None:
    round_ = an_open_round(topics=2, max_choices=1)
    path = page_of(round_, "/topics/1/withdraw")
    assert editor.post(path, data=form_of(editor.get(path))).status_code == 422
    for number in (1, 1, 2):
        path = page_of(round_, f"/topics/{number}/withdraw")
        editor.post(path, data=form_of(editor.get(path)) | {"reason": "Published already."})
    assert [bool(topic.withdrawn_at) for topic in the_round().topics] == [True, False]
    assert editor.get(page_of(round_, "/topics/7/withdraw")).status_code == 404
    time_passes(round_)
    editor.post(path, data=form_of(editor.get(path)) | {"reason": "Too late."})
    assert the_round().topics[1].withdrawn_at is None


def test_the_newsroom_chooses_between_level_topics_and_says_why(editor: FlaskClient) -> None:
    round_ = an_open_round(tie_rule=TieRule.STAFF_DECIDES)
    votes(a_patron(), round_, 1, 2)
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    public = f"/vote/{round_.slug}/result"
    assert "The newsroom chooses between them" in editor.get(public).text
    path = page_of(round_, "/decide")
    good = {"numbers": "2", "reason": "We have a reporter in Kharkiv already."}
    for changed, words in (
        ({"numbers": "3"}, "Choose as many topics as there are places left."),
        ({"numbers": "x"}, "Choose as many topics as there are places left."),
        ({"reason": ""}, "Write the reason"),
    ):
        answer = editor.post(path, data=form_of(editor.get(path)) | good | changed)
        assert answer.status_code == 422
        assert words in answer.text
    editor.post(path, data=form_of(editor.get(path)) | good)
    page = editor.get(public).text
    assert "We have a reporter in Kharkiv already." in page
    assert "Patrons chose “Veterans looking for work”." not in page
    assert "level, the newsroom chose: “Veterans looking for work”." in page
    assert db.session.scalars(select(EditorialPick.number)).all() == [2]
    assert editor.get(path).status_code == 303


def test_a_member_of_staff_finds_no_ballot_on_any_page(editor: FlaskClient) -> None:
    round_ = an_open_round()
    cast = votes(a_patron(name="Solomiia Petrenko"), round_, 3)
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    key = db.session.scalars(select(Ballot.ballot_key)).one()
    for rest in ("", "/preview", "/void"):
        page = editor.get(page_of(round_, rest), follow_redirects=True).text
        assert cast.receipt not in page
        assert key.hex() not in page
        assert "Solomiia Petrenko" not in page


def test_a_round_that_is_to_open_later_can_be_a_draft_again(editor: FlaskClient) -> None:
    draft = a_draft(opens_at=utcnow() + timedelta(hours=2))
    rounds.open_(draft.id, now=utcnow())
    page = editor.get(page_of(draft))
    assert "Opens by itself" in page.text
    path = page_of(draft, "/take-back")
    assert editor.post(path).status_code == 400
    assert editor.post(path, data=form_of(page, action=path)).status_code == 303
    again = the_round()
    assert again.status == RoundStatus.DRAFT
    assert (again.slug, again.seed_commit, again.ballot_key_sealed, again.due_at) == (None,) * 4
    assert rounds.open_(draft.id, now=utcnow()).slug is not None


def test_a_round_that_takes_ballots_cannot_be_a_draft_again(editor: FlaskClient) -> None:
    round_ = an_open_round()
    votes(a_patron(), round_, 1)
    token = form_of(editor.get(page_of(round_, "/close")))
    answer = editor.post(page_of(round_, "/take-back"), data=token, follow_redirects=True)
    assert "cannot be changed any more" in answer.text
    assert the_round().status == RoundStatus.OPEN
    assert editor.post("/staff/rounds/9999/take-back", data=token).status_code == 404


def test_a_reminder_planned_for_other_times_is_gone_with_them(editor: FlaskClient) -> None:
    draft = a_draft(opens_at=utcnow() + timedelta(days=2))
    round_ = rounds.open_(draft.id, now=utcnow())
    at = utcnow() + timedelta(days=3)
    nudges.plan(round_.id, at, by=a_staff_member().id, now=utcnow())
    rounds.take_back(round_.id, now=utcnow())
    assert the_round().remind_at is None
