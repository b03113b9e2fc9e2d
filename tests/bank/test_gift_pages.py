"""The pages on which staff enter gifts outside Stripe and take them back."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.bank import lines
from app.extensions import db
from app.giving.books import outside
from app.giving.books.outside import Giver
from app.giving.models import Adjustment, Donation
from tests.bank.facts import NOW, a_gift, a_line
from tests.builders import a_reader, a_staff_member, signed_in
from tests.pages import form_of, send

NEW = "/staff/gifts/new?giver=new"
VALUES = {
    "name": "Olena Marchenko",
    "email": "olena@example.org",
    "amount": "50",
    "currency": "EUR",
    "received_on": "2026-08-14",
    "reference": "Spende",
}


@pytest.fixture
def staff(client: FlaskClient) -> FlaskClient:
    """The browser of a fundraiser."""
    return signed_in(client, a_staff_member("fundraiser"))


@pytest.fixture
def finance(client: FlaskClient) -> FlaskClient:
    """The browser of who keeps the books."""
    return signed_in(client, a_staff_member("finance"))


def donations() -> int:
    """How many gifts the ledger has."""
    return db.session.scalar(select(func.count()).select_from(Donation)) or 0


def test_a_gift_is_shown_once_more_before_it_is_entered(staff: FlaskClient) -> None:
    confirm = send(staff, "/staff/gifts/new", page=NEW, action="/staff/gifts/new", **VALUES)
    assert "Enter €50 as a gift?" in confirm.text
    assert "goes by letter to olena@example.org" in confirm.text
    assert donations() == 0
    said = form_of(confirm, action="/staff/gifts/new")
    done = staff.post("/staff/gifts/new", data=said | {"yes": "yes"}, follow_redirects=True)
    assert "The gift is entered." in done.text
    assert "Download receipt 2026-000001" in done.text
    assert "Olena Marchenko" in staff.get("/staff/gifts").text


def test_sending_the_last_page_twice_enters_one_gift(staff: FlaskClient) -> None:
    confirm = send(staff, "/staff/gifts/new", page=NEW, action="/staff/gifts/new", **VALUES)
    said = form_of(confirm, action="/staff/gifts/new") | {"yes": "yes"}
    assert staff.post("/staff/gifts/new", data=said).status_code == 303
    again = staff.post("/staff/gifts/new", data=said)
    assert "The same gift is in the ledger already" in again.text
    assert donations() == 1
    sure = form_of(again, action="/staff/gifts/new") | {"yes": "yes", "sure": "y"}
    staff.post("/staff/gifts/new", data=sure)
    assert donations() == 2


def test_a_second_press_of_who_was_sure_enters_no_third_gift(staff: FlaskClient) -> None:
    confirm = send(staff, "/staff/gifts/new", page=NEW, action="/staff/gifts/new", **VALUES)
    said = form_of(confirm, action="/staff/gifts/new") | {"yes": "yes"}
    staff.post("/staff/gifts/new", data=said)
    like_it = staff.post("/staff/gifts/new", data=said)
    sure = form_of(like_it, action="/staff/gifts/new") | {"yes": "yes", "sure": "y"}
    assert staff.post("/staff/gifts/new", data=sure).status_code == 303
    again = staff.post("/staff/gifts/new", data=sure)
    assert "The same gift is in the ledger already" in again.text
    assert donations() == 2


def test_what_was_typed_can_be_changed(staff: FlaskClient) -> None:
    confirm = send(staff, "/staff/gifts/new", page=NEW, action="/staff/gifts/new", **VALUES)
    said = form_of(confirm, action="/staff/gifts/new")
    back = staff.post("/staff/gifts/new", data=said | {"change": "yes"})
    kept = form_of(back, action="/staff/gifts/new")
    assert (kept["amount"], kept["received_on"]) == ("50", "2026-08-14")


def test_a_known_giver_is_found_by_a_part_of_the_name(staff: FlaskClient) -> None:
    giver = a_reader("taras@example.org", name="Тарас Коваль")
    assert f"giver={giver.id}" in staff.get("/staff/gifts/new?q=коваль").text
    page = f"/staff/gifts/new?giver={giver.id}"
    values = {"amount": "20", "received_on": "2026-08-14", "source": "cash"}
    confirm = send(staff, "/staff/gifts/new", page=page, action="/staff/gifts/new", **values)
    said = form_of(confirm, action="/staff/gifts/new")
    staff.post("/staff/gifts/new", data=said | {"yes": "yes"})
    donation = db.session.scalars(select(Donation)).one()
    assert (donation.account_id, donation.source) == (giver.id, "cash")


def test_without_an_address_the_receipt_is_downloaded(staff: FlaskClient) -> None:
    values = VALUES | {"email": ""}
    confirm = send(staff, "/staff/gifts/new", page=NEW, action="/staff/gifts/new", **values)
    assert "no letter is sent" in confirm.text
    said = form_of(confirm, action="/staff/gifts/new")
    done = staff.post("/staff/gifts/new", data=said | {"yes": "yes"}, follow_redirects=True)
    assert "no-address.invalid" not in done.text
    donation_id = db.session.scalars(select(Donation.id)).one()
    pdf = staff.get(f"/staff/gifts/{donation_id}/receipt.pdf")
    assert pdf.data.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("name", "", "Type the name"),
        ("email", "olena", "Check the address"),
        ("amount", "", "Type the amount."),
        ("amount", "-5", "such as 7.50"),
        ("amount", "5,000", "such as 7.50"),
        ("currency", "CHF", "Not a valid choice"),
        ("received_on", "tomorrow", "Write the day as year, month, day"),
        ("received_on", "2090-01-01", "This day is in the future"),
        ("received_on", "1990-01-01", "Check the year"),
        ("reference", "x" * 141, "140 characters"),
    ],
)
def test_what_cannot_be_entered_is_said_beside_its_field(
    staff: FlaskClient, name: str, value: str, said: str
) -> None:
    values = VALUES | {name: value}
    answer = send(staff, "/staff/gifts/new", page=NEW, action="/staff/gifts/new", **values)
    assert answer.status_code == 422
    assert said in answer.text
    assert donations() == 0


@pytest.mark.parametrize("giver", ["999", "abc", "9" * 30])
def test_a_giver_who_is_not_there_is_no_page(staff: FlaskClient, giver: str) -> None:
    assert staff.get(f"/staff/gifts/new?giver={giver}").status_code == 404
    values = form_of(staff.get(NEW), action="/staff/gifts/new") | VALUES | {"giver": giver}
    assert staff.post("/staff/gifts/new", data=values | {"yes": "yes"}).status_code == 404


def test_finance_takes_a_gift_back_with_a_reason(finance: FlaskClient) -> None:
    line, giver = a_line(), a_reader()
    booked = lines.book({line.id: Giver(giver.id)}, by=giver.id, sure=False, now=NOW)
    path = f"/staff/gifts/{booked.donations[0].id}"
    refused = send(finance, f"{path}/take-back")
    assert "Write why" in refused.text
    done = finance.get(send(finance, f"{path}/take-back", reason="The wrong Olena").location)
    assert "The wrong Olena" in done.text
    assert "Take this gift back" not in done.text
    assert "taken back" in finance.get("/staff/gifts").text
    again = send(finance, f"{path}/take-back", reason="Again")
    assert "was taken back before" in finance.get(again.location).text
    assert len(db.session.scalars(select(Adjustment)).all()) == 1
    assert lines.count_waiting() == 1


def test_a_fundraiser_enters_gifts_and_takes_none_back(staff: FlaskClient) -> None:
    donation = outside.enter(a_gift(), by=a_reader().id, sure=False, now=NOW)
    page = staff.get(f"/staff/gifts/{donation.id}").text
    assert "Take this gift back" not in page
    assert staff.get(f"/staff/gifts/{donation.id}/take-back").status_code == 403
    assert "Bank statements" not in page


def test_a_donation_of_stripe_is_not_among_them(staff: FlaskClient) -> None:
    assert staff.get("/staff/gifts/1").status_code == 404
    assert "No gift yet" in staff.get("/staff/gifts").text
