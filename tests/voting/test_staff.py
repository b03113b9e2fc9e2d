"""Staff run rounds: what is typed is checked and kept, and what is opened is fixed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.extensions import db
from app.voting import moments, rounds
from app.voting.models import Round, RoundStatus
from app.voting.rounds import RoundDraft, TopicDraft
from tests.builders import a_patron, a_reader, a_staff_member, signed_in
from tests.pages import form_of
from tests.voting.builders import a_draft, an_open_round, tallies

NEW = "/staff/rounds/new"


def local(moment: datetime) -> str:
    """As a browser's field for a day and time writes it, in the newsroom's zone."""
    return f"{moment.astimezone(zone()):%Y-%m-%dT%H:%M}"


def typed(**changed: str) -> dict[str, str]:
    """What an editor types for a good round."""
    return {
        "title": "What shall we look into in December?",
        "intro": "We take up the topic most patrons want.",
        "topics-0-title": "Power cuts in Kharkiv",
        "topics-0-summary": "Who gets light, and who decides.",
        "topics-1-title": "Veterans looking for work",
        "topics-1-summary": "",
        "topics-2-title": "",
        "topics-2-summary": "",
        "max_choices": "2",
        "seats": "1",
        "method": "most_wanted",
        "tie_rule": "lot",
        "roll_rule": "patron_when_casting",
        "quorum": "",
        "opens_at": "",
        "closes_at": local(utcnow() + timedelta(days=7)),
    } | changed


@pytest.fixture
def editor(client: FlaskClient) -> FlaskClient:
    """The browser of an editor."""
    return signed_in(client, a_staff_member(Role.EDITOR))


def the_round() -> Round:
    return db.session.scalars(select(Round).execution_options(populate_existing=True)).one()


def page_of(round_: Round, rest: str = "") -> str:
    return f"/staff/rounds/{round_.id}{rest}"


def test_an_editor_drafts_changes_previews_and_opens_a_round(editor: FlaskClient) -> None:
    answer = editor.post(NEW, data=form_of(editor.get(NEW)) | typed())
    assert answer.status_code == 303
    draft = the_round()
    assert [topic.title for topic in draft.topics] == [
        "Power cuts in Kharkiv",
        "Veterans looking for work",
    ]
    path = page_of(draft)
    changed = typed(**{"topics-2-title": "Children brought home", "seats": "2"})
    saved = editor.post(path, data=form_of(editor.get(path)) | changed | {"next": "preview"})
    assert saved.location == page_of(draft, "/preview")
    assert len(the_round().topics) == 3
    preview = editor.get(page_of(draft, "/preview"))
    assert "Children brought home" in preview.text
    assert '<form class="ballot"' not in preview.text
    on = editor.post(path, data=form_of(editor.get(path)) | changed | {"next": "open"})
    asked = editor.get(on.location)
    assert "cannot be changed any more" in asked.text
    assert the_round().status == RoundStatus.DRAFT
    editor.post(page_of(draft, "/open"), data=form_of(asked))
    opened = the_round()
    assert opened.status == RoundStatus.OPEN
    assert opened.slug == f"{utcnow().astimezone(zone()):%Y-%m}"
    assert opened.seed_commit is not None


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "", "Write the question patrons answer."),
        ("title", "   ", "Write the question patrons answer."),
        ("title", "?" * 201, "Keep the question under 200 characters."),
        ("intro", "a" * 2001, "Keep the introduction under 2,000 characters."),
        ("topics-1-title", "", "Name at least two topics."),
        ("topics-1-title", "a" * 201, "Keep the topic under 200 characters."),
        ("topics-0-summary", "a" * 1001, "Keep this under 1,000 characters."),
        ("topics-2-summary", "About what?", "Name the topic, or empty what it is about."),
        ("max_choices", "", "Write how many topics one patron may tick."),
        ("max_choices", "0", "Write a number from 1 to 20."),
        ("max_choices", "two", "Write a whole number."),
        ("max_choices", "3", "There are fewer topics than that."),
        ("seats", "", "Write how many topics you promise to take up."),
        ("seats", "11", "Write a number from 1 to 10."),
        ("seats", "2", "Take up fewer topics than you offer"),
        ("quorum", "-3", "Write a number above 0."),
        ("method", "loudest", "Not a valid choice."),
        ("tie_rule", "coin", "Not a valid choice."),
        ("roll_rule", "everybody", "Not a valid choice."),
        ("closes_at", "", "Choose when the round closes."),
        ("closes_at", "next Friday", "Write a day and a time, such as"),
        ("closes_at", "2026-12-01T10:00+02:00", "Write a day and a time, such as"),
        ("closes_at", "0026-12-01T10:00", "Write a day and a time, such as"),
        ("closes_at", "2026-01-05T10:00", "This time has passed."),
        ("closes_at", "2031-03-30T03:30", "does not exist"),
        ("closes_at", "2031-10-26T03:30", "comes twice"),
        ("opens_at", "2099-13-01T00:00", "Write a day and a time, such as"),
        ("opens_at", "2099-01-01T00:00", "The round must close after it opens."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(
    editor: FlaskClient, field: str, value: str, words: str
) -> None:
    answer = editor.post(NEW, data=form_of(editor.get(NEW)) | typed(**{field: value}))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'class="summary"' in answer.text
    assert re.search(r'<li><a href="#\w+">', answer.text)
    kept = form_of(answer)
    assert kept["topics-0-title"] == "Power cuts in Kharkiv"
    if field in kept:
        assert kept[field] == value.strip()
    assert db.session.scalars(select(Round)).all() == []


def test_a_further_topic_is_asked_for_without_losing_what_was_typed(editor: FlaskClient) -> None:
    sent = form_of(editor.get(NEW)) | typed(title="") | {"add_topic": "1"}
    answer = editor.post(NEW, data=sent)
    assert answer.status_code == 200
    kept = form_of(answer)
    assert kept["topics-0-title"] == "Power cuts in Kharkiv"
    assert kept["topics-4-title"] == ""
    assert 'class="summary"' not in answer.text


def test_no_more_than_twenty_topics_are_offered(editor: FlaskClient) -> None:
    many = {f"topics-{n}-title": f"Topic {n}" for n in range(20)}
    answer = editor.post(NEW, data=form_of(editor.get(NEW)) | typed(**many) | {"add_topic": "1"})
    assert "topics-20-title" not in answer.text
    assert "Add a topic" not in answer.text


@pytest.mark.parametrize(
    "path", ["", "/new", "/{id}", "/{id}/preview", "/{id}/open", "/{id}/close", "/{id}/void"]
)
def test_only_editors_and_the_owner_come_in(client: FlaskClient, path: str) -> None:
    round_ = a_draft()
    path = "/staff/rounds" + path.format(id=round_.id)
    assert client.get(path).status_code == 303
    for account, expected in (
        (a_reader(), 403),
        (a_patron(), 403),
        (a_staff_member(Role.FINANCE), 403),
        (a_staff_member(Role.FUNDRAISER), 403),
        (a_staff_member(Role.EDITOR), 200),
        (a_staff_member(Role.OWNER), 200),
    ):
        answer = signed_in(client, account).get(path, follow_redirects=expected == 200)
        assert answer.status_code == expected, account.role


@pytest.mark.parametrize(
    "rest", ["", "/preview", "/open", "/close", "/void", "/decide", "/topics/1/withdraw"]
)
def test_a_round_that_is_not_there_is_not_found(editor: FlaskClient, rest: str) -> None:
    assert editor.get(f"/staff/rounds/9999{rest}").status_code == 404


def test_an_open_round_is_not_edited_any_more(editor: FlaskClient) -> None:
    draft = a_draft()
    form = form_of(editor.get(page_of(draft)))
    rounds.open_(draft.id, now=utcnow())
    editor.post(page_of(draft), data=form | typed(title="Another question"))
    assert the_round().title == draft.title
    with pytest.raises(rounds.NotADraft):
        rounds.edit(draft.id, RoundDraft("Another", (), utcnow()), now=utcnow())
    with pytest.raises(rounds.NotADraft):
        rounds.open_(draft.id, now=utcnow())


@pytest.mark.parametrize(
    ("topics", "max_choices", "seats", "lasts", "words"),
    [
        (1, 1, 1, timedelta(days=1), "at least two"),
        (2, 3, 1, timedelta(days=1), "more ticks than there are topics"),
        (2, 2, 2, timedelta(days=1), "Take up fewer topics"),
        (2, 2, 1, timedelta(seconds=-1), "closing time has passed"),
    ],
)
def test_a_draft_that_makes_no_vote_is_not_opened(
    editor: FlaskClient, topics: int, max_choices: int, seats: int, lasts: timedelta, words: str
) -> None:
    draft = a_draft(topics=topics, max_choices=max_choices, seats=seats, lasts=lasts)
    answer = editor.get(page_of(draft, "/open"), follow_redirects=True)
    assert words in answer.text
    editor.post(page_of(draft, "/open"), data=form_of(editor.get(page_of(draft))))
    assert the_round().status == RoundStatus.DRAFT
    with pytest.raises(rounds.Unready):
        rounds.open_(draft.id, now=utcnow())


def test_two_rounds_of_one_month_have_two_addresses(app: Flask) -> None:
    first, second = an_open_round(), an_open_round()
    assert second.slug == f"{first.slug}-2"


def test_the_current_round_is_the_open_one_that_closes_first(app: Flask) -> None:
    assert rounds.current(utcnow()) is None
    an_open_round(lasts=timedelta(days=9))
    soon = an_open_round(lasts=timedelta(days=3))
    a_draft()
    found = rounds.current(utcnow())
    assert found is not None
    assert found.id == soon.id
    assert not tallies(soon)


def test_times_are_read_in_the_newsrooms_zone(app: Flask) -> None:
    assert moments.moment("2026-12-01T20:00") == datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
    assert moments.moment("2026-07-01T20:00") == datetime(2026, 7, 1, 17, 0, tzinfo=UTC)
    assert TopicDraft("A topic").summary == ""
