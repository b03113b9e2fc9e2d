"""How much patrons give: the average, the middle one, and how many give how much."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import BigInteger, ColumnElement, Subquery, case, cast, func
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.models import Role
from app.giving.rules import CURRENCIES
from app.localisation import format_money
from app.money import Money
from app.reports import giver_words, givers
from app.reports.givers import MONTHS, Held, Plan, monthly
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Figure,
    Group,
    Listing,
    Report,
    Share,
    Table,
    Value,
)


@dataclass(frozen=True, slots=True)
class Size:
    """What so many people give together by the year, and the middle one of them."""

    people: int
    yearly_minor: int
    median_minor: int


#: By currency and plan; null is for all plans.
Sizes = Mapping[tuple[str, Plan | None], Size]


def bands(currency: str) -> tuple[int, ...]:
    """Where one band of amounts ends and the next begins, in minor units by the month.

    They are the amounts suggested for a month, and twice and five times the largest of them.
    """
    least, middle, most = CURRENCIES[currency].monthly
    return least, middle, most, 2 * most, 5 * most


def build(asked: Asked) -> Answer:
    """Tell what patrons give at the end of the period, each person's pledges together."""
    held = givers.sizes(asked.until, asked)
    sizes, earlier = _sizes(held), _sizes(givers.sizes(asked.before().until, asked))
    spread = _spread(held)
    return Answer(
        [
            Figure(
                _("Average gift a month"),
                _average(sizes),
                _("What recurs, divided by those who give; a few large ones move it."),
                _average(earlier),
            ),
            Figure(
                _("Middle gift a month"),
                _median(sizes),
                _("Half of those who give do so with as much or more."),
                _median(earlier),
            ),
            *(
                Figure(
                    giver_words.in_currency(_("Patrons who give"), currency),
                    [Behind(size.people, f"{currency}:all:all")],
                    before=[of.people for (in_, _all), of in _of_all(earlier) if in_ == currency],
                )
                for (currency, _plan), size in _of_all(sizes)
            ),
        ],
        _chart(sizes, spread),
        [_bands_table(sizes, spread), _plans_table(sizes)],
    )


def _sizes(held: Sequence[Held]) -> Sizes:
    grouped: defaultdict[tuple[str, Plan | None], list[Held]] = defaultdict(list)
    for one in held:
        grouped[one.currency, None].append(one)
        grouped[one.currency, one.plan].append(one)
    return {key: _size(ones) for key, ones in grouped.items()}


def _size(held: Sequence[Held]) -> Size:
    """Add up, and find the middle one; of an even number of people the lesser of the two."""
    people = sum(one.people for one in held)
    total, counted, middle = 0, 0, 0
    for one in sorted(held, key=lambda one: one.yearly_minor):
        total += one.people * one.yearly_minor
        if 2 * counted < people:
            middle = one.yearly_minor
        counted += one.people
    return Size(people, total, middle)


def _of_all(sizes: Sizes) -> list[tuple[tuple[str, Plan | None], Size]]:
    return [(key, size) for key, size in sorted(sizes.items(), key=str) if key[1] is None]


def _average(sizes: Sizes) -> list[Value]:
    return [
        Money(monthly(size.yearly_minor, size.people), currency)
        for (currency, _plan), size in _of_all(sizes)
    ]


def _median(sizes: Sizes) -> list[Value]:
    return [
        Money(monthly(size.median_minor), currency) for (currency, _plan), size in _of_all(sizes)
    ]


def _band(giving: Subquery) -> ColumnElement[int]:
    """The number of the band that a person's gift is in, from 0."""
    return case(
        *(
            (
                giving.c.currency == currency,
                func.width_bucket(
                    giving.c.yearly_minor,
                    cast([MONTHS * bound for bound in bands(currency)], ARRAY(BigInteger)),
                ),
            )
            for currency in CURRENCIES
        ),
        else_=0,
    )


def _spread(held: Sequence[Held]) -> dict[tuple[str, int], tuple[int, int]]:
    """How many people are in each band of each currency, and what they give by the year."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for one in held:
        bounds = bands(one.currency) if one.currency in CURRENCIES else ()
        key = one.currency, bisect_right([MONTHS * bound for bound in bounds], one.yearly_minor)
        people, total = found.get(key, (0, 0))
        found[key] = people + one.people, total + one.people * one.yearly_minor
    return found


def _label(currency: str, band: int) -> str:
    bounds = [format_money(Money(minor, currency)) for minor in bands(currency)]
    if band == 0:
        return str(_("less than %(amount)s", amount=bounds[0]))
    if band == len(bounds):
        return str(_("%(amount)s or more", amount=bounds[-1]))
    return str(_("%(least)s to less than %(most)s", least=bounds[band - 1], most=bounds[band]))


def _bands_table(sizes: Sizes, spread: Mapping[tuple[str, int], tuple[int, int]]) -> Table:
    rows: list[list[Value]] = []
    small = set()
    for (currency, _plan), size in _of_all(sizes):
        for band in range(len(bands(currency)) + 1):
            people, total = spread.get((currency, band), (0, 0))
            if size.people < Share.SMALL:
                small.add(len(rows))
            rows.append(
                [
                    _label(currency, band),
                    currency,
                    Behind(people, f"{currency}:band:{band}"),
                    Share(people, size.people),
                    Money(monthly(total), currency),
                    Share(total, size.yearly_minor, currency),
                ]
            )
    return Table(
        _("How many give how much a month, at the end of the period"),
        [
            _("A month"),
            _("Currency"),
            _("Patrons"),
            _("Of all patrons"),
            _("A month in all"),
            _("Of all money"),
        ],
        rows,
        _note(),
        frozenset(small),
    )


def _plans_table(sizes: Sizes) -> Table:
    rows: list[list[Value]] = []
    small = set()
    for (currency, plan), size in sorted(sizes.items(), key=str):
        if plan is not None:
            if size.people < Share.SMALL:
                small.add(len(rows))
            rows.append(
                [
                    giver_words.plan(plan),
                    currency,
                    Behind(size.people, f"{currency}:plan:{plan}"),
                    Money(monthly(size.yearly_minor, size.people), currency),
                    Money(monthly(size.median_minor), currency),
                    Share(size.yearly_minor, sizes[currency, None].yearly_minor, currency),
                ]
            )
    return Table(
        _("By how often they give, by the month"),
        [
            _("Plan"),
            _("Currency"),
            _("Patrons"),
            _("Average"),
            _("Middle"),
            _("Of all money"),
        ],
        rows,
        _note(),
        frozenset(small),
    )


def _note() -> str:
    return str(_("Grey: of fewer than %(count)s patrons.", count=Share.SMALL))


def _chart(sizes: Sizes, spread: Mapping[tuple[str, int], tuple[int, int]]) -> Chart | None:
    """The bands of the currency in which most people give."""
    if not sizes:
        return None
    currency = max(_of_all(sizes), key=lambda one: one[1].people)[0][0]
    return Chart(
        _("Patrons by what they give a month, %(currency)s", currency=currency),
        [
            (
                format_money(Money((0, *bands(currency))[band], currency)),
                _label(currency, band),
                spread.get((currency, band), (0, 0))[0],
            )
            for band in range(len(bands(currency)) + 1)
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List who gives so much. Raises `KeyError` for a key no count has."""
    currency, part, which = key.split(":") if key.count(":") == 2 else ("", "", "")
    giving = givers.at(asked.until, asked)
    if currency not in CURRENCIES:
        raise KeyError(key)
    if (part, which) == ("all", "all"):
        caption, condition = _("Patrons who give"), giving.c.currency == currency
    elif part == "band" and which in map(str, range(len(bands(currency)) + 1)):
        caption = _("A month: %(amount)s", amount=_label(currency, int(which)))
        condition = _band(giving) == int(which)
    elif part == "plan" and which in list(Plan):
        caption, condition = giver_words.plan(Plan(which)), giving.c.plan == which
    else:
        raise KeyError(key)
    return giver_words.people(
        caption, givers.listed(giving, giving.c.currency == currency, condition)
    )


REPORT = Report(
    name="gifts-size",
    group=Group.RECURRING,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("How much patrons give"),
    definition=lambda: _(
        "What each person who gives regularly gives by the month at the end of the period, all of "
        "their pledges in one currency together."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "The average is moved by a few large gifts, so look at the middle one first. Gifts given "
        "once are not in it."
    ),
)
