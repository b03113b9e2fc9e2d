"""Stays of patrons in words: why they are over, on which plan, and the table of their list."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, Select

from app.giving.rules import Interval
from app.reports.listing import Found
from app.reports.shape import Listing, Person, Value
from app.reports.spans import Why


def why(of: Why) -> str:
    """Write why somebody ceased to be a patron, as the head of a column."""
    return {
        Why.WISH: _("Left by own wish"),
        Why.PAYMENT: _("Lost for want of payment"),
        Why.PAUSED: _("Paused beyond the paid time"),
        Why.UNKNOWN: _("Gone for an unknown reason"),
    }[of]


def plan(of: Interval) -> str:
    """Write how often a pledge is given, as the name of a row."""
    return str(_("Monthly") if of is Interval.MONTH else _("Yearly"))


def listing(caption: str, query: Select[*tuple[Any, ...]]) -> Listing:
    """The list of the people behind a figure, a row for each stay, as `stays.listed` has them."""
    return Listing(
        caption,
        [_("Name"), _("Patron since"), _("Until"), _("Plan"), _("Why")],
        Found(query, _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.came_at,
        row.out_at,
        plan(Interval(row.plan)),
        why(Why(row.why)) if row.why else None,
    ]
