"""How what a person takes is laid out: sections of rows, written as JSON and as one page alike."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import current_app
from flask_babel import LazyString
from flask_babel import gettext as _
from markupsafe import Markup

from app.localisation import format_day, format_moment, format_money, words
from app.money import Money
from app.privacy import takeout_codes

#: How the page looks: it lies alone in a folder, where no style sheet of the site is.
SHEET = """
:root { color-scheme: light dark; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.5rem; }
dl { margin: 0 0 1rem; padding: .75rem 0; border-top: 1px solid #8888; display: grid;
  grid-template-columns: minmax(8rem, 14rem) 1fr; gap: .25rem 1rem; }
dt { opacity: .75; }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
@media (max-width: 30rem) { dl { display: block; } dd { margin-bottom: .5rem; } }
"""
#: The shape of `data.json`; counts up when a key changes its meaning or goes.
VERSION = 1

Value = str | int | bool | date | datetime | Money | list[str] | None
Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing that is known about a person.

    `tables` are those it is read from, `labels` name each key of its rows for people; a key is
    never renamed. `rows` are read of the person's accounts.
    """

    key: str
    title: LazyString
    tables: tuple[str, ...]
    labels: Mapping[str, LazyString]
    rows: Callable[[Sequence[int]], Iterable[Row]]
    #: What is to be known about it beside the rows.
    note: LazyString | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Tables of which nothing is in the file, and why."""

    tables: tuple[str, ...]
    why: LazyString


@dataclass(frozen=True, slots=True)
class Filled:
    """A section with its rows."""

    section: Section
    rows: list[Row]


def fill(sections: Iterable[Section], account_ids: Sequence[int]) -> list[Filled]:
    """Read every section once: both files are written from what this returns."""
    return [Filled(one, list(one.rows(account_ids))) for one in sections]


def as_json(
    filled: Iterable[Filled], left_out: Iterable[LeftOut], *, made_at: datetime, newsroom: str
) -> str:
    """Write `data.json`: moments as ISO 8601 in UTC, money as minor units with a currency."""
    document = {
        "format": "hromada-takeout",
        "version": VERSION,
        "made_at": made_at.isoformat(),
        "newsroom": newsroom,
        "sections": {
            one.section.key: [
                {key: _plain(row.get(key)) for key in one.section.labels} for row in one.rows
            ]
            for one in filled
        },
        "left_out": [{"tables": list(one.tables), "why": str(one.why)} for one in left_out],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _plain(value: Value) -> Any:
    match value:
        case Money():
            return {"minor": value.minor, "currency": value.currency}
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


def as_page(
    filled: Sequence[Filled], left_out: Sequence[LeftOut], *, made_at: datetime, locale: str
) -> str:
    """Write `index.html`: the same values for people; it opens anywhere and fetches nothing."""
    # A worker answers no request, so what pages share is not asked for.
    return current_app.jinja_env.get_template("privacy/takeout_page.html").render(
        newsroom=words(),
        sheet=Markup("<style>%s</style>") % Markup(SHEET),  # noqa: S704
        filled=filled,
        left_out=left_out,
        made_at=made_at,
        locale=locale,
        written=lambda section, key, value: (
            takeout_codes.written(section, key, value)
            if isinstance(value, str) and value
            else written(value)
        ),
    )


def written(value: Value) -> str:
    """Write a value for people, in the language that is set."""
    match value:
        case None | "":
            return "–"
        case bool():
            return _("yes") if value else _("no")
        case Money():
            return format_money(value)
        case datetime():
            return format_moment(value)
        case date():
            return format_day(value)
        case list():
            return ", ".join(value) or "–"
        case _:
            return str(value)
