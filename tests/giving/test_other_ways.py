"""Other ways to support: what readers see, and how staff keep it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import audit
from app.accounts.models import Role
from app.giving.books import references
from app.giving.models import OtherWay
from app.giving.ways import other_ways
from app.giving.ways.other_ways import Kind, Words
from tests.builders import AUGUST, a_reader, a_staff_member, signed_in
from tests.pages import form_of, send

IBAN = "DE02 1203 0000 0000 2020 51"


def a_way(title: str = "Bank transfer", kind: Kind = Kind.BANK, details: str = "") -> OtherWay:
    """A way that readers see."""
    words = Words(kind, {"en": title, "uk": ""}, {"en": "", "uk": ""}, details)
    return other_ways.add(words, by=a_staff_member("finance").id, now=AUGUST)


def titles(browser: FlaskClient, path: str = "/other-ways") -> list[str]:
    """The titles on the readers' page, from the top."""
    parts = browser.get(path).text.split('<section class="card">')[1:]
    return [part.partition("<h2>")[2].partition("</h2>")[0] for part in parts]


@pytest.fixture
def staff(client: FlaskClient) -> FlaskClient:
    """The browser of a fundraiser."""
    return signed_in(client, a_staff_member("fundraiser"))


def test_a_newsroom_without_other_ways_says_so(client: FlaskClient) -> None:
    assert "Others will be listed here." in client.get("/other-ways").text
    assert 'href="/other-ways"' in client.get("/give").text


def test_readers_see_what_to_copy_line_by_line(client: FlaskClient) -> None:
    a_way(details=f"Recipient: Vilnyi Holos\nIBAN: {IBAN}\nhttps://bank.example/pay?a=1&b=2")
    page = client.get("/other-ways").text
    assert "<dt>IBAN</dt>" in page
    assert IBAN in page
    assert 'href="https://bank.example/pay?a=1&amp;b=2"' in page
    assert 'rel="nofollow noopener"' in page


def test_what_staff_wrote_is_text_and_not_markup(client: FlaskClient) -> None:
    a_way("<b>Bank</b>", details="<script>alert(1)</script>: x\nSee: javascript:alert(1)")
    page = client.get("/other-ways").text
    assert "<script>alert" not in page
    assert "&lt;b&gt;Bank" in page
    assert 'href="javascript' not in page


def test_a_language_without_words_shows_the_other(client: FlaskClient) -> None:
    a_way("Bank transfer")
    assert titles(client, "/other-ways?lang=uk") == ["Bank transfer"]


def test_a_signed_in_reader_learns_the_own_reference(client: FlaskClient) -> None:
    a_way()
    assert "RF" not in client.get("/other-ways").text
    reader = a_reader()
    assert references.of_account(reader.id) in signed_in(client, reader).get("/other-ways").text


@pytest.mark.parametrize(
    ("kind", "details", "has_code"),
    [
        (Kind.BANK, f"IBAN: {IBAN}", True),
        (Kind.BANK, "IBAN: UA213223130000026007233566001", False),
        (Kind.BANK, "Account: 1234567", False),
        (Kind.CRYPTO, "Network: main\nAddress: bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", True),
        (Kind.CRYPTO, "", False),
        (Kind.PAYPAL, "donate@example.org", False),
    ],
)
def test_apps_of_banks_and_wallets_scan_a_code(
    client: FlaskClient, kind: Kind, details: str, has_code: bool
) -> None:
    way = a_way(kind=kind, details=details)
    answer = client.get(f"/other-ways/{way.id}.svg")
    assert answer.status_code == (200 if has_code else 404)
    assert ("<img" in client.get("/other-ways").text) is has_code
    if has_code:
        assert answer.mimetype == "image/svg+xml"


def test_a_hidden_way_has_no_code_and_is_on_no_page(client: FlaskClient) -> None:
    way = a_way(details=f"IBAN: {IBAN}")
    other_ways.hide(way.id, hidden=True, by=a_reader().id, now=AUGUST)
    assert client.get(f"/other-ways/{way.id}.svg").status_code == 404
    assert titles(client) == []


@pytest.mark.parametrize(
    ("value", "right"),
    [
        (IBAN, True),
        ("UA213223130000026007233566001", True),
        ("DE03120300000000202051", False),
        ("GB82 WEST 1234 5698 7654 32", True),
        ("donate@example.org", False),
    ],
)
def test_an_iban_is_known_by_its_check_digits(value: str, right: bool) -> None:
    assert other_ways.is_iban(value) is right


def test_staff_add_change_order_hide_and_show_and_all_is_in_the_log(
    app: Flask, staff: FlaskClient
) -> None:
    assert "No other way yet" in staff.get("/staff/other-ways").text
    values = {"kind": "bank", "title_en": "Bank", "details": f"IBAN: {IBAN}"}
    assert send(staff, "/staff/other-ways/new", **values).status_code == 303
    send(staff, "/staff/other-ways/new", kind="paypal", title_uk="Пейпал")
    assert titles(staff) == ["Bank", "Пейпал"]
    token = {"csrf_token": form_of(staff.get("/staff/other-ways"))["csrf_token"]}
    staff.post("/staff/other-ways/2/up", data=token)
    assert titles(staff) == ["Пейпал", "Bank"]
    staff.post("/staff/other-ways/2/up", data=token)
    assert titles(staff) == ["Пейпал", "Bank"], "the first stays the first"
    staff.post("/staff/other-ways/2/hide", data=token)
    assert titles(staff) == ["Bank"]
    assert "hidden" in staff.get("/staff/other-ways").text
    staff.post("/staff/other-ways/2/show", data=token)
    staff.post("/staff/other-ways/2/show", data=token)
    assert titles(staff) == ["Пейпал", "Bank"]
    send(staff, "/staff/other-ways/1", details="IBAN: GB82WEST12345698765432")
    acts = [entry.act for entry in audit.of_subject("other_way", 2)]
    assert acts == ["other_way_shown", "other_way_hidden", "other_way_moved", "other_way_added"]
    added = audit.of_subject("other_way", 1)[-1]
    assert added.details == {"kind": "bank", "after": f"IBAN: {IBAN}"}
    changed = audit.of_subject("other_way", 1)[0]
    assert changed.details == {"before": f"IBAN: {IBAN}", "after": "IBAN: GB82WEST12345698765432"}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"title_en": "Bank"}, "Choose what it is."),
        ({"kind": "bank"}, "Write a title"),
        ({"kind": "bank", "title_en": "B", "details": "IBAN: DE03120300000000202051"}, "are wrong"),
        ({"kind": "bank", "title_en": "x" * 121}, "120 characters"),
    ],
)
def test_a_way_with_a_slip_in_it_is_not_shown_to_readers(
    staff: FlaskClient, values: dict[str, str], said: str
) -> None:
    answer = send(staff, "/staff/other-ways/new", **values)
    assert answer.status_code == 422
    assert said in answer.text
    assert titles(staff) == []


@pytest.mark.parametrize("role", [Role.EDITOR, None])
def test_only_who_keeps_it_may_change_it(client: FlaskClient, role: Role | None) -> None:
    signed_in(client, a_reader(role=role))
    assert client.get("/staff/other-ways").status_code == 403
