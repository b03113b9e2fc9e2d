"""Asking to reprint and looking a permission up, as a reader without JavaScript does it."""

import hashlib
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.reprints import permissions
from app.reprints.models import ReprintPermission, ReprintRequest
from app.shield import counters
from app.shield.counters import Counts
from app.shield.proofs import NUMBERS
from tests.builders import AUGUST, a_patron, a_reader, a_staff_member, signed_in
from tests.pages import form_of, send
from tests.reprints.builders import TYPED, a_request, granted


def ask(client: FlaskClient, **typed: str) -> TestResponse:
    """Fill in the form and send it."""
    return send(client, "/reprint", action="/reprint", **{**TYPED, **typed})


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(ReprintRequest)) or 0


def test_the_page_tells_the_rule_and_the_footer_leads_there(client: FlaskClient) -> None:
    page = client.get("/reprint").text
    assert "A link to our page and up to 500 characters of the text are free" in page
    assert "within 7 days" in page
    assert 'href="/reprint"' in client.get("/patrons").text


def test_a_request_reaches_the_newsroom_as_it_was_typed(client: FlaskClient) -> None:
    answer = ask(client)
    assert (answer.status_code, answer.location) == (303, "/reprint/sent")
    assert "Our answer goes to ann@nordic.example.org." in client.get("/reprint/sent").text
    one = db.session.scalars(select(ReprintRequest)).one()
    kept = (one.name, one.organisation, one.place, one.articles, one.purpose, one.locale)
    named = ("name", "organisation", "place", "articles", "purpose", "language")
    assert kept == tuple(TYPED[each] for each in named)
    assert db.session.get_one(Account, one.account_id).email == TYPED["email"]


def test_the_same_form_sent_twice_asks_once(client: FlaskClient) -> None:
    values = form_of(client.get("/reprint"), action="/reprint") | TYPED
    for _ in range(2):
        assert client.post("/reprint", data=values).status_code == 303
    assert count() == 1


def test_what_a_stranger_types_changes_nothing_of_an_account(client: FlaskClient) -> None:
    taras = a_patron(TYPED["email"], name="Taras Koval", locale="uk")
    ask(client, name="Somebody Else")
    db.session.refresh(taras)
    assert (taras.name, taras.locale) == ("Taras Koval", "uk")
    assert db.session.scalars(select(ReprintRequest)).one().account_id == taras.id


def test_who_is_signed_in_finds_name_and_address_filled_in(client: FlaskClient) -> None:
    signed_in(client, a_reader("olena@example.org", name="Olena Marchenko"))
    form = form_of(client.get("/reprint"), action="/reprint")
    assert (form["name"], form["email"]) == ("Olena Marchenko", "olena@example.org")


def test_a_long_address_in_letters_is_taken_as_a_browser_copies_it(client: FlaskClient) -> None:
    address = "https://vilnyi-holos.example/" + "%D1%80%D1%96%D1%87%D0%BA%D0%B0-" * 30
    assert ask(client, articles=address).status_code == 303
    assert count() == 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"name": " "}, "Write your name, so that we know whom we answer."),
        ({"email": "ann"}, "Check the address"),
        ({"email": "ann@mailinator.com"}, "kept for minutes only"),
        ({"place": ""}, "Write where it will appear"),
        ({"articles": "\n \n"}, "Name at least one article"),
        ({"articles": "\n".join(map(str, range(21)))}, "the twenty most important"),
        ({"articles": "a" * 501}, "one article on each line"),
        ({"purpose": "a" * 2001}, "Shorten this to 2000 characters."),
        ({"language": "tlh"}, "Not a valid choice"),
        ({"website": "https://robot.example"}, "a trap for robots"),
        ({"stamp": "1.00"}, "This page was open for long."),
    ],
)
def test_what_needs_correcting_is_said_and_what_was_typed_stays(
    client: FlaskClient, changed: dict[str, str], error: str
) -> None:
    answer = ask(client, **changed)
    assert answer.status_code == 422
    assert error in answer.text
    for field in ("organisation", "place", "purpose"):
        if field not in changed:
            assert TYPED[field] in answer.text
    assert count() == 0


def test_markup_is_shown_as_it_was_typed(app: Flask, client: FlaskClient) -> None:
    ask(client, purpose="<script>alert(1)</script> and more", articles="javascript:alert(1)")
    one = db.session.scalars(select(ReprintRequest)).one()
    editor = signed_in(app.test_client(), a_staff_member("editor"))
    page = editor.get(f"/staff/reprints/{one.id}").text
    assert "&lt;script&gt;alert(1)" in page
    assert 'href="javascript' not in page


def test_who_sends_many_waits_and_loses_nothing_typed(client: FlaskClient) -> None:
    for number in range(5):
        assert ask(client, email=f"ann{number}@example.org").status_code == 303
    answer = ask(client, email="ann9@example.org")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Yours is still here" in answer.text
    assert TYPED["purpose"] in answer.text
    assert count() == 5
    assert "js/proof.js" in answer.text
    # A browser that does the work is let through.
    form = form_of(answer, action="/reprint")
    solved = form | {"purpose": TYPED["purpose"], "articles": TYPED["articles"]}
    solved |= {"language": "en", "proof": solve(form["proof_task"])}
    assert client.post("/reprint", data=solved).status_code == 303
    assert count() == 6


def solve(task: str) -> str:
    """Find what a browser finds."""
    salt, _, digest, _ = task.split(".")
    return next(
        str(number)
        for number in range(NUMBERS)
        if hashlib.sha256(f"{salt}{number}".encode()).hexdigest() == digest
    )


def test_while_the_shield_is_up_the_browser_works_and_others_are_taken_seldom(
    client: FlaskClient,
) -> None:
    counters.put_up(Counts(), utcnow())
    assert "data-proof-waiting" in client.get("/reprint").text
    sent = [ask(client, email=f"ann{number}@example.org").status_code for number in range(3)]
    assert sent == [303, 303, 429]


def test_nobody_sees_where_an_answer_goes_but_who_asked(app: Flask, client: FlaskClient) -> None:
    ask(client)
    assert app.test_client().get("/reprint/sent").location == "/reprint"


def test_whoever_has_the_number_reads_the_permission(client: FlaskClient) -> None:
    permission = granted(conditions="Not before 1 September.", valid_until=None)
    page = client.get(f"/reprint/permission/{permission.number}")
    said = (
        "Nordic Review",
        "Valid",
        "without an end",
        "nordic.example.org, the monthly issue",
        "Vilnyi Holos, https://vilnyi-holos.example",
        "The text stays as it is; a translation stays true to it.",
        "Not before 1 September.",
        'href="https://news.example.org/bread" rel="nofollow noopener ugc"',
        "The winter of the power plants",
    )
    for part in said:
        assert part in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    for private in ("Ann Berg", TYPED["email"], TYPED["purpose"]):
        assert private not in page.text


def test_a_number_is_found_however_it_is_typed(client: FlaskClient) -> None:
    permission = granted()
    typed = f" {permission.number.lower()} "
    answer = client.get("/reprint/permission", query_string={"number": typed})
    assert answer.location == f"/reprint/permission/{permission.number}"


def test_numbers_cannot_be_walked(client: FlaskClient) -> None:
    first, second = granted(), granted()
    swapped = first.number.replace(first.check_part, second.check_part)
    wrong_year = first.number.replace("RP-2026", "RP-2025")
    for number in (swapped, wrong_year, f"RP-2026-{'9' * 12}-{first.check_part}", "RP-2026-000001"):
        assert client.get(f"/reprint/permission/{number}").status_code == 404
        assert permissions.look_up(number) is None
    assert client.get("/reprint/permission?number=1").status_code == 404


def test_an_expired_permission_says_so(client: FlaskClient) -> None:
    permission = granted(valid_until=AUGUST.date())
    page = client.get(f"/reprint/permission/{permission.number}").text
    assert "Expired" in page


def test_a_withdrawn_permission_says_so_with_its_reason(client: FlaskClient) -> None:
    permission = granted()
    editor = a_staff_member("editor")
    permissions.withdraw(
        permission.request_id, "The text was cut to mislead.", by=editor.id, now=AUGUST
    )
    page = client.get(f"/reprint/permission/{permission.number}").text
    assert "Withdrawn on August 3, 2026:" in page
    assert "The text was cut to mislead." in page


def test_a_form_without_its_key_is_shown_again(client: FlaskClient) -> None:
    answer = ask(client, request_key="none")
    assert answer.status_code == 422
    assert uuid.UUID(form_of(answer, action="/reprint")["request_key"]).version == 4


def test_a_request_makes_one_account_for_one_address(client: FlaskClient) -> None:
    a_request()
    ask(client, email=TYPED["email"].upper())
    assert len(set(db.session.scalars(select(ReprintRequest.account_id)))) == 1
    assert db.session.scalar(select(func.count()).select_from(ReprintPermission)) == 0
