"""Who gives and what moved, in words: plans, and the tables of their lists."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.money import Money
from app.reports import report_words
from app.reports.givers import Plan, monthly
from app.reports.shape import Person, Share, Table


def plan(of: Plan) -> str:
    """Write how often somebody gives."""
    return {
        Plan.MONTH: _("Monthly"),
        Plan.YEAR: _("Yearly"),
        Plan.BOTH: _("Monthly and yearly"),
    }[of]


def people(caption: str, rows: Sequence[Row[tuple[Any, ...]]]) -> Table:
    """The list of who gives, as `givers.listed` has them."""
    return Table(
        caption,
        [_("Name"), _("A month"), _("By the year"), _("Plan")],
        [
            [
                Person(row.account_id, row.name),
                Money(monthly(row.yearly_minor), row.currency),
                Money(row.yearly_minor, row.currency),
                plan(Plan(row.plan)),
            ]
            for row in rows
        ],
    )


def turns(caption: str, rows: Sequence[Row[tuple[Any, ...]]]) -> Table:
    """The list of movements, as `givers.rows_of` has them."""
    return Table(
        caption,
        [_("Name"), _("Day"), _("By the year"), _("Why")],
        [
            [
                Person(row.account_id, row.name),
                row.at,
                Money(row.yearly_minor, row.currency),
                report_words.cause(row.cause),
            ]
            for row in rows
        ],
    )


def grey() -> str:
    """Say which rows are greyed."""
    return str(_("Grey: of fewer than %(count)s patrons, or not over yet.", count=Share.SMALL))
