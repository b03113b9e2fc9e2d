"""What is forgotten of readers who told of a mistake, and what stays."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import accounts
from app.accounts.models import Account
from app.corrections import answers, forgetting, groups, joining, notes, public_log
from app.corrections.models import Correction, CorrectionGroup
from app.desk import merging
from app.extensions import db
from app.letters.models import Letter
from tests.builders import AUGUST, a_pledge, a_reader, a_staff_member
from tests.corrections.builders import a_letter, a_note_draft, marked

EMAIL = "olena@example.org"
DAY = timedelta(days=1)


@pytest.fixture
def by(app: Flask) -> int:
    """An editor."""
    return a_staff_member("editor").id


def answered(by: int, *, at: datetime | None = AUGUST) -> Correction:
    """A letter whose reader was answered; `at` is when the answer went, None where it did not."""
    letter = a_letter(email=EMAIL)
    groups.no_mistake(letter.group_id, "It is a name.", seen="new", by=by, now=AUGUST)
    answers.write(letter.group_id, {"en": "No."}, seen="no_mistake", by=by, now=AUGUST)
    for owed in db.session.scalars(select(Letter)):
        owed.created_at = AUGUST
        if at is not None:
            owed.sent_at = at
            owed.done()
    db.session.commit()
    return letter


def of(letter: Correction) -> Correction:
    db.session.expire_all()
    return db.session.get_one(Correction, letter.id)


def test_the_address_goes_once_the_answer_has_gone_and_the_letter_stays(
    app: Flask, by: int
) -> None:
    letter = answered(by)
    assert forgetting.addresses(before=AUGUST) == 0
    assert forgetting.addresses(before=AUGUST + DAY) == 1
    kept = of(letter)
    assert (kept.account_id, kept.with_address) == (None, True)
    assert kept.comment
    # Nothing else needed the account, nor the row of the letter that went to it.
    assert accounts.find(EMAIL) is None
    assert db.session.scalar(select(func.count()).select_from(Letter)) == 0
    assert forgetting.addresses(before=AUGUST + DAY) == 0


def test_an_answer_that_has_not_gone_keeps_the_address_for_a_while(app: Flask, by: int) -> None:
    letter = answered(by, at=None)
    assert forgetting.addresses(before=AUGUST + forgetting.UNANSWERED) == 0
    assert of(letter).account_id is not None
    assert forgetting.addresses(before=AUGUST + forgetting.UNANSWERED + DAY) == 1


def test_who_was_never_answered_is_forgotten_later(app: Flask, by: int) -> None:
    decided, never = a_letter(email=EMAIL), a_letter(marked("council"), email="taras@example.org")
    groups.no_mistake(decided.group_id, "A name.", seen="new", by=by, now=AUGUST)
    assert forgetting.addresses(before=AUGUST + forgetting.UNANSWERED) == 0
    assert forgetting.addresses(before=AUGUST + forgetting.UNANSWERED + DAY) == 1
    assert of(never).account_id is not None
    assert forgetting.addresses(before=AUGUST + forgetting.UNDECIDED + DAY) == 1


def test_who_writes_long_after_the_decision_can_still_be_answered(app: Flask, by: int) -> None:
    first = a_letter()
    groups.no_mistake(first.group_id, "A name.", seen="new", by=by, now=AUGUST)
    late = AUGUST + 200 * DAY
    letter = a_letter(email=EMAIL, now=late)
    assert letter.group_id == first.group_id
    assert forgetting.addresses(before=late - 29 * DAY) == 0
    assert answers.waiting(first.group_id) == ["en"]
    assert forgetting.addresses(before=late + forgetting.UNANSWERED + DAY) == 1


def test_a_patrons_account_stays_without_the_letter(app: Flask, by: int) -> None:
    letter = answered(by)
    account = accounts.find(EMAIL)
    assert account is not None
    a_pledge(account)
    assert forgetting.addresses(before=AUGUST + DAY) == 1
    assert of(letter).account_id is None
    assert accounts.find(EMAIL) is not None


def test_messages_go_when_their_time_is_over_and_the_public_note_stays(app: Flask, by: int) -> None:
    letter, open_ = a_letter(email=EMAIL), a_letter(marked("council"))
    notes.correct(letter.group_id, a_note_draft(), seen="new", by=by, now=AUGUST)
    assert forgetting.messages(before=AUGUST) == 0
    assert forgetting.messages(before=AUGUST + DAY) == 1
    assert db.session.scalars(select(Correction.id)).all() == [open_.id]
    assert accounts.find(EMAIL) is None
    assert public_log.page().total == 1
    assert groups.find(letter.group_id).passage == "tventy"


def test_spam_goes_whole(app: Flask, by: int) -> None:
    letter, other = a_letter(email=EMAIL), a_letter(marked("council"))
    groups.spam(letter.group_id, seen="new", by=by, now=AUGUST)
    groups.no_mistake(other.group_id, "A name.", seen="new", by=by, now=AUGUST)
    assert forgetting.spam(before=AUGUST + DAY) == 1
    assert db.session.scalars(select(CorrectionGroup.id)).all() == [other.group_id]
    assert accounts.find(EMAIL) is None


def merged(kept: Account, gone: Account, by: int) -> None:
    """Staff join two accounts of one person."""
    merging.merge(kept.id, gone.id, by=by, now=AUGUST)


def test_the_address_goes_in_time_though_its_account_was_merged_after_the_answer(
    app: Flask, by: int
) -> None:
    letter, kept = answered(by), a_reader("olena.koval@example.org")
    gone = accounts.find(EMAIL)
    assert gone is not None
    merged(kept, gone, by)
    assert of(letter).account_id == kept.id
    assert forgetting.addresses(before=AUGUST + DAY) == 1
    assert of(letter).account_id is None


def test_what_an_answered_reader_wrote_besides_goes_with_the_first_letter(
    app: Flask, by: int
) -> None:
    letter = answered(by)
    # After the answer, about the same passage: nobody is answered twice.
    second = a_letter(marked("tventy times"), email=EMAIL, now=AUGUST + DAY)
    assert second.group_id == letter.group_id
    assert forgetting.addresses(before=AUGUST + 2 * DAY) == 2
    assert of(second).account_id is None
    assert accounts.find(EMAIL) is None


def test_so_does_what_was_answered_with_another_readers_letter(app: Flask, by: int) -> None:
    letter = answered(by)
    second = a_letter(marked("tventy times"), email=EMAIL, now=AUGUST + DAY)
    a_letter(email="taras@example.org", now=AUGUST + DAY)
    later = AUGUST + 2 * DAY
    assert answers.write(letter.group_id, {"en": "No."}, seen="no_mistake", by=by, now=later) == 1
    assert forgetting.addresses(before=later) == 2
    assert of(second).account_id is None
    assert accounts.find("taras@example.org") is not None


def test_so_does_what_staff_joined_with_it(app: Flask, by: int) -> None:
    letter = answered(by)
    other = a_letter(marked("council"), email=EMAIL, now=AUGUST)
    joining.join(other.group_id, letter.group_id, by=by, now=AUGUST)
    assert forgetting.addresses(before=AUGUST + DAY) == 2
    assert (of(letter).account_id, of(other).account_id) == (None, None)
