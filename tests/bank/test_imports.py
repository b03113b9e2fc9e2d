"""Statements: looked at, then taken; and the same line is never here twice."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.bank import forgetting, imports, lines
from app.bank.columns import Column, Mapping
from app.bank.figures import Mark, Order
from app.bank.imports import ReadBefore
from app.bank.models import StatementImport, StatementLine
from app.bank.statement import Flaw, NotAStatement
from app.bank.tables import Encoding
from app.extensions import db
from app.giving.books.outside import Giver
from app.money import Money
from tests.bank.facts import NOW, a_line, a_statement, csv
from tests.bank.files import body
from tests.builders import a_staff_member

GIFT = "2026-08-14;5,00;EUR;Ann;;For you;"


@pytest.fixture
def by(app: Flask) -> int:
    """A member of staff who keeps the books."""
    return a_staff_member("finance").id


def test_nothing_is_taken_before_a_person_has_looked(by: int) -> None:
    draft = imports.upload("august.csv", body("privat24.csv", "cp1251"), by=by, now=NOW)
    found = imports.preview(draft, now=NOW)
    assert [entry.line for entry in found.new] == [2, 3]
    assert (found.known, found.statement.debits) == ([], 1)
    assert found.sums == [Money(175050, "UAH")]
    assert lines.count_waiting() == 0


def test_what_is_taken_waits_and_the_file_is_gone(by: int) -> None:
    taken = a_statement(body("privat24.csv", "cp1251"))
    assert (taken.taken, taken.known, taken.debits, taken.body_sealed) == (2, 0, 1, None)
    first = lines.waiting(1).rows[0]
    assert (first.payer, first.amount) == ("Марченко Олена Іванівна", Money(50000, "UAH"))
    assert first.payer_account_last4 == "6001"
    with pytest.raises(ReadBefore):
        imports.take(taken.id, by=by, now=NOW)


def test_no_account_number_is_kept_anywhere(by: int) -> None:
    a_statement(csv("2026-08-14;5,00;EUR;Ann;DE02120300000000202051;IBAN DE02120300000000202051;"))
    rows = str(db.session.execute(select(*StatementLine.__table__.columns)).all())
    assert "0000202051" not in rows
    assert "…2051" in rows


def test_a_file_is_sealed_while_it_waits(by: int) -> None:
    draft = imports.upload("a.csv", csv(GIFT), by=by, now=NOW)
    assert b"For you" not in (draft.body_sealed or b"For you")


def test_the_same_file_brings_nothing_the_second_time(by: int) -> None:
    first = a_statement(body("sparkasse.csv", "cp1252"))
    draft = imports.upload("again.csv", body("sparkasse.csv", "cp1252"), by=by, now=NOW)
    same = imports.same_file(draft)
    assert same is not None
    assert same.id == first.id
    again = imports.take(draft.id, by=by, now=NOW)
    assert (again.taken, again.known) == (0, 3)


@pytest.mark.parametrize("first", ["table", "camt"])
def test_another_format_of_the_same_days_brings_nothing(by: int, first: str) -> None:
    files = {"table": body("sparkasse.csv", "cp1252"), "camt": body("camt053_02.xml")}
    then = "camt" if first == "table" else "table"
    assert a_statement(files[first]).taken == 3
    again = a_statement(files[then])
    assert (again.taken, again.known) == (0, 3)


def test_a_file_that_overlaps_brings_only_what_is_new(by: int) -> None:
    a_statement(csv(GIFT, GIFT))
    overlapping = a_statement(csv(GIFT, GIFT, GIFT, "2026-08-15;5,00;EUR;Ann;;For you;"))
    assert (overlapping.taken, overlapping.known) == (2, 2)


def test_two_lines_with_two_references_are_two_gifts_whatever_they_say(by: int) -> None:
    a_statement(csv(GIFT + "R1"))
    second = a_statement(csv(GIFT + "R2"))
    assert (second.taken, second.known) == (1, 0)
    without = a_statement(csv(GIFT, GIFT, GIFT))
    assert (without.taken, without.known) == (1, 2)


def test_a_line_that_is_here_stands_for_one_line_of_a_file(by: int) -> None:
    a_statement(csv(GIFT))
    again = a_statement(csv(GIFT + "R1", GIFT + "R2"))
    assert (again.taken, again.known) == (1, 1)


def test_a_mapping_chosen_by_a_person_is_used_and_remembered(by: int) -> None:
    raw = b"one,two,three\n05/06/2026,Ann,7.50\n"
    draft = imports.upload("odd.csv", raw, by=by, now=NOW)
    assert imports.preview(draft, now=NOW).new == []
    chosen = Mapping(
        {Column.DAY: 0, Column.PAYER: 1, Column.AMOUNT: 2}, "USD", Mark.POINT, Order.MONTH_FIRST
    )
    imports.take(draft.id, by=by, now=NOW, mapping=chosen, encoding=Encoding.UTF8)
    line = lines.waiting(1).rows[0]
    assert (line.booked_on.isoformat(), line.amount) == ("2026-05-06", Money(750, "USD"))
    next_one = imports.upload("odd2.csv", raw + b"05/07/2026,Bob,8.00\n", by=by, now=NOW)
    found = imports.preview(next_one, now=NOW)
    assert (found.mapping, len(found.new), len(found.known)) == (chosen, 1, 1)


def test_lines_that_cannot_be_read_are_named_on_the_statement(by: int) -> None:
    taken = a_statement(csv(GIFT, "soon;5,00;EUR;Ann;;;", "2026-08-14;?;EUR;Ann;;;"))
    assert (taken.taken, taken.unread) == (1, [[3, "day"], [4, "amount"]])


def test_a_file_that_is_no_statement_leaves_no_trace(by: int) -> None:
    with pytest.raises(NotAStatement) as refused:
        imports.upload("scan.pdf", b"%PDF-1.7", by=by, now=NOW)
    assert refused.value.flaw is Flaw.NO_TABLE
    assert db.session.scalar(select(func.count()).select_from(StatementImport)) == 0


def test_a_draft_is_discarded_only_before_it_is_taken(by: int) -> None:
    draft = imports.upload("a.csv", csv(GIFT), by=by, now=NOW)
    imports.discard(draft.id, by=by, now=NOW)
    with pytest.raises(imports.UnknownImport):
        imports.find(draft.id)
    taken = a_statement(csv(GIFT))
    with pytest.raises(ReadBefore):
        imports.discard(taken.id, by=by, now=NOW)


def test_what_is_no_longer_needed_is_forgotten_and_still_known(by: int) -> None:
    imports.upload("a.csv", csv(GIFT), by=by, now=NOW)
    line = a_line("Rent back", account="DE02120300000000202051", text="Rent")
    kept = a_line("Waits")
    lines.set_aside([line.id], by=by, now=NOW)
    for forget in (forgetting.forget_drafts, forgetting.forget_payers):
        assert forget(before=NOW) == 0
        assert forget(before=NOW + timedelta(days=1)) == 1
    db.session.expire_all()
    assert (line.payer, line.text, line.payer_account_hash) == ("", "", None)
    assert kept.payer == "Waits"
    again = a_statement(csv("2026-08-14;50,00;EUR;Rent back;DE02120300000000202051;Rent;"))
    assert (again.taken, again.known) == (0, 1)


def test_a_line_that_was_forgotten_is_no_other_payment_with_a_reference_of_its_own(by: int) -> None:
    (line,) = lines.of_import(a_statement(csv(GIFT + "R1")).id, "waiting", 10)
    lines.set_aside([line.id], by=by, now=NOW)
    assert forgetting.forget_payers(before=NOW + timedelta(days=1)) == 1
    alone = a_statement(csv(GIFT + "R2"))
    assert (alone.taken, alone.known) == (1, 0)
    beside = a_statement(csv(GIFT + "R1", GIFT + "R3"))
    assert (beside.taken, beside.known) == (1, 1)
    without = a_statement(csv(GIFT, GIFT, GIFT, GIFT))
    assert (without.taken, without.known) == (1, 3)


def test_a_line_that_was_forgotten_and_had_no_reference_is_known_by_one_still(by: int) -> None:
    first, _second = lines.of_import(a_statement(csv(GIFT, GIFT)).id, "waiting", 10)
    lines.set_aside([first.id], by=by, now=NOW)
    assert forgetting.forget_payers(before=NOW + timedelta(days=1)) == 1
    again = a_statement(csv(GIFT + "R1", GIFT + "R2", GIFT + "R3"))
    assert (again.taken, again.known) == (1, 2)


def test_who_paid_long_ago_is_kept_until_the_line_is_booked(by: int) -> None:
    line = a_line()
    assert forgetting.forget_givers(before=NOW) == 0
    lines.book({line.id: Giver(name="Ann")}, by=by, sure=False, now=NOW)
    assert forgetting.forget_givers(before=NOW) == 1
    db.session.expire_all()
    assert (line.payer, line.donation_id is None) == ("", False)


def test_a_line_nobody_decided_on_names_its_payer_no_longer_than_the_books_do(app: Flask) -> None:
    line = a_line()
    assert forgetting.forget_givers(before=NOW) == 0
    assert forgetting.forget_givers(before=NOW + timedelta(days=1)) == 1
    db.session.expire_all()
    assert (line.payer, line.text, line.status) == ("", "", "waiting")


def test_a_statement_of_many_lines_is_taken_quickly(by: int) -> None:
    rows = [f"2026-08-14;{number},00;EUR;Ann {number};;Thanks;" for number in range(1, 3001)]
    assert a_statement(csv(*rows)).taken == 3000
    assert a_statement(csv(*rows)).known == 3000
