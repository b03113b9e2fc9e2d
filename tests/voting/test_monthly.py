"""The monthly round drafts itself, waits for staff, opens by the clock, and is never empty."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.approvals import MayNotApprove
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import db
from app.topics.rules import State
from app.voting import monthly, openings, pictures, results, rounds, turns
from app.voting.drafts import WARNING, RoundDraft
from app.voting.models import RollRule, Round, RoundStatus
from app.voting.monthly import Plan
from app.voting.plans import RoundTemplate
from app.voting.tally import Method, TieRule
from tests.builders import a_patron, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.pages import form_of
from tests.topics.builders import a_suggestion, moved
from tests.voting.builders import an_open_round, time_passes, votes
from tests.voting.test_letters import sent

PLAN = Plan(
    is_on=True,
    opens_day=1,
    opens_time=time(9),
    days_open=7,
    closes_time=time(20),
    title="What shall we look into in {month}?",
    intro="",
    method=Method.MOST_WANTED,
    tie_rule=TieRule.LOT,
    roll_rule=RollRule.PATRON_WHEN_CASTING,
    max_choices=2,
    seats=1,
    quorum=None,
    most_topics=4,
    carried=2,
    publish_after_hours=0,
    opens_alone=False,
)
#: Kyiv is two hours ahead of UTC in winter.
JANUARY = datetime(2031, 1, 10, 12, 0, tzinfo=UTC)
FEBRUARY_OPENS = datetime(2031, 2, 1, 7, 0, tzinfo=UTC)
DRAFTED = FEBRUARY_OPENS - monthly.LEAD


def a_shortlist(*titles: str) -> None:
    """Topics on the shortlist."""
    for title in titles:
        moved(a_suggestion(title=title), State.SHORTLISTED)


def template(plan: Plan = PLAN, *, by: Account | None = None) -> RoundTemplate:
    by = by or a_staff_member(Role.EDITOR)
    return monthly.save(plan, by=by.id, now=JANUARY)


def drafted() -> list[Round]:
    rows = db.session.scalars(
        select(Round)
        .where(Round.template_id.is_not(None))
        .order_by(Round.month)
        .execution_options(populate_existing=True)
    )
    return list(rows)


def test_ten_days_before_the_opening_the_round_is_drafted_once(app: Flask) -> None:
    a_shortlist("Power cuts in Kharkiv", "Veterans looking for work")
    found = template()
    monthly.turn(found.id, now=JANUARY)
    assert drafted() == []
    assert found.due_at == DRAFTED
    for late in (0, 0, 5):
        monthly.turn(found.id, now=DRAFTED + timedelta(days=late))
    (round_,) = drafted()
    assert round_.title == "What shall we look into in February 2031?"
    assert (round_.opens_at, round_.status) == (FEBRUARY_OPENS, RoundStatus.DRAFT)
    assert round_.closes_at == datetime(2031, 2, 8, 18, 0, tzinfo=UTC)
    assert {t.title for t in round_.topics} == {
        "Power cuts in Kharkiv",
        "Veterans looking for work",
    }
    assert all(topic.proposal_id for topic in round_.topics)
    assert found.due_at == datetime(2031, 3, 1, 7, 0, tzinfo=UTC) - monthly.LEAD


def test_a_result_that_staff_publish_themselves_is_so_in_every_draft(app: Flask) -> None:
    a_shortlist("Power cuts in Kharkiv", "Veterans looking for work")
    found = template(replace(PLAN, publish_after_hours=None))
    monthly.turn(found.id, now=DRAFTED)
    by_hand = RoundDraft("What next?", (), utcnow() + timedelta(days=7), publish_after_hours=None)
    rounds.make(by_hand, now=utcnow())
    db.session.expire_all()
    assert db.session.scalars(select(Round.publish_after_hours)).all() == [None, None]


def test_a_beat_that_was_down_for_weeks_drafts_what_can_still_be_voted_on(app: Flask) -> None:
    found = template()
    monthly.turn(found.id, now=datetime(2031, 4, 3, 0, 0, tzinfo=UTC))
    assert [round_.month for round_ in drafted()] == [date(2031, 4, 1)]


def test_an_opening_before_the_template_was_switched_on_is_passed_by(app: Flask) -> None:
    found = monthly.save(PLAN, by=a_staff_member().id, now=FEBRUARY_OPENS + timedelta(hours=1))
    monthly.turn(found.id, now=FEBRUARY_OPENS + timedelta(hours=1))
    assert drafted() == []


def test_runners_up_come_back_as_topics_and_their_votes_do_not(app: Flask) -> None:
    last = an_open_round(topics=4, seats=1)
    for choices in ((1, 2), (1, 2), (1, 3)):
        votes(a_patron(), last, *choices)
    time_passes(last)
    results.close_and_tally(last.id, now=utcnow())
    a_shortlist("Who owns the river bank")
    found = template(replace(PLAN, carried=1, most_topics=2))
    monthly.turn(found.id, now=DRAFTED)
    (round_,) = drafted()
    assert [topic.title for topic in round_.topics] == [
        "Veterans looking for work",
        "Who owns the river bank",
    ]
    assert [topic.carried_from for topic in round_.topics] == [last.id, None]


def test_three_days_before_staff_are_told_what_a_draft_lacks_and_once(
    app: Flask, mailer: FakeMailer
) -> None:
    editor = a_staff_member(Role.EDITOR)
    found = template(by=editor)
    monthly.turn(found.id, now=DRAFTED)
    (round_,) = drafted()
    assert round_.due_at == FEBRUARY_OPENS - timedelta(days=3)
    turns.turn(round_.id, now=DRAFTED)
    assert sent("round_not_ready", mailer) == []
    for _ in range(2):
        turns.turn(round_.id, now=FEBRUARY_OPENS - timedelta(days=3))
    (letter,) = sent("round_not_ready", mailer)
    assert letter.to == editor.email
    assert "a vote needs at least two" in letter.text
    assert drafted()[0].due_at == FEBRUARY_OPENS


def test_an_empty_round_never_opens_even_where_rounds_open_alone(
    app: Flask, mailer: FakeMailer
) -> None:
    found = template(replace(PLAN, opens_alone=True))
    monthly.turn(found.id, now=DRAFTED)
    (round_,) = drafted()
    turns.turn(round_.id, now=FEBRUARY_OPENS + timedelta(minutes=1))
    assert drafted()[0].status == RoundStatus.DRAFT
    assert drafted()[0].due_at is None
    assert "did not open" in sent("round_not_ready", mailer)[0].subject


def test_without_that_consent_a_full_round_waits_for_staff(app: Flask) -> None:
    a_shortlist("Power cuts in Kharkiv", "Veterans looking for work")
    monthly.turn(template().id, now=DRAFTED)
    (round_,) = drafted()
    turns.turn(round_.id, now=FEBRUARY_OPENS)
    assert drafted()[0].status == RoundStatus.DRAFT


def test_where_two_agreed_it_fills_opens_and_closes_by_itself_however_late_the_beat(
    app: Flask,
) -> None:
    first, second = a_staff_member(Role.EDITOR), a_staff_member(Role.EDITOR)
    found = template(replace(PLAN, opens_alone=True), by=first)
    assert found.alone_since is None
    with pytest.raises(MayNotApprove):
        monthly.decide(approved=True, by=first.id, now=JANUARY)
    monthly.decide(approved=True, by=second.id, now=JANUARY)
    monthly.turn(found.id, now=DRAFTED)
    (round_,) = drafted()
    # Shortlisted after it was drafted: a draft nobody has changed goes on filling itself.
    a_shortlist("Power cuts in Kharkiv", "Veterans looking for work")
    late = FEBRUARY_OPENS + timedelta(hours=5)
    turns.turn(round_.id, now=late)
    (opened,) = drafted()
    assert (opened.status, opened.opens_at) == (RoundStatus.OPEN, late)
    assert len(opened.topics) == 2
    assert opened.closes_at == datetime(2031, 2, 8, 18, 0, tzinfo=UTC)


def test_any_change_of_the_template_asks_for_the_second_yes_anew(app: Flask) -> None:
    first, second = a_staff_member(Role.EDITOR), a_staff_member(Role.EDITOR)
    template(replace(PLAN, opens_alone=True), by=first)
    monthly.decide(approved=True, by=second.id, now=JANUARY)
    found = template(replace(PLAN, opens_alone=True, seats=2), by=second)
    assert found.alone_since is None
    waiting = monthly.awaited()
    assert waiting is not None
    assert waiting.asked_by_id == second.id


def test_what_staff_asked_to_open_in_time_opens_by_itself(app: Flask) -> None:
    editor = a_staff_member(Role.EDITOR)
    a_shortlist("Power cuts in Kharkiv", "Veterans looking for work")
    # The database has `a_shortlist`'s editors too, so a second one agrees.
    monthly.turn(template(by=editor).id, now=DRAFTED)
    (round_,) = drafted()
    openings.ask_or_open(round_.id, by=editor.id, now=DRAFTED)
    openings.decide(
        round_.id, approved=True, by=a_staff_member(Role.EDITOR).id, now=DRAFTED + timedelta(1)
    )
    found = rounds.find(round_.id)
    assert (found.status, found.due_at) == (RoundStatus.OPEN, FEBRUARY_OPENS)


@pytest.mark.parametrize(
    ("opens_day", "opens_time", "month", "expected"),
    [
        (1, time(9), date(2031, 7, 1), datetime(2031, 7, 1, 6, 0, tzinfo=UTC)),
        (1, time(9), date(2031, 1, 1), datetime(2031, 1, 1, 7, 0, tzinfo=UTC)),
        (25, time(3, 30), date(2029, 3, 1), datetime(2029, 3, 25, 1, 30, tzinfo=UTC)),
        (28, time(3, 30), date(2029, 10, 1), datetime(2029, 10, 28, 0, 30, tzinfo=UTC)),
    ],
)
def test_openings_follow_the_newsrooms_clock_through_its_changes(
    app: Flask, opens_day: int, opens_time: time, month: date, expected: datetime
) -> None:
    found = template(replace(PLAN, opens_day=opens_day, opens_time=opens_time))
    assert monthly.opening(found, month) == expected


def test_a_vote_over_the_change_of_the_clocks_closes_at_the_hour_it_says(app: Flask) -> None:
    found = template(replace(PLAN, opens_day=24))
    assert monthly.closing(found, date(2029, 3, 1)) == datetime(2029, 3, 31, 17, 0, tzinfo=UTC)


def test_the_template_is_written_and_agreed_to_on_its_page(client: FlaskClient) -> None:
    signed_in(client, a_staff_member(Role.EDITOR))
    path = "/staff/rounds/monthly"
    typed = form_of(client.get(path)) | {"is_on": "y", "opens_alone": "y", "seats": "2"}
    assert client.post(path, data=typed).status_code == 303
    found = monthly.find()
    assert found is not None
    assert (found.is_on, found.seats, found.publish_after_hours) == (True, 2, 0)
    assert found.alone_since is not None
    wrong = form_of(client.get(path)) | {"opens_day": "31", "seats": "6"}
    answer = client.post(path, data=wrong)
    assert answer.status_code == 422
    assert "which every month has" in answer.text


def test_a_picture_makes_a_draft_the_staffs_own(app: Flask) -> None:
    a_shortlist("Power cuts in Kharkiv", "Veterans looking for work")
    found, editor = template(), a_staff_member(Role.EDITOR)
    monthly.turn(found.id, now=DRAFTED)
    (draft,) = drafted()
    png = b"\x89PNG\r\n\x1a\n"
    pictures.put(draft.id, 1, png, "A dark street", by=editor.id, now=DRAFTED)
    monthly.attend(draft.id, now=FEBRUARY_OPENS - WARNING)
    (draft,) = drafted()
    assert [topic.picture_alt for topic in draft.topics] == ["A dark street", ""]
