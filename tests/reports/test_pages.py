"""The pages staff read: who gets in, what they ask of the database, what bad requests get."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.accounts.models import Role
from app.clock import utcnow
from app.demo import filling
from app.extensions import db
from app.reports.rollups import following
from app.reports.rollups.catalogue import ROLLUPS
from tests.builders import a_patron, a_pledge, a_reader, a_staff_member, signed_in
from tests.reports.entries import a_donation

KYIV = ZoneInfo("Europe/Kyiv")
FIGURES = ("/staff", "/staff/chart.svg?of=patrons")
PEOPLE = ("/staff/supporters", "/staff/supporters.csv")


@contextmanager
def _statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def listener(*args: Any) -> None:
        seen.append(args[2])

    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)


@pytest.mark.parametrize("path", FIGURES + PEOPLE)
def test_who_is_signed_out_is_led_to_the_sign_in_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=")


@pytest.mark.parametrize("path", FIGURES + PEOPLE)
def test_a_patron_is_refused(client: FlaskClient, path: str) -> None:
    signed_in(client, a_patron())

    assert client.get(path).status_code == 403


@pytest.mark.parametrize("role", list(Role))
def test_all_staff_see_figures_and_only_who_works_with_people_sees_them(
    client: FlaskClient, role: Role
) -> None:
    a_patron(name="Соломія Їжакевич", started_at=utcnow() - timedelta(minutes=1))
    signed_in(client, a_staff_member(role))

    for path in FIGURES:
        assert client.get(path).status_code == 200
    expected = 403 if role is Role.EDITOR else 200
    for path in PEOPLE:
        assert client.get(path).status_code == expected
    page = client.get("/staff").text
    assert ("Соломія Їжакевич" in page) is (role is not Role.EDITOR)
    assert ("/staff/supporters" in page) is (role is not Role.EDITOR)


#: For its navigation every page of the newsroom asks what waits: acts to approve, and corrections.
OF_THE_FRAME = 2


def test_the_monday_page_asks_the_database_at_most_sixteen_questions_of_its_own(
    app: Flask, client: FlaskClient
) -> None:
    filling.fill(now=utcnow(), zone=KYIV)
    signed_in(client, a_staff_member())
    # Whoever reads first also brings the sums up to what was just filled in, as far as time allows.
    while not following.follow(ROLLUPS):
        pass
    client.get("/staff")
    client.get("/staff/supporters")

    with _statements() as asked:
        page = client.get("/staff")

    assert page.status_code == 200
    assert len(asked) <= 16 + OF_THE_FRAME, "\n".join(asked)
    with _statements() as asked:
        client.get("/staff/supporters?filter=patrons&q=о")
    assert len(asked) <= 4 + OF_THE_FRAME, "\n".join(asked)


def test_an_empty_newsroom_is_told_what_will_be_here(client: FlaskClient) -> None:
    signed_in(client, a_staff_member())

    home, people = client.get("/staff"), client.get("/staff/supporters")

    assert "No gifts yet" in home.text
    assert "<object" not in home.text
    assert "No supporters yet" in people.text
    assert client.get("/staff/chart.svg?of=patrons").status_code == 200
    rows = client.get("/staff/supporters.csv").text.splitlines()
    assert len(rows) == 1


def test_the_page_shows_each_currency_by_itself(client: FlaskClient) -> None:
    now = utcnow()
    giver = a_patron(amount_minor=500)
    a_patron(amount_minor=20_000, currency="UAH")
    a_donation(giver, at=now - timedelta(seconds=30), minor=500)
    signed_in(client, a_staff_member())

    page = client.get("/staff").text

    assert re.search(r'class="value">€5<.*class="value">₴200<', page, re.DOTALL)
    assert "The fee of 1 gift is not known yet." in page


def test_two_pledges_of_one_person_are_shown_as_needing_attention(client: FlaskClient) -> None:
    a_pledge(a_patron(name="Остап Мороз"))
    signed_in(client, a_staff_member())

    assert "Patrons with more than one pledge" in client.get("/staff").text
    assert "Остап Мороз" in client.get("/staff/supporters?filter=twice").text


def test_the_chart_holds_no_style_and_no_script_of_its_own(app: Flask, client: FlaskClient) -> None:
    filling.fill(now=utcnow(), zone=KYIV)
    signed_in(client, a_staff_member())

    for name in ("patrons", "EUR", "UAH"):
        answer = client.get(f"/staff/chart.svg?of={name}")
        assert answer.mimetype == "image/svg+xml"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        drawing = ElementTree.fromstring(answer.data)
        for element in drawing.iter():
            assert not element.tag.endswith("}style")
            assert "style" not in element.attrib
            assert not any(key.startswith("on") for key in element.attrib)
            if element.tag.endswith("}script"):
                assert not element.text
                assert client.get(element.attrib["href"]).status_code == 200
        assert len(drawing.findall(".//*[@class='bar']")) == 12
        for sheet in re.findall(r'<\?xml-stylesheet .*href="([^"]+)"', answer.text):
            assert client.get(sheet).mimetype == "text/css"


@pytest.mark.parametrize("name", ["", "JPY", "<script>", "patrons2"])
def test_a_chart_there_is_not_is_not_found(client: FlaskClient, name: str) -> None:
    a_donation(a_reader(), at=utcnow())
    signed_in(client, a_staff_member())

    assert client.get("/staff/chart.svg", query_string={"of": name}).status_code == 404
    home = client.get("/staff", query_string={"chart": name})
    assert home.status_code == 200
    assert "/staff/chart.svg?of=patrons" in home.text


def test_the_table_beside_the_chart_has_the_same_months_and_sums(client: FlaskClient) -> None:
    a_donation(a_patron(), at=utcnow() - timedelta(seconds=5), minor=123_456)
    signed_in(client, a_staff_member())

    page = client.get("/staff?chart=EUR").text

    assert "/staff/chart.svg?of=EUR" in page
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert table.count("<tr>") == 12
    assert "€1,234.56" in table


def test_the_monday_page_may_embed_the_chart_and_nothing_else(client: FlaskClient) -> None:
    signed_in(client, a_staff_member())

    answer = client.get("/staff")

    policy = answer.headers["Content-Security-Policy"]
    assert "object-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
