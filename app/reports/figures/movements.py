"""Movements of what recurs: by how much it changed in each month, and why."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _

from app.accounts.models import Role
from app.giving.rules import MovementKind
from app.localisation import format_day, format_month
from app.money import Money
from app.reports import (
    giver_words,
    givers,
    months,
    periods,
    rate_words,
    rates,
    recurring,
    report_words,
)
from app.reports.queries import INSTANT
from app.reports.recurring import Moved
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Figure,
    Group,
    Listing,
    Report,
    Table,
    Value,
)

#: The first word of the keys of lists that the Monday page opens.
WEEK = "week"


def build(asked: Asked) -> Answer:
    """Tell for each month and currency where what recurs began, how it moved, where it ended.

    Start + movements = end, to the minor unit, in every row.
    """
    moved, earlier = recurring.by_month(asked), recurring.by_month(asked.before())
    table = _table(asked, moved)
    together = _together(asked, moved)
    return Answer(
        [
            Figure(
                _("Change in all, by the year"),
                _totals(moved),
                _("All movements of these months together."),
                _totals(earlier),
            ),
            *(_figure(kind, moved, earlier) for kind in _kinds(moved)),
        ],
        _chart(asked, moved),
        [table, *together],
    )


def _together(asked: Asked, moved: Sequence[Moved]) -> list[Table]:
    """The same of all currencies in one; nothing where there is but one."""
    spans = asked.spans()
    starts = recurring.at([since for _month, since, _until in spans])
    currencies = {currency for _at, currency in starts} | {one.currency for one in moved}
    if asked.currency or not rates.several(currencies):
        return []
    of = rates.of(asked)
    rows = []
    for month, since, _until in spans:
        start = {(month, one): starts.get((since, one), 0) for one in currencies}
        change = dict.fromkeys(start, 0)
        for one in moved:
            if one.month == month:
                change[month, one.currency] += one.yearly_minor
        end = {key: start[key] + change[key] for key in start}
        rows.append((month, [(of.together(parts), 1) for parts in (start, change, end)]))
    return [
        rate_words.table(
            of.into,
            [_("Start"), _("Change in all"), _("End")],
            rows,
            _(
                "Each cell is rounded by itself. A month begins at its own rate and so, where the "
                "rate has changed, elsewhere than the month before ended."
            ),
        )
    ]


def _kinds(moved: Sequence[Moved]) -> list[MovementKind]:
    present = {one.kind for one in moved}
    return [kind for kind in MovementKind if kind in present]


def _totals(moved: Sequence[Moved]) -> list[Value]:
    return [
        Money(sum(kinds.values()), currency)
        for currency, kinds in sorted(recurring.sums(moved).items())
    ]


def _figure(kind: MovementKind, moved: Sequence[Moved], earlier: Sequence[Moved]) -> Figure:
    def values(of: Sequence[Moved]) -> list[Value]:
        return [
            Money(kinds[kind], currency)
            for currency, kinds in sorted(recurring.sums(of).items())
            if kind in kinds
        ]

    return Figure(report_words.kind(kind), values(moved), before=values(earlier))


def _table(asked: Asked, moved: Sequence[Moved]) -> Table:
    spans = asked.spans()
    starts = recurring.at([since for _month, since, _until in spans])
    kinds = list(MovementKind)
    by_key = {(one.month, one.currency, one.kind): one.yearly_minor for one in moved}
    currencies = sorted({key[1] for key in starts} | {one.currency for one in moved})
    rows: list[list[Value]] = []
    for month, since, _until in spans:
        for currency in currencies:
            if asked.currency in (None, currency):
                start = starts.get((since, currency), 0)
                rows.append(_row(month, currency, start, kinds, by_key))
    return Table(
        _("What recurs by the year: each row's start and movements add up to its end."),
        [
            _("Month"),
            _("Currency"),
            _("Start"),
            *(report_words.kind(kind) for kind in kinds),
            _("End"),
        ],
        rows,
    )


def _row(
    month: date,
    currency: str,
    start: int,
    kinds: Sequence[MovementKind],
    by_key: dict[tuple[date, str, MovementKind], int],
) -> list[Value]:
    each = [by_key.get((month, currency, kind)) for kind in kinds]
    cells: list[Value] = [
        None if minor is None else Behind(Money(minor, currency), f"{month}:{currency}:{kind}")
        for minor, kind in zip(each, kinds, strict=True)
    ]
    end = start + sum(minor or 0 for minor in each)
    return [format_month(month), currency, Money(start, currency), *cells, Money(end, currency)]


def _chart(asked: Asked, moved: Sequence[Moved]) -> Chart | None:
    """The end of each month in the currency that was asked for, or the leading one."""
    spans = asked.spans()
    ends = recurring.at([until for _month, _since, until in spans])
    currency = asked.currency or _leading(asked, moved)
    if currency is None or not moved:
        return None
    return Chart(
        _("What recurs by the year at the end of each month, %(currency)s", currency=currency),
        [
            (report_words.short_month(month), format_month(month), ends.get((until, currency), 0))
            for month, _since, until in spans
        ],
        currency,
    )


def _leading(asked: Asked, moved: Sequence[Moved]) -> str | None:
    """The newsroom's own currency, or the one in which the most people give in the end."""
    people = givers.counts([asked.until])
    present = {one.currency for one in moved} | {currency for _at, currency in people}
    return rates.leading({one: people.get((asked.until, one), 0) for one in present})


def listed(asked: Asked, key: str) -> Listing:
    """List the movements behind one cell, or behind one of the Monday page, see `since_monday`.

    Raises `KeyError` for a key no cell has.
    """
    if key.startswith(f"{WEEK}:"):
        return _since_monday(asked, key)
    try:
        month, currency, kind = key.split(":")
        first, of = date.fromisoformat(month), MovementKind(kind)
    except ValueError:
        raise KeyError(key) from None
    found = [span for span in asked.spans() if span[0] == first]
    if not found:
        raise KeyError(key)
    return giver_words.turns(
        _("%(kind)s, %(month)s", kind=report_words.kind(of), month=format_month(first)),
        recurring.rows_of(found[0][1], found[0][2], currency, of),
    )


def since_monday(monday: date, currency: str, kind: MovementKind) -> str:
    """Return the key of the movements of a kind and currency from a Monday up to now."""
    return f"{WEEK}:{monday}:{currency}:{kind}"


def _since_monday(asked: Asked, key: str) -> Listing:
    _week, text, currency, kind = periods.parts_of(key, 4)
    try:
        monday, of = date.fromisoformat(text), MovementKind(kind)
        since = months.start_of(monday, asked.zone)
    except (ValueError, OverflowError):
        raise KeyError(key) from None
    return giver_words.turns(
        _("%(kind)s since %(day)s", kind=report_words.kind(of), day=format_day(monday)),
        recurring.rows_of(since, asked.now + INSTANT, currency, of),
    )


REPORT = Report(
    name="movements",
    group=Group.RECURRING,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Movements of what recurs"),
    definition=lambda: _(
        "Every change of what patrons give by the year, in the month it happened and by what "
        "brought it about; a monthly gift counts twelve times."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "These are promises and not money received. Somebody who joins and leaves in one month is "
        "in both columns."
    ),
)
