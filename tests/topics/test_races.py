"""Patrons and staff who act on topics at the same moment."""

import threading
import uuid
from collections.abc import Callable
from contextvars import Context

from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.topics import credit, merging, proposals
from app.topics.merging import CannotMerge
from app.topics.models import Proposal
from app.topics.proposals import Draft, Enough
from tests.builders import AUGUST, a_patron, a_staff_member
from tests.topics.builders import WHY, a_suggestion


def at_once(app: Flask, *acts: Callable[[], object]) -> list[Exception]:
    """Do all of it at the same moment, each with a session of its own; return what was refused."""
    ready, refused = threading.Barrier(len(acts)), list[Exception]()

    def do(act: Callable[[], object]) -> None:
        with app.app_context():
            ready.wait()
            try:
                act()
            except (CannotMerge, Enough) as error:
                refused.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=lambda act=act: Context().run(do, act)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    db.session.expire_all()
    return refused


def test_six_windows_of_one_patron_suggest_no_more_than_the_month_allows(app: Flask) -> None:
    account_id = a_patron().id

    def suggest() -> None:
        draft = Draft(title="Prices of bread", why=WHY, links=(), named=False, locale="en")
        proposals.make(account_id, draft, request_key=uuid.uuid4(), now=AUGUST)

    refused = at_once(app, *[suggest] * 6)
    assert len(refused) == 3
    assert db.session.scalar(select(func.count()).select_from(Proposal)) == 3


def test_no_voice_is_lost_while_one_topic_goes_on_in_another(app: Flask) -> None:
    by = a_staff_member("editor").id
    first, second, third = (
        a_suggestion(title=title).id
        for title in ("Prices of bread", "What bread costs", "Why bread is dear")
    )
    patrons = [a_patron().id for _ in range(12)]

    def voice(account_id: int, proposal_id: int) -> Callable[[], object]:
        return lambda: proposals.second(proposal_id, account_id, now=AUGUST)

    refused = at_once(
        app,
        lambda: merging.merge(second, third, by=by, now=AUGUST),
        lambda: merging.merge(first, second, by=by, now=AUGUST),
        *[voice(one, (first, second, third)[place % 3]) for place, one in enumerate(patrons)],
    )
    # Whichever merge came first, all three can still become one.
    if refused:
        merging.merge(first, third, by=by, now=AUGUST)
        db.session.expire_all()
    assert credit.wanted_by(first) == 3 + len(patrons)


def test_two_editors_who_join_two_topics_both_ways_leave_one_kept(app: Flask) -> None:
    by = a_staff_member("editor").id
    one, other = a_suggestion().id, a_suggestion(title="Prices of bread").id
    refused = at_once(
        app,
        lambda: merging.merge(one, other, by=by, now=AUGUST),
        lambda: merging.merge(other, one, by=by, now=AUGUST),
    )
    assert len(refused) == 1
    into = [proposals.find(id_).merged_into_id for id_ in (one, other)]
    assert into.count(None) == 1
