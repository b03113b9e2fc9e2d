"""In an open round only a typing error and a later close change, and everybody can see it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Role
from app.clock import utcnow
from app.extensions import db
from app.voting import amendments, results, rounds
from app.voting.amendments import Field, NotLater
from app.voting.models import RoundStatus
from app.voting.plans import RoundCorrection
from app.voting.rounds import NotOpen
from tests.builders import a_patron, a_staff_member, signed_in
from tests.pages import form_of
from tests.voting.builders import an_open_round, time_passes, votes
from tests.voting.test_staff import local


def test_a_typing_error_is_corrected_and_both_versions_are_kept_and_shown(
    client: FlaskClient,
) -> None:
    editor, round_ = a_staff_member(Role.EDITOR), an_open_round()
    signed_in(client, editor)
    path = f"/staff/rounds/{round_.id}/correct"
    typed = form_of(client.get(path)) | {"title-1": "Power cuts in Kharkiw"}
    assert client.post(path, data=typed).status_code == 303
    kept = db.session.scalars(select(RoundCorrection)).one()
    assert (kept.number, kept.field) == (1, "title")
    assert (kept.before, kept.after) == ("Power cuts in Kharkiv", "Power cuts in Kharkiw")
    page = signed_in(client, a_patron()).get(f"/vote/{round_.slug}")
    assert "“Power cuts in Kharkiv” became “Power cuts in Kharkiw”." in page.text
    with pytest.raises(DBAPIError, match="never changed"):
        db.session.execute(text("DELETE FROM round_correction"))


def test_another_topic_is_no_correction(client: FlaskClient) -> None:
    signed_in(client, a_staff_member(Role.EDITOR))
    round_ = an_open_round()
    path = f"/staff/rounds/{round_.id}/correct"
    for other in ("A stadium for Lviv", ""):
        answer = client.post(path, data=form_of(client.get(path)) | {"title-1": other})
        assert answer.status_code == 422
        assert "Only typing errors can be corrected." in answer.text
    assert db.session.scalars(select(RoundCorrection)).all() == []


def test_after_the_close_nothing_is_corrected_or_put_off(app: Flask) -> None:
    editor, round_ = a_staff_member(Role.EDITOR), an_open_round()
    time_passes(round_)
    now = utcnow()
    with pytest.raises(NotOpen):
        amendments.correct(round_.id, {Field("title"): "What?"}, by=editor.id, now=now)
    with pytest.raises(NotOpen):
        amendments.extend(round_.id, now + timedelta(days=1), "Late", by=editor.id, now=now)


def test_a_close_is_put_off_publicly_and_only_to_later(client: FlaskClient) -> None:
    editor, round_ = a_staff_member(Role.EDITOR), an_open_round(lasts=timedelta(days=2))
    closes, now = round_.closes_at, utcnow()
    for wrong in (closes, closes - timedelta(hours=1), closes + timedelta(days=61)):
        with pytest.raises(NotLater):
            amendments.extend(round_.id, wrong, "Why", by=editor.id, now=now)
    signed_in(client, editor)
    path = f"/staff/rounds/{round_.id}/extend"
    typed = {"closes_at": local(closes + timedelta(days=1)), "reason": "The site was down."}
    assert client.post(path, data=form_of(client.get(path)) | typed).status_code == 303
    later = rounds.find(round_.id)
    assert later.closes_at > closes
    page = signed_in(client, a_patron()).get(f"/vote/{round_.slug}")
    assert "The site was down." in page.text


def test_a_round_put_off_is_not_counted_at_its_first_close(app: Flask) -> None:
    editor, voter = a_staff_member(Role.EDITOR), a_patron()
    round_ = an_open_round()
    votes(voter, round_, 1)
    later = round_.closes_at + timedelta(days=1)
    amendments.extend(round_.id, later, "More time", by=editor.id, now=utcnow())
    results.close_and_tally(round_.id, now=utcnow())
    assert rounds.find(round_.id).status == RoundStatus.OPEN
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    assert rounds.find(round_.id).status == RoundStatus.PUBLISHED


def test_a_text_that_says_the_same_but_for_errors_is_alike() -> None:
    assert amendments.alike("Veterans looking for work", "Veterans looking for wrok")
    assert not amendments.alike("Veterans looking for work", "Veterans leaving work")
    assert not amendments.alike("Veterans", "")


def test_many_small_steps_make_no_other_topic(app: Flask) -> None:
    editor, round_ = a_staff_member(Role.EDITOR), an_open_round()
    field = Field("title", 1)
    for step in ("Power cuts in Kharkiw", "Power cuts in Lhvarkiw"):
        assert amendments.correct(round_.id, {field: step}, by=editor.id, now=utcnow())
    assert amendments.alike("Power cuts in Lhvarkiw", "Power cuts in Lviv w")
    with pytest.raises(amendments.AnotherText):
        amendments.correct(round_.id, {field: "Power cuts in Lviv w"}, by=editor.id, now=utcnow())
    # Back to what was opened is never another text.
    first = {field: "Power cuts in Kharkiv"}
    assert amendments.correct(round_.id, first, by=editor.id, now=utcnow())
