"""Renewal of yearly pledges: of the years that ended, how many were paid again."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.accounts.models import Role
from app.localisation import format_month
from app.money import Money
from app.reports import beginnings, periods, renewals, report_words
from app.reports.listing import Found
from app.reports.periods import ALL
from app.reports.rollups.yearly_gifts import Came
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Figure,
    Group,
    Listing,
    Person,
    Report,
    Share,
    Table,
    Value,
)

Counts = Mapping[tuple[date, Came], int]


def build(asked: Asked) -> Answer:
    """Tell for each month whose year ended, who paid again, and why the others did not."""
    found = renewals.by_month(asked)
    whole, before = _share(found), _share(renewals.by_month(asked.before()))
    ended, open_ = sum(found.values()), _of(found, Came.OPEN)
    return Answer(
        [
            Figure(
                _("Renewal rate"),
                [whole],
                _("Paid again within the days of grace, of the years that are decided."),
                [before],
            ),
            Figure(_("Years that ended"), [_opened(ended, f"{ALL}:{ALL}")]),
            Figure(
                _("Not decided yet"),
                [_opened(open_, f"{ALL}:{Came.OPEN}")],
                _("The days of grace still run; these are in no rate."),
            ),
        ],
        Chart(
            _("Yearly pledges renewed, by the month the year ended"),
            [
                (
                    report_words.short_month(month),
                    format_month(month),
                    found.get((month, Came.RENEWED), 0),
                )
                for month, _since, _until in asked.spans()
            ],
        )
        if ended
        else None,
        [_table(asked, found)],
    )


def _of(found: Counts, came: Came) -> int:
    return sum(count for (_month, one), count in found.items() if one is came)


def _share(found: Counts) -> Share:
    return Share(_of(found, Came.RENEWED), sum(found.values()) - _of(found, Came.OPEN))


def _opened(count: int, key: str) -> Value:
    return Behind(count, key) if count else count


def _table(asked: Asked, found: Counts) -> Table:
    rows: list[list[Value]] = []
    shares = []
    for month, _since, _until in asked.spans():
        of = {key: count for key, count in found.items() if key[0] == month}
        shares.append(_share(of))
        rows.append(
            [
                format_month(month),
                _opened(sum(of.values()), f"{month}:{ALL}"),
                *(_opened(_of(of, came), f"{month}:{came}") for came in Came),
                shares[-1],
            ]
        )
    muted = beginnings.muted(shares)
    return Table(
        _("Yearly pledges by the month in which the paid year ended"),
        [
            _("Month"),
            _("Years that ended"),
            *(_word(came) for came in Came),
            _("Renewal rate"),
        ],
        rows,
        beginnings.too_few() if muted else "",
        muted,
    )


def _word(came: Came) -> str:
    return {
        Came.RENEWED: _("Renewed"),
        Came.LEFT: _("Left by own wish"),
        Came.UNPAID: _("Lost for want of payment"),
        Came.OTHERWISE: _("Not paid for another reason"),
        Came.OPEN: _("Not decided yet"),
    }[came]


def listed(asked: Asked, key: str) -> Listing:
    """List years behind a count. Raises `KeyError` for a key no cell has."""
    month, word = periods.parts_of(key, 2)
    periods.span_of(asked, month)
    if word != ALL and word not in set(map(str, Came)):
        raise KeyError(key)
    first = None if month == ALL else date.fromisoformat(month)
    came = None if word == ALL else Came(word)
    return Listing(
        _("Yearly pledges whose year ended"),
        [
            _("Name"),
            _("Paid"),
            _("Amount"),
            _("The year ended"),
            _("Paid again"),
            _("What came of it"),
        ],
        Found(renewals.rows_of(asked, first, came), _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.began,
        Money(row.amount_minor, row.currency),
        row.ended,
        row.again,
        _word(Came(row.came)),
    ]


REPORT = Report(
    name="renewals",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Renewal of yearly pledges"),
    definition=lambda: _(
        "Of the years that yearly payments began and that ended in a month, how many were followed "
        "by another payment of the same pledge within the days of grace."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "It counts pledges and not people, and the newest month changes until its days of grace "
        "are over."
    ),
)
