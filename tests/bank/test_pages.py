"""The pages of bank statements: upload, look, take, book, set aside."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import Account
from app.bank import lines
from app.bank.models import StatementImport
from app.bank.routes import LARGEST_FILE
from app.extensions import db
from app.giving.books import outside, references
from app.giving.books.outside import Giver
from app.giving.models import Donation
from tests.bank.facts import NOW, a_gift, a_line, a_statement, csv
from tests.bank.files import body
from tests.builders import a_reader, a_staff_member, signed_in
from tests.pages import form_of, send

GIFT = "2026-08-14;5,00;EUR;Ann;;For you;"


@pytest.fixture
def staff(client: FlaskClient) -> FlaskClient:
    """The browser of who keeps the books."""
    return signed_in(client, a_staff_member("finance"))


def upload(browser: FlaskClient, raw: bytes, name: str = "august.csv") -> TestResponse:
    """Upload a statement as a person does."""
    values = form_of(browser.get("/staff/bank/new"))
    return browser.post("/staff/bank/new", data=values | {"file": (BytesIO(raw), name)})


def donations() -> int:
    """How many gifts the ledger has."""
    return db.session.scalar(select(func.count()).select_from(Donation)) or 0


def test_a_statement_is_uploaded_looked_at_and_taken(staff: FlaskClient) -> None:
    answer = upload(staff, body("privat24.csv", "cp1251"))
    assert answer.status_code == 303
    page = staff.get(answer.location)
    assert "Марченко Олена Іванівна" in page.text
    assert "₴1,750.50" in page.text
    assert "Windows-1251" in page.text
    assert lines.count_waiting() == 0
    taken = staff.post(answer.location, data=form_of(page) | {"take": "yes"}, follow_redirects=True)
    assert "2 new lines wait for you." in taken.text
    assert "Taken" in taken.text
    again = staff.post(answer.location, data=form_of(page) | {"take": "yes"}, follow_redirects=True)
    assert "have been taken already" in again.text


def test_camt_is_taken_without_choosing_columns(staff: FlaskClient) -> None:
    answer = upload(staff, body("camt053_08.xml"), "august.xml")
    page = staff.get(answer.location)
    assert "Line 3: there is no amount in it (“7.505”)" in page.text
    assert "How the file is read" not in page.text
    send(staff, answer.location, take="yes")
    assert lines.count_waiting() == 3


def test_lines_read_otherwise_than_they_were_seen_are_not_taken(staff: FlaskClient) -> None:
    answer = upload(staff, b"Date,Amount,Payer\n05/06/2026,7.50,Ann\n")
    page = staff.get(answer.location)
    assert "June 5, 2026" in page.text
    values = form_of(page) | {"order": "month_first"}
    again = staff.post(answer.location, data=values | {"take": "yes"})
    assert "Look at the lines again" in again.text
    assert "May 6, 2026" in again.text
    assert lines.count_waiting() == 0
    staff.post(answer.location, data=form_of(again) | {"take": "yes"})
    assert lines.waiting(1).rows[0].booked_on.isoformat() == "2026-05-06"


def test_a_table_nobody_understands_asks_for_its_columns(staff: FlaskClient) -> None:
    answer = upload(staff, b"one,two\n2026-08-01,7.50\n")
    page = staff.get(answer.location)
    assert "<details open>" in page.text
    refused = staff.post(answer.location, data=form_of(page) | {"show": "yes"})
    assert refused.status_code == 422
    assert "Choose the column of the day." in refused.text
    shown = staff.post(
        answer.location, data=form_of(page) | {"show": "yes", "day": "0", "amount": "1"}
    )
    assert "Take 1 line" in shown.text


def test_a_currency_that_no_column_names_is_asked_about(staff: FlaskClient) -> None:
    page = staff.get(upload(staff, body("mbank.csv", "cp1250")).location)
    assert "The amounts are read as EUR" in page.text
    for name in ("monobank.csv", "sparkasse.csv"):
        assert "are read as" not in staff.get(upload(staff, body(name)).location).text


def test_an_encoding_that_does_not_fit_is_said_and_the_draft_stays(staff: FlaskClient) -> None:
    answer = upload(staff, body("privat24.csv", "cp1251"))
    values = form_of(staff.get(answer.location)) | {"encoding": "utf-8-sig", "show": "yes"}
    page = staff.post(answer.location, data=values, follow_redirects=True)
    assert "is no text in the chosen encoding" in page.text
    assert "Марченко" in page.text


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7", "neither a CSV table nor XML"),
        (b'Date,Amount\n2026-08-01,"5\n', "Line 2 has a quotation mark that is not closed"),
        (b"<Document>", "damaged at line 1"),
        (b"<!DOCTYPE x><Document/>", "declares entities"),
        (b"<Document><BkToCstmrAcctRpt/></Document>", "camt.052 or camt.054"),
        (b"PK\x03\x04\0\0", "is no text"),
    ],
)
def test_what_is_no_statement_is_refused_with_what_to_do(
    staff: FlaskClient, raw: bytes, said: str
) -> None:
    answer = upload(staff, raw)
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalar(select(func.count()).select_from(StatementImport)) == 0


def test_a_file_that_is_too_large_is_refused_and_other_forms_stay_small(
    staff: FlaskClient,
) -> None:
    large = b"Date,Amount\n" + b"2026-08-01,5.00\n" * 18_000
    assert upload(staff, large).status_code == 303, "larger than any other form"
    huge = staff.post(
        "/staff/bank/new",
        data=b"x" * (LARGEST_FILE + 300_000),
        content_type="multipart/form-data; boundary=x",
    )
    assert huge.status_code == 413
    values = form_of(staff.get("/give")) | {"name": "x" * 300_000}
    assert staff.post("/give", data=values).status_code == 413


def test_the_same_file_is_recognised(staff: FlaskClient) -> None:
    a_statement(csv(GIFT), "first.csv")
    page = staff.get(upload(staff, csv(GIFT)).location)
    assert "This very file was taken" in page.text
    assert "here before" in page.text


def test_a_draft_is_thrown_away(staff: FlaskClient) -> None:
    location = upload(staff, csv(GIFT)).location
    page = staff.get(location)
    staff.post(f"{location}/discard", data={"csrf_token": form_of(page)["csrf_token"]})
    assert staff.get(location).status_code == 404


def test_ticked_lines_are_booked_only_after_they_were_shown_with_their_sums(
    staff: FlaskClient,
) -> None:
    ann, bob = a_reader(name="Ann Lee"), a_reader(name="Bob Ray")
    ticked = [
        a_line("Lee Ann"),
        a_line("Ray Bob", amount="7,50"),
        a_line("Ray, Bob", currency="USD"),
    ]
    home = staff.get("/staff/bank")
    assert "has the payer&#39;s name" in home.text
    values = form_of(home, action="/staff/bank/ticked")
    data = values | {"line": [str(line.id) for line in ticked], "book": "yes"}
    confirm = staff.post("/staff/bank/ticked", data=data)
    assert "Book 3 gifts?" in confirm.text
    assert "€57.50" in confirm.text
    assert "$50" in confirm.text
    assert donations() == 0
    said = form_of(confirm, action="/staff/bank/book")
    done = staff.post(
        "/staff/bank/book",
        data=said | {"line": [str(line.id) for line in ticked]},
        follow_redirects=True,
    )
    assert "3 gifts are booked; their receipts are on their way." in done.text
    accounts = db.session.scalars(select(Donation.account_id).order_by(Donation.id)).all()
    assert accounts == [ann.id, bob.id, bob.id]
    twice = staff.post(
        "/staff/bank/book",
        data=said | {"line": [str(line.id) for line in ticked]},
        follow_redirects=True,
    )
    assert "Somebody else has decided about 3 lines" in twice.text
    assert donations() == 3


def test_a_line_without_a_suggestion_is_not_booked_by_a_tick(staff: FlaskClient) -> None:
    line = a_line("Nobody Known")
    values = form_of(staff.get("/staff/bank"), action="/staff/bank/ticked")
    forged = values | {"line": str(line.id), f"giver-{line.id}": str(a_reader().id), "book": "yes"}
    answer = staff.post("/staff/bank/ticked", data=forged, follow_redirects=True)
    assert "Choose one for each" in answer.text
    assert donations() == 0


def test_nothing_ticked_says_so(staff: FlaskClient) -> None:
    a_line()
    answer = send(staff, "/staff/bank/ticked", page="/staff/bank", action="/staff/bank/ticked")
    assert "Tick the lines you mean." in staff.get(answer.location).text


def test_one_line_is_booked_to_somebody_new(staff: FlaskClient) -> None:
    line = a_line("Шевченко Марія")
    path = f"/staff/bank/lines/{line.id}"
    page = staff.get(path)
    assert 'value="Шевченко Марія"' in page.text
    values = form_of(page, action=path) | {"giver": "new", "name": "Марія Шевченко", "locale": "uk"}
    nobody = staff.post(path, data=values | {"giver": ""})
    assert "Choose who gave it." in nobody.text
    unnamed = staff.post(path, data=values | {"name": ""})
    assert "Type the name" in unnamed.text
    confirm = staff.post(path, data=values)
    assert "Book 1 gift?" in confirm.text
    staff.post("/staff/bank/book", data=form_of(confirm, action="/staff/bank/book"))
    account = db.session.get_one(Account, db.session.scalars(select(Donation.account_id)).one())
    assert (account.name, account.locale, account.has_address) == ("Марія Шевченко", "uk", False)


def test_a_search_finds_the_giver_of_a_line(staff: FlaskClient) -> None:
    giver, line = a_reader("maria@example.org", name="Марія"), a_line("Somebody")
    page = staff.get(f"/staff/bank/lines/{line.id}?q=maria@")
    assert f'id="giver-{giver.id}"' in page.text
    assert "Nobody else" in staff.get(f"/staff/bank/lines/{line.id}?q=%25").text


def test_a_gift_that_may_be_there_already_needs_a_tick(staff: FlaskClient) -> None:
    giver = a_reader()
    outside.enter(a_gift(Giver(giver.id)), by=giver.id, sure=False, now=NOW)
    line = a_line("X Y", text=references.of_account(giver.id))
    path = f"/staff/bank/lines/{line.id}"
    confirm = staff.post(path, data=form_of(staff.get(path), action=path))
    assert "may be in the ledger already" in confirm.text
    said = form_of(confirm, action="/staff/bank/book")
    again = staff.post("/staff/bank/book", data=said)
    assert "Look at them first" in again.text
    assert donations() == 1
    staff.post("/staff/bank/book", data=said | {"sure": "yes"})
    assert donations() == 2


def test_what_is_no_gift_is_set_aside_and_put_back(staff: FlaskClient) -> None:
    line = a_line("Rent returned")
    act = f"/staff/bank/lines/{line.id}/set-aside"
    token = form_of(staff.get(f"/staff/bank/lines/{line.id}"), action=act)
    staff.post(act, data=token)
    statement = staff.get(f"/staff/bank/{line.import_id}")
    assert "Set aside as no gifts" in statement.text
    staff.post(f"/staff/bank/lines/{line.id}/put-back", data=token)
    assert lines.count_waiting() == 1


def test_a_currency_that_is_not_taken_is_said(staff: FlaskClient) -> None:
    line = a_line(currency="CHF")
    assert "currency not taken" in staff.get("/staff/bank").text
    page = staff.get(f"/staff/bank/lines/{line.id}").text
    assert "Gifts in CHF are not taken here" in page


def test_the_first_visit_says_what_will_be_here(staff: FlaskClient) -> None:
    assert "No statement yet" in staff.get("/staff/bank").text


@pytest.mark.parametrize("path", ["/staff/bank/9", "/staff/bank/lines/9"])
def test_what_is_not_there_is_no_page(staff: FlaskClient, path: str) -> None:
    assert staff.get(path).status_code == 404
