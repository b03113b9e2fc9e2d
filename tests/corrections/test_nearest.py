"""How a passage finds its group: among many, in bounded time, and not while others wait."""

import threading
import uuid
from contextvars import Context
from random import Random

from flask import Flask
from sqlalchemy import func, select, text

from app.corrections import intake
from app.corrections.intake import Draft
from app.corrections.models import Correction, CorrectionGroup
from app.corrections.nearest import Search
from app.corrections.passages import Passage
from app.corrections.rules import Source
from app.extensions import db
from tests.builders import AUGUST
from tests.corrections.builders import RIVER, a_letter, an_article, marked

#: Locks that readers of one article wait for.
HELD = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


class Ticking:
    """A clock on which each look takes a second, so that it counts comparisons."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def words(dice: Random, count: int) -> str:
    return " ".join("".join(dice.choices("абвгдеклмнопрст", k=6)) for _ in range(count))


def apart(count: int) -> dict[int, Passage]:
    """Passages of one article that have nothing in common, the newest first."""
    dice = Random(7)
    return {
        key: Passage(words(dice, 9), words(dice, 9), words(dice, 9)) for key in range(count, 0, -1)
    }


def draft(passage: Passage) -> Draft:
    return Draft(an_article(RIVER), "", passage, "", "", "en", Source.ARTICLE)


def test_the_comparison_ends_when_its_time_is_over() -> None:
    clock, groups = Ticking(), apart(50)
    # The same but for what was taken along: it is found by comparing, and stands last.
    one = groups[1]
    search = Search(Passage(f" {one.exact},", one.prefix, one.suffix), clock=clock)
    search.look(groups, seconds=10)
    assert clock.now == 11
    assert search.best(groups) is None
    search.look(groups, seconds=100)
    assert search.best(groups) == 1


def test_the_same_passage_is_found_without_any_comparison() -> None:
    clock, groups = Ticking(), apart(300)
    search = Search(groups[1], clock=clock)
    search.look(groups, seconds=0)
    assert (search.best(groups), clock.now) == (1, 0)


def test_of_several_as_alike_the_oldest_is_meant_and_only_those_that_still_stand() -> None:
    one = marked("tventy")
    search = Search(one)
    search.look({9: marked("tventy times"), 5: one, 3: one}, seconds=1)
    assert search.best([9, 5, 3]) == 3
    assert search.best([9, 5]) == 5
    assert search.best([]) is None
    assert search.unseen([11, 9, 3]) == [11]


class Watching:
    """A clock that notes, whenever it is looked at, how many locks of articles are held."""

    def __init__(self) -> None:
        self.held: list[int] = []

    def __call__(self) -> float:
        with db.engine.connect() as other:
            self.held.append(other.scalar(HELD) or 0)
        return 0.0


def test_nobody_waits_while_a_passage_is_compared_with_all_there_are(app: Flask) -> None:
    for passage in apart(20).values():
        a_letter(passage)
    clock = Watching()
    intake.receive(draft(marked("tventy")), request_key=uuid.uuid4(), now=AUGUST, clock=clock)
    # One look before and one after each.
    assert clock.held[:21] == [0] * 21
    # In its turn there is nothing left to compare with.
    assert clock.held[21:] == [1]
    assert db.session.scalar(select(func.count()).select_from(CorrectionGroup)) == 21


def test_who_came_first_while_another_waited_is_joined(app: Flask) -> None:
    """The second has compared already when the first one's group comes to be."""
    sent: list[int] = []

    def send() -> None:
        with app.app_context():
            sent.append(a_letter(marked("tventy")).group_id)
            db.session.remove()

    first = intake.group_from(draft(marked("tventy times the limit")), AUGUST)
    intake.wait_for_turn(first.article)
    later = threading.Thread(target=lambda: Context().run(send))
    later.start()
    with db.engine.connect() as other:
        while not other.scalar(WAITING):
            other.rollback()
    db.session.add(first)
    db.session.commit()
    later.join()
    assert sent == [first.id]
    assert db.session.scalar(select(func.count()).select_from(Correction)) == 1


def test_a_reader_whose_comparison_took_too_long_is_a_row_of_its_own(app: Flask) -> None:
    first = a_letter(marked("tventy"))
    for passage in apart(3).values():
        a_letter(passage)
    second = intake.receive(
        draft(marked("tventy times")), request_key=uuid.uuid4(), now=AUGUST, clock=Ticking()
    )
    assert second.group_id != first.group_id
    third = intake.receive(
        draft(marked("tventy")), request_key=uuid.uuid4(), now=AUGUST, clock=Ticking()
    )
    assert third.group_id == first.group_id
