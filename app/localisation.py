"""Language, dates and money as a reader sees them; days and months in the newsroom's zone."""

from datetime import date, datetime
from urllib.parse import quote, urlencode

from babel.dates import format_date, format_skeleton
from babel.numbers import format_currency
from flask import Flask, Response, g, has_request_context, request
from flask_babel import get_locale
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.current import newsroom, zone
from app.extensions import babel
from app.money import Money, exponent
from config.newsroom import LANGUAGES

COOKIE = "lang"
#: Signs that are plain to everyone, where a language's own data has only the code.
SIGNS = {"EUR": "€", "GBP": "£", "UAH": "₴"}
YEAR_SECONDS = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Choose each page's language and give templates their filters."""
    babel.init_app(
        app, locale_selector=select_locale, default_translation_directories="translations"
    )
    app.add_template_filter(format_money, "money")
    app.add_template_filter(format_day, "date")
    app.add_template_filter(format_moment, "datetime")
    app.add_template_filter(format_month, "month")
    app.after_request(_keep_choice)


def select_locale() -> str:
    """Return what the reader asked for: now, earlier, in the account, or in the browser."""
    if not has_request_context():
        return next(iter(LANGUAGES))
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        g.chosen_language = asked
        return asked
    kept = request.cookies.get(COOKIE, "")
    if kept in LANGUAGES:
        return kept
    if current_user.is_authenticated:
        return str(current_user.locale)
    return browser_locale()


def browser_locale() -> str:
    """Return the language the browser prefers, of ours. Needs no database."""
    return request.accept_languages.best_match(LANGUAGES) or next(iter(LANGUAGES))


def current_locale() -> str:
    """Return the code of the language this page or letter is written in."""
    locale = get_locale()
    return locale.language if locale else next(iter(LANGUAGES))


def language_links() -> list[tuple[str, str, str]]:
    """Return (code, name, address of this page) for every language."""
    args = MultiDict(request.args)
    # Quoted: browsers read a backslash after the first slash as the start of another site's name.
    path = quote(request.path)
    links = []
    for code, name in LANGUAGES.items():
        args["lang"] = code
        links.append((code, name, f"{path}?{urlencode(list(args.items(multi=True)))}"))
    return links


def format_money(amount: Money) -> str:
    """Write money as the language does; whole amounts without decimals ("€5", "5 €")."""
    locale = get_locale()
    assert locale is not None, "a page or letter has a language"
    pattern = str(locale.currency_formats["standard"].pattern)
    if exponent(amount.currency) == 0 or amount.minor % 100 == 0:
        pattern = pattern.replace("0.00", "0")
    return str(
        format_currency(
            amount.major, amount.currency, format=pattern, locale=locale, currency_digits=False
        )
    ).replace(amount.currency, SIGNS.get(amount.currency, amount.currency))


def format_day(day: date | datetime) -> str:
    """Write a day with its month's name and year, in the newsroom's zone."""
    if isinstance(day, datetime):
        day = day.astimezone(zone()).date()
    return format_date(day, "long", locale=current_locale())


def format_moment(moment: datetime) -> str:
    """Write a day and time in the newsroom's zone, and which zone that is."""
    time = moment.astimezone(zone()).strftime("%H:%M")
    label = newsroom().time_label.within(current_locale())
    return f"{format_day(moment)}, {time} {label}"


def format_month(day: date | datetime) -> str:
    """Write a month and its year, as it stands alone."""
    if isinstance(day, datetime):
        day = day.astimezone(zone()).date()
    return format_skeleton("yMMMM", day, locale=current_locale())


def words() -> dict[str, object]:
    """Return the newsroom's words in this page's language, for templates."""
    house, locale = newsroom(), current_locale()
    return {
        "name": house.name.within(locale),
        "tagline": house.tagline.within(locale),
        "legal_name": house.legal_name,
        "address": house.address,
        "registration": house.registration,
        "contact_email": house.contact_email,
        "website": house.website,
        "logo_url": house.logo_url,
    }


def _keep_choice(response: Response) -> Response:
    chosen = g.pop("chosen_language", None)
    if chosen:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=YEAR_SECONDS,
            secure=request.is_secure,
            httponly=True,
            samesite="Lax",
        )
    return response
