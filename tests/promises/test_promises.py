"""Staff see to a promise: dates, states, what is put right."""

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import audit
from app.clock import utcnow
from app.extensions import db
from app.promises import promises
from app.promises.models import Promise
from app.promises.promises import NotAnEditor, NoWay
from app.promises.rules import State
from app.topics import similar
from app.topics.models import Story
from tests.builders import a_patron, a_staff_member
from tests.promises.builders import STORY, URL, a_promise, published

TENTH, TWENTIETH, THIRTIETH = date(2026, 9, 10), date(2026, 9, 20), date(2026, 9, 30)


def fresh(promise: Promise) -> Promise:
    return db.session.get_one(Promise, promise.id, populate_existing=True)


def test_the_first_date_counts_though_another_is_named_later(app: Flask) -> None:
    promise, editor, now = a_promise(), a_staff_member("editor"), utcnow()
    for due_on, when in (
        (TENTH, now),
        (TWENTIETH, now + timedelta(hours=1)),
        (THIRTIETH, now + timedelta(days=2)),
    ):
        promises.plan(promise.id, editor_id=editor.id, due_on=due_on, by=editor.id, now=when)
    assert (fresh(promise).first_due_on, fresh(promise).due_on) == (TWENTIETH, THIRTIETH)
    with pytest.raises(NoWay):
        promises.plan(promise.id, editor_id=editor.id, due_on=None, by=editor.id, now=now)


def test_only_who_may_edit_sees_to_a_promise(app: Flask) -> None:
    promise = a_promise()
    for other in (a_patron(), a_staff_member("finance")):
        with pytest.raises(NotAnEditor):
            promises.plan(promise.id, editor_id=other.id, due_on=None, by=other.id, now=utcnow())
        db.session.rollback()


def test_a_published_story_is_found_by_who_suggests_the_like(app: Flask) -> None:
    promise = published(a_promise())
    assert fresh(promise).state == State.PUBLISHED
    assert db.session.scalars(select(Story.url)).all() == [URL]
    assert [one.url for one in similar.to(STORY).stories] == [URL]
    assert [entry.act for entry in audit.of_subject("promise", promise.id)] == ["promise_published"]


def test_what_is_done_is_neither_dropped_nor_published_again(app: Flask) -> None:
    promise, editor = published(a_promise()), a_staff_member("editor")
    with pytest.raises(NoWay):
        promises.drop(promise.id, "No time.", by=editor.id, now=utcnow())
    with pytest.raises(NoWay):
        published(promise)
    with pytest.raises(NoWay):
        promises.begin(promise.id, by=editor.id, now=utcnow())
    db.session.rollback()


def test_a_wrong_state_is_put_right_and_goes_back_to_the_one_before(app: Flask) -> None:
    promise, editor, now = a_promise(), a_staff_member("editor"), utcnow()
    promises.drop(promise.id, "No time.", by=editor.id, now=now)
    with pytest.raises(NoWay):
        promises.put_right(promise.id, "Wrong.", seen="published", by=editor.id, now=now)
    assert (
        promises.put_right(promise.id, "Mixed up.", seen="dropped", by=editor.id, now=now)
        == State.CHOSEN
    )
    promises.begin(promise.id, by=editor.id, now=now)
    published(promise)
    promises.put_right(promise.id, "A draft.", seen="published", by=editor.id, now=now)
    found = fresh(promise)
    assert (found.state, found.story_url, found.due_at) == (State.IN_WORK, None, None)
    promises.put_right(promise.id, "Not yet.", seen="in_work", by=editor.id, now=now)
    with pytest.raises(NoWay):
        promises.put_right(promise.id, "Why not.", seen="chosen", by=editor.id, now=now)
    db.session.rollback()
