"""Deferred income: what of yearly gifts is earned by now, and what is owed as time to come."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.accounts.models import Role
from app.current import settings
from app.localisation import format_month
from app.money import Money
from app.reports import periods, rates, report_words, yearly_money, yearly_rest
from app.reports.listing import Found
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
    Table,
    Value,
)

#: The lists behind cells: gifts not wholly earned at a month's end, gifts received in it.
REST, RECEIVED = "rest", "received"


@dataclass(frozen=True, slots=True)
class Line:
    """One month in one currency: start + received + went back - earned = end."""

    month: date
    currency: str
    start: int
    received: int
    went_back: int
    end: int
    gifts: int

    @property
    def earned(self) -> int:
        """What of all yearly gifts the days of the month earned; what was lost is negative."""
        return self.start + self.received + self.went_back - self.end


def build(asked: Asked) -> Answer:
    """Tell for each month what yearly gifts were owed at its start, came, went, earned, are owed.

    Refused where the setting is off.
    """
    if settings().deferred_income == "off":
        return Answer(
            refused=_(
                "This report is switched off: gifts are booked when they come. Where the "
                "accountant spreads yearly money over the year, whoever runs the site sets "
                "DEFERRED_INCOME=on."
            )
        )
    lines, before = _lines(asked), _whole(asked.before())
    return Answer(
        [
            Figure(
                _("Not earned yet at the end"),
                _ends(lines),
                _("The part of yearly gifts whose days are still to come: a liability."),
                _plain(_ends(before)),
            ),
            Figure(
                _("Earned"),
                _sums(lines, "earned"),
                _("What the days of this time earned of yearly gifts, of whatever time."),
                _sums(before, "earned"),
            ),
            Figure(
                _("Received"),
                _sums(lines, "received"),
                _("Yearly gifts that came in this time, whole."),
                _sums(before, "received"),
            ),
        ],
        _chart(lines),
        [_table(lines)],
    )


def _lines(asked: Asked) -> list[Line]:
    return _of(asked, asked.spans(), lambda month: month)


def _whole(asked: Asked) -> list[Line]:
    """The months of a period as if they were one, by its first."""
    spans = asked.spans()
    if not spans:
        return []
    return _of(asked, [(asked.first, spans[0][1], spans[-1][2])], lambda _month: asked.first)


def _of(
    asked: Asked,
    spans: Sequence[tuple[date, datetime, datetime]],
    month_of: Callable[[date], date],
) -> list[Line]:
    moments = sorted({moment for _month, *both in spans for moment in both})
    begun = yearly_money.begun(asked) if spans else {}
    owed = yearly_money.owed_at(asked, moments, begun)
    came: Counter[tuple[date, str]] = Counter()
    went: Counter[tuple[date, str]] = Counter()
    for sums, found in (
        (came, yearly_money.received(asked, begun)),
        (went, yearly_money.went_back(asked)),
    ):
        for (month, currency), minor in found.items():
            sums[month_of(month), currency] += minor
    currencies = sorted({key[1] for key in (*owed, *came, *went)})
    lines = []
    for month, since, until in spans:
        for currency in currencies:
            start, end = owed.get((since, currency)), owed.get((until, currency))
            lines.append(
                Line(
                    month,
                    currency,
                    start.rest if start else 0,
                    came[month, currency],
                    went[month, currency],
                    end.rest if end else 0,
                    end.gifts if end else 0,
                )
            )
    return lines


def _ends(lines: Sequence[Line]) -> list[Value]:
    last = {line.currency: line for line in lines}
    return [
        Behind(Money(line.end, currency), f"{line.month}:{currency}:{REST}")
        for currency, line in sorted(last.items())
    ]


def _plain(values: Sequence[Value]) -> list[Value]:
    return [value.value if isinstance(value, Behind) else value for value in values]


def _sums(lines: Sequence[Line], name: str) -> list[Value]:
    sums: dict[str, int] = {}
    for line in lines:
        sums[line.currency] = sums.get(line.currency, 0) + getattr(line, name)
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def _table(lines: Sequence[Line]) -> Table:
    rows: list[Sequence[Value]] = [
        [
            format_month(line.month),
            line.currency,
            Money(line.start, line.currency),
            Behind(Money(line.received, line.currency), f"{line.month}:{line.currency}:{RECEIVED}"),
            Money(line.went_back, line.currency),
            Money(-line.earned, line.currency),
            Money(line.end, line.currency),
            Behind(line.gifts, f"{line.month}:{line.currency}:{REST}"),
        ]
        for line in lines
    ]
    return Table(
        _("Yearly gifts by month: each row's start and what follows it add up to its end"),
        [
            _("Month"),
            _("Currency"),
            _("Not earned at the start"),
            _("Received"),
            _("Went back"),
            _("Earned"),
            _("Not earned at the end"),
            _("Gifts not wholly earned"),
        ],
        rows,
        _("The month that runs is reckoned up to today."),
    )


def _chart(lines: Sequence[Line]) -> Chart | None:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.currency] = max(counts.get(line.currency, 0), line.gifts)
    currency = rates.leading(counts)
    if currency is None:
        return None
    return Chart(
        _("Not earned yet at the end of each month, %(currency)s", currency=currency),
        [
            (report_words.short_month(line.month), format_month(line.month), line.end)
            for line in lines
            if line.currency == currency
        ],
        currency,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the gifts behind one cell. Raises `KeyError` for a key no cell has."""
    month, word, which = periods.parts_of(key, 3)
    currency = periods.currency_of(word)
    if currency is None or which not in (REST, RECEIVED) or month == periods.ALL:
        raise KeyError(key)
    when, since, until = periods.span_of(asked, month)
    head = [_("Name"), _("Day"), _("Amount")]
    if which == RECEIVED:
        return Listing(
            _("Yearly gifts received, %(when)s", when=when),
            head,
            Found(yearly_rest.rows_received(since, until, currency), _received),
        )
    return Listing(
        _("Yearly gifts not wholly earned, %(when)s", when=when),
        [*head, _("Left of it"), _("Days passed"), _("Days in all"), _("Not earned yet")],
        Found(yearly_rest.rows_at(asked, until, currency), _unearned),
    )


def _received(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.received_at,
        Money(row.amount_minor, row.currency),
    ]


def _unearned(row: Row[Any]) -> list[Value]:
    return [
        *_received(row),
        Money(row.total, row.currency),
        row.passed,
        row.length,
        Money(row.rest, row.currency),
    ]


REPORT = Report(
    name="deferred",
    group=Group.MONEY,
    roles=(Role.FINANCE,),
    title=lambda: _("Deferred income"),
    definition=lambda: _(
        "A yearly gift is earned day by day over the year from the day it came; what is not earned "
        "yet is owed to the patron as time."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Only for newsrooms whose accountant treats yearly gifts as memberships; a pure gift is "
        "mostly booked when it comes. Ask the accountant before using these figures."
    ),
)
