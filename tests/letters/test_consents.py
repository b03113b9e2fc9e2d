"""Consent: a log that is added to, the newest word holds, and letters keep to it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app import guards
from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.letters import categories, consents, letters, unsubscribing, wordings
from app.letters.categories import CONSENTED, Category
from app.letters.consents import Act, How, Said
from app.letters.models import Consent, Letter
from app.letters.unsubscribing import BadToken
from app.voting import nudges, turns
from tests.builders import AUGUST, a_patron, a_reader, agrees, ends
from tests.fakes import FakeMailer
from tests.voting.builders import an_open_round
from tests.voting.test_letters import sent


def said(act: Act, *, days: int = 0) -> Said:
    return Said(act, How.PAGE, AUGUST + timedelta(days=days), "en")


def entered() -> int:
    return db.session.scalar(select(func.count()).select_from(Consent)) or 0


def test_every_letter_stands_in_exactly_one_category(app: Flask) -> None:
    named = [kind for kinds in categories.KINDS.values() for kind in kinds]
    assert len(named) == len(set(named))
    assert sorted(letters.kinds() - set(named)) == []
    assert sorted(set(named) - letters.kinds()) == []


def test_what_needs_consent_has_words_that_ask_for_it() -> None:
    for category in CONSENTED:
        version = wordings.CURRENT[category]
        assert wordings.of(version) is category
        assert wordings.TEXTS[version]
        assert wordings.title(category)


def test_nobody_agrees_by_saying_nothing(app: Flask) -> None:
    silent = a_reader()
    assert consents.wanted(silent.id) == []
    assert not consents.lets("round_opened", silent.id)
    assert consents.lets("receipt", silent.id)


def test_the_newest_word_holds_and_saying_it_again_enters_nothing(app: Flask) -> None:
    account = a_reader()
    for act, holds, rows in (
        (Act.WITHDRAWN, False, 0),
        (Act.GIVEN, True, 1),
        (Act.GIVEN, True, 1),
        (Act.WITHDRAWN, False, 2),
        (Act.WITHDRAWN, False, 2),
        (Act.GIVEN, True, 3),
    ):
        consents.enter(account.id, Category.VOTES, said(act), now=AUGUST)
        db.session.commit()
        assert consents.lets("round_result", account.id) is holds
        assert entered() == rows
    assert not consents.lets("proposal_step", account.id), "each category by itself"


def test_who_was_carried_over_gets_letters_and_their_own_word_is_entered(app: Flask) -> None:
    account = a_reader()
    carried = Said(Act.CARRIED, How.IMPORT, AUGUST, "en")
    assert consents.enter(account.id, Category.VOTES, carried, now=AUGUST)
    assert consents.lets("round_opened", account.id)
    assert consents.enter(account.id, Category.VOTES, said(Act.GIVEN), now=AUGUST)
    assert not consents.enter(account.id, Category.VOTES, carried, now=AUGUST)
    assert [entry.act for entry in consents.history(account.id)] == ["given", "carried"]


def test_no_entry_is_changed_and_none_removed_but_by_what_the_law_asks(app: Flask) -> None:
    agrees(a_reader(), Category.VOTES)
    for change in (update(Consent).values(act="withdrawn"), delete(Consent)):
        with pytest.raises(IntegrityError):
            db.session.execute(change)
        db.session.rollback()
    with guards.lifted():
        db.session.execute(delete(Consent))
    db.session.commit()
    assert entered() == 0
    agrees(db.session.scalars(select(Account)).one(), Category.VOTES)
    with pytest.raises(IntegrityError), guards.lifted():
        db.session.execute(update(Consent).values(act="withdrawn"))
    db.session.rollback()
    with guards.lifted():
        pass
    with pytest.raises(IntegrityError):
        db.session.execute(delete(Consent))


def test_only_who_agreed_is_told_of_a_vote_and_staff_count_the_same(
    app: Flask, mailer: FakeMailer
) -> None:
    willing, ended = a_patron(), ends(a_patron(), Category.VOTES)
    a_patron(wants_letters=False)
    round_ = an_open_round()
    turns.turn(round_.id, now=utcnow())
    owed = db.session.scalars(select(Letter.account_id).where(Letter.kind == "round_opened")).all()
    assert owed == [willing.id]
    assert nudges.recipients(round_.id, now=utcnow()) == 1
    assert [draft.to for draft in sent("round_opened", mailer)] == [willing.email]
    assert consents.wanted(ended.id) == [Category.TOPICS]


def test_who_ends_letters_after_one_became_owed_gets_it_not(app: Flask, mailer: FakeMailer) -> None:
    patron = a_patron()
    turns.turn(an_open_round().id, now=utcnow())
    ends(patron, Category.VOTES)
    assert sent("round_opened", mailer) == []
    letter = db.session.scalars(select(Letter).where(Letter.kind == "round_opened")).one()
    assert (letter.sent_at, letter.due_at) == (None, None)


def test_a_letter_that_needs_consent_says_how_to_end_it_and_a_receipt_does_not(
    app: Flask, mailer: FakeMailer
) -> None:
    patron = a_patron()
    turns.turn(an_open_round().id, now=utcnow())
    (draft,) = sent("round_opened", mailer)
    address = unsubscribing.address(Category.VOTES, patron.id)
    assert draft.unsubscribe == address
    for twin in (draft.text, draft.html):
        assert address in twin
    assert patron.email not in address
    with pytest.raises(ValueError, match="account"):
        letters.draft("round_opened", to="a@example.org", locale="en")
    plain = letters.draft("staff_invitation", to="a@example.org", locale="en", name="Ann")
    assert plain.unsubscribe == ""
    assert "unsubscribe" not in plain.text + plain.html


def test_a_token_names_one_person_and_one_category_and_cannot_be_made_up(app: Flask) -> None:
    token = unsubscribing.token(Category.TOPICS, 2**40)
    assert unsubscribing.read(token) == (Category.TOPICS, 2**40)
    money = unsubscribing.token(Category.MONEY, 1)
    for wrong in (token[:-1], token[1:], "x" + token, "", "é", money):
        with pytest.raises(BadToken):
            unsubscribing.read(wrong)


def test_at_a_merge_the_later_word_holds_for_who_is_kept(app: Flask) -> None:
    kept, merged = a_reader(), a_reader()
    for account, category, act, days in (
        (kept, Category.VOTES, Act.GIVEN, 0),
        (merged, Category.VOTES, Act.GIVEN, 1),
        (merged, Category.VOTES, Act.WITHDRAWN, 2),
        (kept, Category.TOPICS, Act.GIVEN, 3),
        (merged, Category.TOPICS, Act.GIVEN, 1),
    ):
        consents.enter(account.id, category, said(act, days=days), now=AUGUST)
    consents.join(kept.id, merged.id, now=AUGUST)
    db.session.commit()
    assert consents.wanted(kept.id) == [Category.TOPICS]
    newest = consents.newest(kept.id)[Category.VOTES]
    assert (newest.act, newest.how) == ("withdrawn", "merge")
