"""Lines: a person's yes makes a gift, once; no is taken back; the reasons are shown."""

import threading
from contextvars import Context

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import audit
from app.accounts.models import Account
from app.bank import lines, matching
from app.bank.lines import Decided, Doubtful
from app.bank.matching import Reason, Strength
from app.bank.models import StatementLine
from app.extensions import db
from app.giving.books import outside, references
from app.giving.books.outside import Giver
from app.giving.models import Donation, Receipt
from tests.bank.facts import NOW, a_gift, a_line, a_statement, csv
from tests.builders import a_reader, a_staff_member

IBAN = "DE02120300000000202051"


@pytest.fixture
def by(app: Flask) -> int:
    """A member of staff who keeps the books."""
    return a_staff_member("finance").id


def donations() -> int:
    """How many gifts the ledger has."""
    return db.session.scalar(select(func.count()).select_from(Donation)) or 0


def book(line: StatementLine, giver: Giver, by: int, *, sure: bool = False) -> lines.Booked:
    """Book one line."""
    return lines.book({line.id: giver}, by=by, sure=sure, now=NOW)


def test_a_line_becomes_a_gift_with_a_receipt_by_a_persons_yes(by: int) -> None:
    line, giver = a_line(reference="R1"), a_reader()
    (donation,) = book(line, Giver(giver.id), by).donations
    assert (donation.amount, donation.source) == (line.amount, "bank")
    assert (donation.reference, donation.entered_by_id) == ("R1", by)
    assert (line.status, line.donation_id, line.decided_by_id) == ("booked", donation.id, by)
    assert db.session.scalars(select(Receipt.donation_id)).all() == [donation.id]


def test_several_lines_are_booked_together_and_a_decided_one_is_passed_over(by: int) -> None:
    first, second, third = a_line("Ann"), a_line("Bob"), a_line("Eve")
    lines.set_aside([second.id], by=by, now=NOW)
    giver = Giver(name="Ann", email="ann@example.org")
    booked = lines.book(
        {third.id: giver, first.id: giver, second.id: giver}, by=by, sure=False, now=NOW
    )
    assert (len(booked.donations), booked.passed) == (2, [second.id])


def test_two_members_of_staff_who_book_one_line_book_it_once(app: Flask, by: int) -> None:
    line, giver = a_line(), a_reader()
    gate = threading.Barrier(4)
    made: list[int] = []

    def one() -> None:
        with app.app_context():
            gate.wait()
            made.append(len(book(line, Giver(giver.id), by).donations))
            db.session.remove()

    threads = [threading.Thread(target=Context().run, args=(one,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [0, 0, 0, 1]
    assert donations() == 1


def test_two_who_take_one_statement_take_each_line_once(app: Flask, by: int) -> None:
    raw = csv("2026-08-14;5,00;EUR;Ann;;;", "2026-08-15;6,00;EUR;Bob;;;")
    gate = threading.Barrier(2)
    taken: list[int] = []

    def one() -> None:
        with app.app_context():
            gate.wait()
            taken.append(a_statement(raw).taken)
            db.session.remove()

    threads = [threading.Thread(target=Context().run, args=(one,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [0, 2]


def test_a_line_in_a_currency_that_is_not_ours_cannot_be_booked(by: int) -> None:
    line = a_line(currency="CHF")
    assert book(line, Giver(a_reader().id), by).passed == [line.id]
    assert donations() == 0


def test_a_gift_entered_by_hand_before_is_doubted_until_a_person_is_sure(by: int) -> None:
    giver = Giver(a_reader().id)
    entered = outside.enter(a_gift(giver, reference="seen online"), by=by, sure=False, now=NOW)
    line = a_line(day="2026-08-16")
    with pytest.raises(Doubtful) as doubted:
        book(line, giver, by)
    assert [one.id for one in doubted.value.doubts[line.id]] == [entered.id]
    assert donations() == 1
    book(line, giver, by, sure=True)
    assert donations() == 2


def test_two_lines_of_one_person_on_one_day_are_two_gifts_without_doubt(by: int) -> None:
    giver = Giver(a_reader().id)
    book(a_line(reference="R1"), giver, by)
    book(a_line(reference="R2"), giver, by)
    assert donations() == 2


def test_a_line_set_aside_is_put_back_by_whoever_thinks_better_of_it(by: int) -> None:
    line = a_line()
    assert lines.set_aside([line.id], by=by, now=NOW) == 1
    assert lines.count_waiting() == 0
    lines.put_back(line.id, by=by, now=NOW)
    assert (line.status, line.decided_at) == ("waiting", None)
    acts = [entry.act for entry in audit.of_subject("statement_line", line.id)]
    assert acts == ["line_put_back", "line_set_aside"]


def test_a_booked_line_is_neither_set_aside_nor_put_back(by: int) -> None:
    line = a_line()
    book(line, Giver(a_reader().id), by)
    assert lines.set_aside([line.id], by=by, now=NOW) == 0
    with pytest.raises(Decided):
        lines.put_back(line.id, by=by, now=NOW)


def test_a_gift_taken_back_lets_its_line_wait_for_the_right_giver(by: int) -> None:
    line, right = a_line(), a_reader()
    (wrong,) = book(line, Giver(a_reader().id), by).donations
    assert lines.take_back(wrong.id, "The wrong person", by=by, now=NOW) is not None
    assert line.status == "waiting"
    (donation,) = book(line, Giver(right.id), by).donations
    assert donation.account_id == right.id


def only(line: StatementLine) -> tuple[Account, tuple[Reason, ...], Strength]:
    """The one suggestion for a line."""
    (found,) = matching.suggest([line])[line.id]
    return found.account, found.reasons, found.strength


def test_our_reference_in_the_text_is_the_surest_sign(by: int) -> None:
    giver = a_reader()
    line = a_line("Somebody", text=f"Gift {references.of_account(giver.id)}")
    assert only(line) == (giver, (Reason.REFERENCE,), Strength.STRONG)


def test_an_account_seen_before_names_who_it_was_booked_to(by: int) -> None:
    giver = a_reader(name="Jürgen M.")
    book(a_line("J. M.", account=IBAN), Giver(giver.id), by)
    account, reasons, strength = only(a_line("J. M.", account=IBAN, amount="7,00"))
    assert (account.id, reasons, strength) == (giver.id, (Reason.ACCOUNT,), Strength.STRONG)


def test_an_address_in_the_text_names_its_account(by: int) -> None:
    a_reader("joann@example.org")
    giver = a_reader("Ann@Example.org")
    line = a_line("A", text="for ann@example.org please")
    assert only(line) == (giver, (Reason.EMAIL,), Strength.STRONG)


@pytest.mark.parametrize(
    ("name", "payer"),
    [
        ("Олена Марченко", "МАРЧЕНКО ОЛЕНА ІВАНІВНА"),
        ("Łukasz Wójcik", "ŁUKASZ WÓJCIK UL. DŁUGA 5"),
        ("Käthe Weiß", "Weiß, Käthe"),
        ("Наталія Бондар", "Від: Наталія Бондар"),
        ("Anna Maria Schmidt", "Frau Schmidt Anna Maria"),
    ],
)
def test_a_name_is_known_as_banks_turn_it(by: int, name: str, payer: str) -> None:
    giver = a_reader(name=name)
    assert only(a_line(payer)) == (giver, (Reason.NAME,), Strength.LIKELY)


def test_a_name_that_two_have_is_a_weak_sign_of_both(by: int) -> None:
    both = [a_reader(name="Olena Koval"), a_reader(name="olena koval")]
    line = a_line("KOVAL OLENA")
    found = matching.suggest([line])[line.id]
    assert [one.account.id for one in found] == [one.id for one in both]
    assert {one.strength for one in found} == {Strength.WEAK}


def test_an_earlier_gift_of_the_same_amount_is_a_weak_sign(by: int) -> None:
    giver = a_reader(name="N. N.")
    outside.enter(a_gift(Giver(giver.id)), by=by, sure=False, now=NOW)
    account, reasons, strength = only(a_line("Unknown Person"))
    assert (account.id, reasons, strength) == (giver.id, (Reason.AMOUNT,), Strength.WEAK)


def test_a_person_merged_into_another_is_suggested_as_that_other(by: int) -> None:
    kept, merged = a_reader(name="Ann"), a_reader(name="Olena Koval")
    merged.merged_into_id = kept.id
    db.session.commit()
    assert only(a_line("Olena Koval"))[0].id == kept.id


def test_a_stranger_is_suggested_to_be_nobody(by: int) -> None:
    a_reader(name="Olena Koval")
    lonely = a_line("Olena", text="RF00 000001")
    assert matching.suggest([lonely]) == {lonely.id: []}
    assert matching.suggest([]) == {}
