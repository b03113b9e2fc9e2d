"""Who gives and what moved, in words: plans, and the tables of their lists."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, Select

from app.money import Money
from app.reports import report_words
from app.reports.givers import Plan, monthly
from app.reports.listing import Found
from app.reports.shape import Figure, Listing, Person, Share, Value


def plan(of: Plan) -> str:
    """Write how often somebody gives."""
    return {
        Plan.MONTH: _("Monthly"),
        Plan.YEAR: _("Yearly"),
        Plan.BOTH: _("Monthly and yearly"),
    }[of]


def in_currency(what: str, currency: str) -> str:
    """Write what a figure of one currency is, where the figure itself does not tell which."""
    return str(_("%(what)s, %(currency)s", what=what, currency=currency))


def shares(
    label: str, sentence: str, found: Mapping[str, Share], before: Mapping[str, Share]
) -> list[Figure]:
    """A figure for the share in each currency, beside that of the period before."""
    return [
        Figure(
            in_currency(label, currency),
            [share],
            sentence,
            [before[currency]] if currency in before else [],
        )
        for currency, share in sorted(found.items())
    ]


def people(caption: str, query: Select[*tuple[Any, ...]]) -> Listing:
    """The list of who gives, as `givers.listed` has them."""
    return Listing(
        caption,
        [_("Name"), _("A month"), _("By the year"), _("Plan")],
        Found(query, _person),
    )


def _person(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        Money(monthly(row.yearly_minor), row.currency),
        Money(row.yearly_minor, row.currency),
        plan(Plan(row.plan)),
    ]


def turns(caption: str, query: Select[*tuple[Any, ...]]) -> Listing:
    """The list of movements, as `givers.rows_of` or `recurring.rows_of` has them."""
    return Listing(caption, [_("Name"), _("Day"), _("By the year"), _("Why")], Found(query, _turn))


def _turn(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.at,
        Money(row.yearly_minor, row.currency),
        report_words.cause(row.cause),
    ]


def grey() -> str:
    """Say which rows are greyed."""
    return str(_("Grey: of fewer than %(count)s patrons, or not over yet.", count=Share.SMALL))
