"""Rows as they are shown: the months as chart and table, the supporters as lines of a file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from babel.dates import format_skeleton
from flask import url_for
from flask_babel import gettext as _

from app.export import Cell
from app.localisation import current_locale, format_money, format_month
from app.money import Money
from app.reports import months, words
from app.reports.chart import Bar
from app.reports.queries import Received
from app.reports.supporters import Supporter

#: The name of the chart that counts people; every other chart is named for its currency.
PATRONS = "patrons"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one chart draws, and how its values are written."""

    title: str
    bars: list[Bar]
    written: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the charts that can be asked for."""

    label: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class MonthTable:
    """The chart asked for, the others there are, and all their figures as a table.

    `started` is false while there is nothing to draw.
    """

    started: bool
    title: str
    url: str
    choices: list[Choice]
    head: list[str]
    rows: list[tuple[str, list[str]]]


def title(of: str) -> str:
    """What a chart shows."""
    if of == PATRONS:
        return str(_("Patrons at the end of each month"))
    return str(_("Received each month before refunds, %(currency)s", currency=of))


def _currencies(received: Sequence[Received]) -> list[str]:
    return sorted({row.currency for row in received})


def monthly(
    patrons: Sequence[tuple[date, int]], received: Sequence[Received], asked: str
) -> MonthTable:
    """Lay out the last months; a chart there is not gives the one of patrons."""
    currencies = _currencies(received)
    chosen = asked if asked in currencies else PATRONS
    sums = _sums(received)
    labels = {PATRONS: _("Patrons")} | {code: code for code in currencies}
    return MonthTable(
        bool(received) or any(count for _month, count in patrons),
        title(chosen),
        url_for("reports.chart_svg", of=chosen),
        [Choice(label, name, name == chosen) for name, label in labels.items()],
        [_("Month"), *labels.values()],
        [
            (
                format_month(month),
                [
                    words.number(count),
                    *(format_money(Money(sums.get((month, code), 0), code)) for code in currencies),
                ],
            )
            for month, count in patrons
        ],
    )


def _sums(received: Sequence[Received]) -> dict[tuple[date, str], int]:
    sums: dict[tuple[date, str], int] = {}
    for row in received:
        sums[row.month, row.currency] = sums.get((row.month, row.currency), 0) + row.gross_minor
    return sums


def patron_bars(patrons: Sequence[tuple[date, int]]) -> Drawn:
    """The chart of people."""
    return Drawn(title(PATRONS), [_bar(month, count) for month, count in patrons], words.number)


def money_bars(received: Sequence[Received], of: str, now: datetime, zone: tzinfo) -> Drawn | None:
    """The chart of one currency; none when nothing came in it."""
    if of not in _currencies(received):
        return None
    sums = _sums(received)
    return Drawn(
        title(of),
        [_bar(month, sums.get((month, of), 0)) for month in months.latest(12, now, zone)],
        lambda minor: format_money(Money(minor, of)),
    )


def _bar(month: date, value: int) -> Bar:
    short = format_skeleton("MMM", month, locale=current_locale()).rstrip(".")
    return Bar(month, short, format_month(month), value)


def csv_head() -> list[Cell]:
    """The names of the columns of `csv_row`."""
    return [
        _("Name"),
        _("E-mail"),
        _("State"),
        _("Amount"),
        _("Currency"),
        _("Period"),
        _("Since"),
        _("Until"),
        _("Gifts"),
        _("Last gift"),
        _("Given in all"),
        _("Language"),
        _("Article"),
    ]


def csv_row(supporter: Supporter, zone: tzinfo) -> list[Cell]:
    """One supporter as cells; amounts as plain decimals, days in the newsroom's zone."""

    def day(moment: datetime | None) -> Cell:
        return moment.astimezone(zone).date() if moment else None

    amount = supporter.amount
    return [
        supporter.name,
        supporter.email,
        words.state(supporter.state),
        amount.major if amount else None,
        amount.currency if amount else None,
        words.period(supporter.interval),
        day(supporter.since),
        day(supporter.until),
        supporter.gifts,
        day(supporter.last_gift),
        "; ".join(f"{each.major} {each.currency}" for each in supporter.given),
        supporter.locale,
        supporter.article,
    ]
