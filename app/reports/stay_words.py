"""Stays of patrons in words: why they are over, on which plan, and the table of their list."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.giving.rules import Interval
from app.reports.shape import Person, Table
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


def table(caption: str, rows: Sequence[Row[tuple[Any, ...]]]) -> Table:
    """The list of the people behind a figure, a row for each stay."""
    return Table(
        caption,
        [_("Name"), _("Patron since"), _("Until"), _("Plan"), _("Why")],
        [
            [
                Person(row.account_id, row.name),
                row.came_at,
                row.out_at,
                plan(Interval(row.plan)),
                why(Why(row.why)) if row.why else None,
            ]
            for row in rows
        ],
    )
