"""Raised and lowered: who of those who give gives more or less than before, and by how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, Select, and_, func, select

from app.accounts.models import Account, Role
from app.extensions import db
from app.giving.rules import MovementKind
from app.localisation import format_month
from app.money import Money
from app.reports import giver_words, givers, recurring, report_words
from app.reports.givers import Turn, monthly
from app.reports.listing import Found
from app.reports.rollups import following, movement_days, reading
from app.reports.rollups.movement_days import LOWERED, RAISED, RaiseDay
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Group,
    Listing,
    Person,
    Report,
    Share,
    Table,
    Value,
)

START = "start"


@dataclass(frozen=True, slots=True)
class Changed:
    """How many of who gave as a month began raised or lowered in it, with the middle change."""

    month: date
    currency: str
    start: int
    people: dict[str, int]
    #: By the year, as a positive number; of an even number of people the lesser of the two middle.
    median_minor: dict[str, int]
    over: bool


def build(asked: Asked) -> Answer:
    """Tell who raised and who lowered in each month, and every reason for more and less."""
    both = changed_of(givers.with_before(asked))
    changed = [one for one in both if one.month >= asked.first]
    earlier = [one for one in both if one.month < asked.first]
    sentence = _("Of those who gave as each month began; all months that are over added up.")
    return Answer(
        [
            *giver_words.shares(
                _("Raised in a month"),
                sentence,
                _together(changed, RAISED),
                _together(earlier, RAISED),
            ),
            *giver_words.shares(
                _("Lowered in a month"),
                sentence,
                _together(changed, LOWERED),
                _together(earlier, LOWERED),
            ),
        ],
        _chart(asked, changed),
        [_table(changed), _reasons(givers.turns(asked))],
    )


def changed_of(asked: Asked) -> list[Changed]:
    """Read every month and currency that was asked for."""
    spans = asked.spans()
    if not spans:
        return []
    begins = [since for _month, since, _until in spans]
    people = givers.counts(begins)
    found: dict[tuple[int, str], dict[str, tuple[int, int]]] = {}
    for row in _medians(asked):
        found.setdefault((row.month, row.currency), {})[row.way] = (row.people, int(row.median))
    named = {currency for _at, currency in recurring.at([*begins, asked.until])}
    result = []
    for number, (month, since, until) in enumerate(spans, start=1):
        for currency in sorted(named):
            if asked.currency in (None, currency):
                ways = found.get((number, currency), {})
                result.append(
                    Changed(
                        month,
                        currency,
                        people.get((since, currency), 0),
                        {way: count for way, (count, _median) in ways.items()},
                        {way: median for way, (_count, median) in ways.items()},
                        over=until < asked.now,
                    )
                )
    return result


def _by_person(asked: Asked) -> Select[Any]:
    """What each person raised or lowered in a month, by the year, as a positive number."""
    one = movement_days.read(RaiseDay, asked.since, asked.until).c
    months = [month for month, _since, _until in asked.spans()]
    alike = (reading.place(one.day, months).label("month"), one.currency, one.account_id, one.way)
    return (
        select(*alike, func.abs(func.sum(one.yearly_minor)).label("yearly_minor"))
        .where(*((one.currency == asked.currency,) if asked.currency else ()))
        .group_by(*alike)
    )


def _medians(asked: Asked) -> Sequence[Row[tuple[int, str, str, int, int]]]:
    following.fresh(movement_days.ROLLUP)
    by_person = _by_person(asked).subquery()
    median = func.percentile_disc(0.5).within_group(by_person.c.yearly_minor)
    grouped = (by_person.c.month, by_person.c.currency, by_person.c.way)
    return db.session.execute(
        select(*grouped, func.count().label("people"), median.label("median")).group_by(*grouped)
    ).all()


def _together(changed: Sequence[Changed], way: str) -> dict[str, Share]:
    """The months that are over, all together: one share for each currency."""
    found: dict[str, tuple[int, int]] = {}
    for one in changed:
        if one.over:
            part, whole = found.get(one.currency, (0, 0))
            found[one.currency] = part + one.people.get(way, 0), whole + one.start
    return {currency: Share(part, whole) for currency, (part, whole) in found.items()}


def _table(changed: Sequence[Changed]) -> Table:
    rows: list[list[Value]] = []
    for one in changed:
        row: list[Value] = [format_month(one.month), one.currency, _count(one, START, one.start)]
        for way in (RAISED, LOWERED):
            count = one.people.get(way, 0)
            median = one.median_minor.get(way)
            row += [
                _count(one, way, count),
                Share(count, one.start),
                None if median is None else Money(monthly(median), one.currency),
            ]
        rows.append(row)
    return Table(
        _("Who raised and who lowered in each month, of those who gave as it began"),
        [
            _("Month"),
            _("Currency"),
            _("At the start"),
            _("Raised"),
            _("Share"),
            _("Middle rise a month"),
            _("Lowered"),
            _("Share"),
            _("Middle fall a month"),
        ],
        rows,
        giver_words.grey(),
        frozenset(
            place for place, one in enumerate(changed) if not one.over or one.start < Share.SMALL
        ),
    )


def _count(one: Changed, part: str, count: int) -> Behind:
    return Behind(count, f"{one.month}:{one.currency}:{part}")


def _reasons(turns: Sequence[Turn]) -> Table:
    """All that made more and less, whoever's: the columns More and Less of the movements."""
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for turn in turns:
        if turn.kind in (MovementKind.UP, MovementKind.DOWN):
            key = turn.currency, turn.kind, turn.cause
            count, minor = found.get(key, (0, 0))
            found[key] = count + turn.rows, minor + turn.yearly_minor
    return Table(
        _("Everything that was more or less in these months, by what brought it about"),
        [_("Why"), _("More or less"), _("Currency"), _("Movements"), _("By the year")],
        [
            [
                report_words.cause(cause),
                report_words.kind(MovementKind(kind)),
                currency,
                Behind(count, f"{currency}:{kind}:{cause}"),
                Money(minor, currency),
            ]
            for (currency, kind, cause), (count, minor) in sorted(found.items())
        ],
    )


def _chart(asked: Asked, changed: Sequence[Changed]) -> Chart | None:
    """Who raised in each month, in the currency that was asked for or in which most people give."""
    if not changed:
        return None
    currency = asked.currency or max(changed, key=lambda one: (one.month, one.start)).currency
    return Chart(
        _("Patrons who raised in each month, %(currency)s", currency=currency),
        [
            (
                report_words.short_month(one.month),
                format_month(one.month),
                one.people.get(RAISED, 0),
            )
            for one in changed
            if one.currency == currency
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List people or movements behind a count. Raises `KeyError` for a key no count has."""
    first, second, third = key.split(":") if key.count(":") == 2 else ("", "", "")
    if second in (MovementKind.UP, MovementKind.DOWN):
        return _movements(asked, first, MovementKind(second), third)
    names = [str(month) for month, _since, _until in asked.spans()]
    if first not in names or third not in (START, RAISED, LOWERED):
        raise KeyError(key)
    month, since, _until = asked.spans()[names.index(first)]
    if third == START:
        giving = givers.at(since, asked)
        return giver_words.people(
            _("Patrons who gave as %(month)s began", month=format_month(month)),
            givers.listed(giving, giving.c.currency == second),
        )
    following.fresh(movement_days.ROLLUP)
    by_person = _by_person(asked).subquery()
    query = (
        select(by_person, Account.name)
        .join(Account, Account.id == by_person.c.account_id)
        .where(
            by_person.c.month == names.index(first) + 1,
            by_person.c.currency == second,
            by_person.c.way == third,
        )
        .order_by(by_person.c.yearly_minor.desc(), by_person.c.account_id)
    )
    what = _("Raised") if third == RAISED else _("Lowered")
    return Listing(
        _("%(what)s, %(month)s", what=what, month=format_month(month)),
        [_("Name"), _("A month"), _("By the year")],
        Found(query, _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        Money(monthly(int(row.yearly_minor)), row.currency),
        Money(int(row.yearly_minor), row.currency),
    ]


def _movements(asked: Asked, currency: str, kind: MovementKind, cause: str) -> Listing:
    if not asked.spans():
        raise KeyError(cause)
    rows = givers.rows_of(
        asked,
        lambda one: and_(
            one.c.currency == currency, one.c.kind == kind.value, one.c.cause == cause
        ),
    )
    return giver_words.turns(f"{report_words.kind(kind)}: {report_words.cause(cause)}", rows)


REPORT = Report(
    name="changes",
    group=Group.RECURRING,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Raised and lowered"),
    definition=lambda: _(
        "How many of those who gave as a month began chose to give more or less in it, with "
        "another amount or with one pledge more or fewer, and by how much the middle one did."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Who raised and lowered in one month is in both. A second pledge lost for want of payment "
        "is not lowered by wish; it is only in the second table."
    ),
)
