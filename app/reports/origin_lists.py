"""The lists behind what came from where.

A key is the word, the turn, what is counted, the currency and the origin: "*" for any, or its name
after an equals sign.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, Subquery, literal, select

from app.accounts.models import Account
from app.giving.arrivals.touches import Turn
from app.giving.rules import CURRENCIES
from app.money import Money
from app.reports import article_names, beginnings, origins
from app.reports.listing import Found
from app.reports.rollups.origin_rows import CAME, KEPT, MORE, NEW, RETURNED, Origin, Word
from app.reports.shape import Asked, Listing, Person, Value

#: Any currency, any origin.
ANY = "*"
#: Gifts given once, which are no movements.
ONCE = "once"


def key(by: Origin, what: str, currency: str = ANY, origin: str | None = None) -> str:
    """Write the key of a list; without an origin it is of all."""
    name = ANY if origin is None else f"={origin}"
    return ":".join((by.word, by.turn, what, currency, name))


def came(of: str) -> str:
    """Write which kind of movement brought something."""
    return {
        NEW: _("New patrons"),
        RETURNED: _("Returned patrons"),
        MORE: _("Another pledge of a patron"),
    }[of]


def listed(asked: Asked, of: str, *, words: Sequence[Word]) -> Listing:
    """List what is behind a cell. Raises `KeyError` for a key that no table of these words has."""
    try:
        word, turn, what, currency, name = of.split(":", 4)
        by = Origin(Word(word), Turn(turn))
    except ValueError:
        raise KeyError(of) from None
    if by.word not in words or (currency != ANY and currency not in CURRENCIES):
        raise KeyError(of)
    one = origins.gifts(asked, by) if what == ONCE else origins.moved(asked, by)
    where = [] if what == ONCE else [*_which(one)[what]]
    where += [] if currency == ANY else [one.c.currency == currency]
    where += [one.c.origin == name[1:]] if name.startswith("=") else []
    return (_of_gifts if what == ONCE else _of_movements)(by, one, where)


def _which(one: Subquery) -> dict[str, tuple[ColumnElement[bool], ...]]:
    return {
        **{of: (one.c.came == of,) for of in CAME},
        **{f"kept{count}": (one.c[f"kept_{count}"],) for count in KEPT},
        "all": (),
        "known": (one.c.came == NEW, one.c.origin != ""),
    }


def _title(by: Origin, one: Subquery) -> ColumnElement[Any]:
    """The title of an origin that is an article."""
    known = by.word is Word.ARTICLE
    return (article_names.title_of(one.c.origin) if known else literal(None)).label("title")


def _name(by: Origin, row: Row[Any]) -> str:
    if by.word is Word.ARTICLE:
        return article_names.written(row.origin, row.title)
    return beginnings.origin(row.origin)


def _of_movements(by: Origin, one: Subquery, where: Sequence[ColumnElement[bool]]) -> Listing:
    query = (
        select(one, Account.name, _title(by, one))
        .join(Account, Account.id == one.c.account_id)
        .where(*where)
        .order_by(one.c.at.desc(), one.c.id.desc())
    )
    return Listing(
        _("What was brought"),
        [_("Name"), _("Day"), _("Where from"), _("What"), _("By the year"), _("Until")],
        Found(query, partial(_movement, by)),
    )


def _movement(by: Origin, row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.at,
        _name(by, row),
        came(row.came),
        Money(row.yearly_minor, row.currency),
        row.out_at,
    ]


def _of_gifts(by: Origin, one: Subquery, where: Sequence[ColumnElement[bool]]) -> Listing:
    query = (
        select(one, Account.name, _title(by, one))
        .join(Account, Account.id == one.c.account_id)
        .where(*where)
        .order_by(one.c.received_at.desc(), one.c.id.desc())
    )
    return Listing(
        _("Gifts given once"),
        [_("Name"), _("Day"), _("Where from"), _("Amount")],
        Found(query, partial(_gift, by)),
    )


def _gift(by: Origin, row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.received_at,
        _name(by, row),
        Money(row.amount_minor, row.currency),
    ]
