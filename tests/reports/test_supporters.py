"""The list of supporters and its file: searched, by pages, and safe in any spreadsheet."""

import csv
import io
import re
import zipfile
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import accounts
from app.accounts.models import Role
from app.clock import utcnow
from app.demo import filling
from app.extensions import db
from app.giving.models import Pledge
from app.mailer import NOWHERE
from app.reports import supporters
from tests.builders import a_patron, a_reader, a_staff_member, signed_in
from tests.reports.entries import a_donation

KYIV = ZoneInfo("Europe/Kyiv")


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("ґудзь", ["Максим Ґудзь"]),
        ("МАКС", ["Максим Ґудзь"]),
        ("їжак", ["Ганна Їжак"]),
        ("%", ["Percent 100%"]),
        ("_", ["Under_score"]),
        ("\\", ["Back\\slash"]),
        ("odd+tag@", ["Under_score"]),
        ("  ганна  ", ["Ганна Їжак"]),
        ("nobody", []),
        ("'; DROP TABLE account; --", []),
    ],
)
def test_search_finds_parts_of_names_and_addresses_as_they_are_typed(
    client: FlaskClient, part: str, found: list[str]
) -> None:
    a_patron("maksym@example.org", name="Максим Ґудзь")
    a_patron("hanna@example.org", name="Ганна Їжак")
    a_patron("percent@example.org", name="Percent 100%")
    a_patron("odd+tag@example.org", name="Under_score")
    a_patron("back@example.org", name="Back\\slash")
    signed_in(client, a_staff_member())

    page = client.get("/staff/supporters", query_string={"q": part})

    assert page.status_code == 200
    names = re.findall(r'<th scope="row"><a href="[^"]+">(.+?)</a> <span', page.text)
    assert names == found


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "page=x",
        "filter=nobody",
        "sort=shoe-size",
        "q=%01",
        "q=" + "x" * 5000,
        "q=%F0%9F%92%99",
        "q=%ff",
    ],
)
def test_a_request_that_makes_no_sense_gets_the_list_and_no_error(
    client: FlaskClient, query: str
) -> None:
    a_patron()
    signed_in(client, a_staff_member())

    assert client.get(f"/staff/supporters?{query}").status_code == 200
    assert client.get(f"/staff/supporters.csv?{query}").status_code == 200


def test_pages_of_the_list_lead_to_each_other_and_keep_what_was_asked(
    client: FlaskClient, app: Flask
) -> None:
    for number in range(supporters.PER_PAGE + 1):
        a_patron(name=f"Reader {number:03d}")
    signed_in(client, a_staff_member())

    first = client.get("/staff/supporters?q=reader&sort=name").text
    link = re.search(r'href="([^"]+)" rel="next"', first)
    assert link is not None
    second = client.get(link.group(1).replace("&amp;", "&")).text

    assert "Reader 000" in first
    assert re.findall(r"Reader \d+", second) == ["Reader 050"]
    assert 'rel="prev"' in second


def test_the_file_holds_the_list_with_cells_that_no_spreadsheet_runs(client: FlaskClient) -> None:
    now = utcnow()
    giver = a_patron("hanna@example.org", name='=HYPERLINK("http://evil.test")', article="@sum")
    pledge = db.session.query(Pledge).one()
    a_donation(giver, at=now, minor=500, pledge=pledge)
    a_donation(giver, at=now, minor=12_345, currency="UAH")
    a_donation(a_reader("once@example.org", name="Їжак, Ганна"), at=now, minor=1000)
    signed_in(client, a_staff_member(Role.FINANCE))

    answer = client.get("/staff/supporters.csv?sort=name")

    assert answer.mimetype == "text/csv"
    assert answer.headers["Cache-Control"] == "no-store"
    day = now.astimezone(KYIV).date()
    assert f'filename="supporters-{day}.csv"' in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff")
    head, first, second = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert head[:3] == ["Name", "E-mail", "State"]
    assert first[:6] == [
        '\'=HYPERLINK("http://evil.test")',
        "hanna@example.org",
        "Patron",
        "5.00",
        "EUR",
        "month",
    ]
    assert first[10] == "5.00 EUR; 123.45 UAH"
    assert first[12] == "'@sum"
    assert second[:3] == ["Їжак, Ганна", "once@example.org", "Gave once"]

    book = zipfile.ZipFile(io.BytesIO(client.get("/staff/supporters.xlsx?sort=name").data))
    assert '<c r="D2"><v>5.00</v></c>' in book.read("xl/worksheets/sheet1.xml").decode()


def test_who_was_entered_by_name_alone_is_listed_without_an_address(client: FlaskClient) -> None:
    giver = accounts.make_without_address(name="Їжак, Ганна", locale="uk")
    a_donation(giver, at=utcnow() - timedelta(seconds=5))
    signed_in(client, a_staff_member())

    assert NOWHERE not in client.get("/staff/supporters").text
    assert "no address" in client.get("/staff/supporters").text
    assert "Їжак" not in client.get("/staff/supporters?q=invalid").text
    _head, row = csv.reader(io.StringIO(client.get("/staff/supporters.csv").text))
    assert row[:2] == ["Їжак, Ганна", ""]


def test_the_file_holds_everyone_however_many(app: Flask, client: FlaskClient) -> None:
    made = filling.fill(now=utcnow(), zone=KYIV)
    signed_in(client, a_staff_member())

    rows = client.get("/staff/supporters.csv").text.splitlines()

    assert len(rows) == made.supporters + 1
