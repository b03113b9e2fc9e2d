"""Language, dates and money as readers see them."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from app.localisation import format_day, format_moment, format_money, format_month
from app.money import Money
from tests.builders import a_reader, signed_in

NEW_YEARS_EVE = datetime(2026, 12, 31, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "english", "ukrainian"),
    [
        (Money(500, "EUR"), "€5", "5 €"),
        (Money(750, "EUR"), "€7.50", "7,50 €"),
        (Money(10_000_00, "UAH"), "₴10,000", "10 000 ₴"),
        (Money(1500, "JPY"), "¥1,500", "1 500 ¥"),
        (Money(1200, "USD"), "$12", "12 USD"),
    ],
)
def test_money_is_written_as_the_language_does(
    app: Flask, amount: Money, english: str, ukrainian: str
) -> None:
    with force_locale("en"):
        assert format_money(amount) == english
    with force_locale("uk"):
        assert format_money(amount).replace("\xa0", " ") == ukrainian


def test_days_and_months_are_the_newsrooms(app: Flask) -> None:
    with force_locale("en"):
        assert format_day(NEW_YEARS_EVE) == "January 1, 2027"
        assert format_month(NEW_YEARS_EVE) == "January 2027"
        assert format_moment(NEW_YEARS_EVE) == "January 1, 2027, 00:30 Kyiv time"
    with force_locale("uk"):
        assert format_day(date(2026, 3, 9)).startswith("9 березня 2026")
        assert format_moment(NEW_YEARS_EVE).endswith("00:30 за Києвом")


def language(client: FlaskClient, path: str = "/give", **headers: str) -> str:
    text = client.get(path, headers=headers).text
    return "uk" if '<html lang="uk">' in text else "en"


def test_the_language_is_what_was_asked_for_then_kept_then_the_browsers(
    client: FlaskClient,
) -> None:
    ukrainian = {"Accept-Language": "uk-UA,uk;q=0.9,en;q=0.5"}
    assert language(client) == "en"
    assert language(client, **ukrainian) == "uk"
    assert language(client, "/give?lang=en", **ukrainian) == "en"
    assert language(client, **ukrainian) == "en"
    assert language(client, "/give?lang=xx") == "en"


def test_who_is_signed_in_sees_the_accounts_language(client: FlaskClient) -> None:
    assert language(signed_in(client, a_reader(locale="uk"))) == "uk"


def test_the_other_language_keeps_the_page(client: FlaskClient) -> None:
    page = client.get("/give?article=x&lang=en").text
    assert "/give?article=x&amp;lang=uk" in page
