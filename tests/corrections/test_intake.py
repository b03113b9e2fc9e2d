"""What becomes of what readers send: one group for each passage, whoever comes first."""

import uuid
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from app.accounts import accounts
from app.corrections import groups, intake, joining
from app.corrections.models import Correction, CorrectionGroup
from app.corrections.passages import Passage
from app.corrections.rules import State
from app.extensions import db
from tests.builders import AUGUST, a_reader, a_staff_member
from tests.corrections.builders import BRIDGE, RIVER, a_letter, marked
from tests.topics.test_races import at_once


def count(model: type[Correction] | type[CorrectionGroup]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_ten_readers_of_one_typo_are_one_group(app: Flask) -> None:
    spans = ["tventy", "tventy times", "a litre, tventy", "tventy times the limit", "tventy "] * 2
    letters = [
        a_letter(marked(words), now=AUGUST + timedelta(hours=hour))
        for hour, words in enumerate(spans)
    ]
    assert len({letter.group_id for letter in letters}) == 1
    group = groups.find(letters[0].group_id)
    assert group.passage == "tventy"
    assert (group.first_at, group.last_at) == (AUGUST, AUGUST + timedelta(hours=9))


def test_the_same_word_elsewhere_in_the_article_and_in_another_article_stands_alone(
    app: Flask,
) -> None:
    first = a_letter(marked("council", 0))
    assert a_letter(marked("council", 1)).group_id != first.group_id
    assert a_letter(marked("council", 0), article=BRIDGE).group_id != first.group_id
    assert a_letter(marked("council", 0), article=f"{RIVER}?utm_source=x").group_id == (
        first.group_id
    )


def test_who_wrote_by_the_form_joins_who_highlighted(app: Flask) -> None:
    first = a_letter(marked("tventy times the limit"))
    assert a_letter(Passage("Tventy times the limit.")).group_id == first.group_id


def test_a_form_sent_twice_is_one_letter(app: Flask) -> None:
    key = uuid.uuid4()
    assert a_letter(key=key).id == a_letter(key=key).id
    assert count(Correction) == 1


def test_a_form_sent_again_about_another_passage_is_another_letter(app: Flask) -> None:
    """The answer to the first was lost, or the reader went back to the form."""
    key = uuid.uuid4()
    first, second = a_letter(marked("council", 0), key=key), a_letter(marked("council", 1), key=key)
    elsewhere = a_letter(marked("council", 0), article=BRIDGE, key=key)
    assert len({letter.group_id for letter in (first, second, elsewhere)}) == 3
    assert a_letter(marked("council", 1), key=key).id == second.id
    assert count(Correction) == 3


def test_many_readers_at_the_same_moment_are_one_group(app: Flask) -> None:
    def send(words: str, email: str) -> None:
        a_letter(marked(words), email=email)

    spans = ["tventy", "tventy times", "tventy times the limit"] * 3
    at_once(
        app,
        *[
            lambda words=words, place=place: send(words, f"reader{place % 4}@example.org")
            for place, words in enumerate(spans)
        ],
    )
    assert count(Correction) == len(spans)
    assert count(CorrectionGroup) == 1


def test_an_address_makes_an_account_that_is_not_proved_and_leaves_a_known_one_as_it_is(
    app: Flask,
) -> None:
    letter = a_letter(email="olena@example.org", locale="uk")
    made = accounts.find("OLENA@example.org")
    assert made is not None
    assert (made.id, made.confirmed_at, made.locale) == (letter.account_id, None, "uk")
    known = a_reader("taras@example.org", name="Taras Koval")
    assert a_letter(email="Taras@example.org", locale="uk").account_id == known.id
    db.session.expire_all()
    assert (known.name, known.locale) == ("Taras Koval", "en")
    without = a_letter()
    assert (without.account_id, without.with_address) == (None, False)


def test_what_comes_after_the_decision_is_shown_as_come_again(app: Flask) -> None:
    by, first = a_staff_member("editor").id, a_letter()
    groups.no_mistake(first.group_id, "It is a name.", seen="new", by=by, now=AUGUST)
    assert intake.waiting() == 0
    assert a_letter().group_id == first.group_id
    group = groups.find(first.group_id)
    assert (group.state, group.again_at) == (State.NO_MISTAKE, AUGUST)
    assert intake.waiting() == 1
    groups.look(group.id, by=by, now=AUGUST)
    assert intake.waiting() == 0


def test_spam_draws_no_reader_in(app: Flask) -> None:
    by, first = a_staff_member("editor").id, a_letter()
    groups.spam(first.group_id, seen="new", by=by, now=AUGUST)
    assert a_letter().group_id != first.group_id


def test_what_staff_joined_stays_joined_for_who_comes_later(app: Flask) -> None:
    by = a_staff_member("editor").id
    kept, joined = a_letter(marked("second")), a_letter(marked("tventy"))
    joining.join(kept.group_id, joined.group_id, by=by, now=AUGUST)
    assert a_letter(marked("tventy times")).group_id == kept.group_id
