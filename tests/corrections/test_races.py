"""Readers and staff who meet in the same groups at the same moment."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context

from flask import Flask
from sqlalchemy import select, text

from app.corrections import groups, intake, joining
from app.corrections.models import Correction, CorrectionGroup
from app.corrections.rules import State
from app.extensions import db
from config.local.waiting import until
from tests.builders import AUGUST, a_staff_member
from tests.corrections.builders import RIVER, a_letter, an_article, marked

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@contextmanager
def kept_waiting(app: Flask, act: Callable[[], object]) -> Iterator[None]:
    """Let somebody act, who waits for what this session holds until the block commits it."""

    def do() -> None:
        with app.app_context():
            try:
                act()
            finally:
                db.session.remove()

    other = threading.Thread(target=lambda: Context().run(do))
    other.start()
    until(lambda: db.session.scalar(WAITING) == 1, "somebody waits for us", timeout=10)
    yield
    db.session.commit()
    other.join()


def test_a_join_waits_for_the_letter_that_is_being_entered_and_holds_nothing_meanwhile(
    app: Flask,
) -> None:
    by = a_staff_member("editor").id
    kept, joined = a_letter(marked("second")).group_id, a_letter(marked("tventy")).group_id
    intake.wait_for_turn(an_article(RIVER).key)
    with kept_waiting(app, lambda: joining.join(kept, joined, by=by, now=AUGUST)):
        # As the letter does, in any order: each would otherwise wait for the other for good.
        both = select(CorrectionGroup).with_for_update(nowait=True)
        assert len(db.session.scalars(both).all()) == 2
    assert groups.find(joined).joined_into_id == kept


def test_a_letter_does_not_go_to_what_is_called_spam_while_it_is_compared(app: Flask) -> None:
    first = a_letter().group_id
    groups.settle(groups.locked(first), State.SPAM, now=AUGUST)
    db.session.flush()
    with kept_waiting(app, a_letter):
        pass
    newest = select(Correction.group_id).order_by(Correction.id.desc()).limit(1)
    assert db.session.scalar(newest) != first
    assert groups.find(first).again_at is None


def test_what_was_joined_with_spam_draws_no_reader_in(app: Flask) -> None:
    by = a_staff_member("editor").id
    kept, joined = a_letter(marked("second")).group_id, a_letter(marked("tventy")).group_id
    joining.join(kept, joined, by=by, now=AUGUST)
    groups.spam(kept, seen="new", by=by, now=AUGUST)
    assert a_letter(marked("tventy")).group_id not in (kept, joined)
