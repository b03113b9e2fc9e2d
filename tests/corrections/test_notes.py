"""The public log: what is corrected stands there, amended or withdrawn but never gone."""

import xml.etree.ElementTree as ET
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Account
from app.corrections import articles, groups, notes, public_log
from app.corrections.models import CorrectionNoteVersion
from app.corrections.notes import Overtaken
from app.corrections.rules import Kind, State
from app.extensions import db
from tests.builders import AUGUST, a_staff_member, signed_in
from tests.corrections.builders import BRIDGE, RIVER, a_letter, a_note_draft
from tests.pages import form_of

LOG = "/corrections/log"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def by(app: Flask) -> int:
    """An editor."""
    return a_staff_member("editor").id


@pytest.fixture
def editor(client: FlaskClient, by: int) -> FlaskClient:
    """The editor's browser."""
    return signed_in(client, db.session.get_one(Account, by))


def a_note(by: int, *, article: str = RIVER, **told: object) -> int:
    """A note about what the newsroom found itself."""
    found = articles.read(article)
    assert found is not None
    return notes.enter(found, a_note_draft(**told), by=by, now=AUGUST).id  # type: ignore[arg-type]


def test_a_correction_is_published_with_what_stood_and_what_stands(
    app: Flask, editor: FlaskClient
) -> None:
    group_id = a_letter().group_id
    path = f"/staff/corrections/{group_id}/correct"
    typed = form_of(editor.get(path))
    assert (typed["kind"], typed["language"]) == ("correction", "en")
    same = editor.post(path, data=typed | {"stood": "tventy", "stands": "tventy"})
    assert "the two halves are the same" in same.text
    late = editor.post(path, data=typed | {"day": "2990-01-01", "stood": "a", "stands": "b"})
    assert "this day is yet to come" in late.text
    assert groups.find(group_id).state == State.NEW
    said = {"stood": "tventy times", "stands": "twenty times", "day": "2026-08-03"}
    answer = editor.post(path, data=typed | said)
    assert answer.location.endswith(f"/staff/corrections/{group_id}")
    assert groups.find(group_id).state == State.CORRECTED
    page = editor.get(LOG).text
    for part in ("August 2026", "Who poisons the river", "tventy times", "twenty times", RIVER):
        assert part in page


def test_the_log_stands_by_months_and_is_searched(app: Flask, client: FlaskClient, by: int) -> None:
    a_note(by, day=date(2026, 7, 30))
    a_note(
        by,
        article=BRIDGE,
        title="Хто збудував міст",
        stood="у 2019 році",
        stands="у 2020 році",
        locale="uk",
        kind=Kind.CLARIFICATION,
    )
    page = public_log.page()
    assert [month for month, _ in page.months] == [date(2026, 8, 1), date(2026, 7, 1)]
    assert public_log.page("twenty").total == 1
    assert public_log.page("МІСТ").total == 1
    assert public_log.page(article="vilnyi-holos.example/2026/07/who-built-the-bridge").total == 1
    shown = client.get(LOG).text
    assert 'lang="uk">у 2020 році' in shown.replace("<ins>", "")
    assert "Clarification" in shown
    assert "No note fits." in client.get(f"{LOG}?q=nothing").text
    assert "No correction yet" not in client.get(f"{LOG}?q=nothing").text


def test_an_amended_note_keeps_what_it_said_and_says_so(app: Flask, editor: FlaskClient) -> None:
    note_id = a_note(a_staff_member("editor").id, stands="twelve times the limit")
    path = f"/staff/corrections/notes/{note_id}"
    typed = form_of(editor.get(path))
    # Nothing new is no new version.
    editor.post(
        path, data=typed | {"stood": "tventy times the limit", "stands": "twelve times the limit"}
    )
    assert notes.find(note_id).version == 1
    editor.post(path, data=typed | {"stood": "tventy times", "stands": "twenty times the limit"})
    page = editor.get(f"{LOG}/{note_id}").text
    assert "Amended" in page
    assert page.index("twenty times the limit") < page.index("twelve times the limit")
    # Who began from the version before does not write over it.
    late = editor.post(path, data=typed | {"stood": "a", "stands": "b"}, follow_redirects=True)
    assert "somebody else has changed it meanwhile" in late.text
    assert notes.find(note_id).version == 2


def test_no_version_of_a_note_is_ever_changed_or_removed(app: Flask, by: int) -> None:
    a_note(by)
    for statement in (
        update(CorrectionNoteVersion).values(stood=""),
        delete(CorrectionNoteVersion),
    ):
        with pytest.raises(IntegrityError, match="never changed"):
            db.session.execute(statement)
        db.session.rollback()


def test_a_wrong_correction_is_taken_back_and_its_note_stays_withdrawn(
    app: Flask, editor: FlaskClient, by: int
) -> None:
    group_id = a_letter().group_id
    note = notes.correct(group_id, a_note_draft(), seen="new", by=by, now=AUGUST)
    path = f"/staff/corrections/{group_id}/reopen"
    typed = form_of(editor.get(path))
    refused = editor.post(path, data=typed)
    assert "Write why the note is withdrawn" in refused.text
    assert groups.find(group_id).state == State.CORRECTED
    editor.post(path, data=typed | {"reason": "The old spelling was right."})
    assert groups.find(group_id).state == State.NEW
    page = editor.get(f"{LOG}/{note.id}").text
    assert "withdrawn" in page
    assert "The old spelling was right." in page
    with pytest.raises(Overtaken):
        notes.amend(note.id, a_note_draft(), seen=1, by=by, now=AUGUST)
    # It may be corrected once more, with another note.
    notes.correct(group_id, a_note_draft(stands="20 times"), seen="new", by=by, now=AUGUST)
    assert public_log.page().total == 2


def test_what_the_newsroom_found_itself_stands_in_the_log_too(
    app: Flask, editor: FlaskClient
) -> None:
    path = "/staff/corrections/notes/new"
    typed = form_of(editor.get(path)) | {"stood": "in 2019", "stands": "in 2020", "title": "River"}
    other = editor.post(path, data=typed | {"article": "https://other.example/"})
    assert "Copy the article" in other.text
    answer = editor.post(path, data=typed | {"article": RIVER}, follow_redirects=True)
    assert "in 2020" in answer.text


def test_the_feed_can_be_read(app: Flask, client: FlaskClient, by: int) -> None:
    a_note(by, title="Rivers & <bridges>")
    answer = client.get(f"{LOG}.atom")
    assert answer.mimetype == "application/atom+xml"
    feed = ET.fromstring(answer.data)
    (entry,) = feed.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "Correction: Rivers & <bridges>"
    assert entry.findtext(f"{ATOM}updated") == AUGUST.isoformat()
    assert "Stands now: twenty times the limit" in (entry.findtext(f"{ATOM}content") or "")
    for link in feed.iter(f"{ATOM}link"):
        assert link.get("href", "").startswith("http")


def test_an_empty_log_says_what_will_be_there_and_its_feed_is_one(client: FlaskClient) -> None:
    assert "No correction yet" in client.get(LOG).text
    assert ET.fromstring(client.get(f"{LOG}.atom").data).findtext(f"{ATOM}updated")
    assert client.get(f"{LOG}/999").status_code == 404


def test_a_feed_changes_when_a_note_does(app: Flask, by: int) -> None:
    note_id, later = a_note(by), AUGUST + timedelta(days=1)
    notes.amend(note_id, a_note_draft(stands="20"), seen=1, by=by, now=later)
    assert public_log.entry(note_id).changed_at == later
