"""Lifetime value: what somebody who comes is to bring in three years, and has brought so far."""

from collections.abc import Callable, Sequence

from flask_babel import gettext as _

from app.accounts.models import Role
from app.giving.rules import CURRENCIES, Interval
from app.money import Money
from app.reports import beginnings, lifetimes, stay_words, survival
from app.reports.beginnings import PLANS, opened
from app.reports.lifetimes import LOSSES, Lifetime
from app.reports.shape import (
    Answer,
    Asked,
    Chart,
    Figure,
    Group,
    Listing,
    Report,
    Share,
    Table,
    Value,
)


def build(asked: Asked) -> Answer:
    """Tell of each plan and currency how long people stay and what that is worth."""
    found = lifetimes.lifetimes(asked)
    told = [one for one in found if one.value_minor is not None]
    if not told:
        return Answer(
            refused=_(
                "Nothing is said yet: it takes %(count)s patrons of one plan and currency who left "
                "within the months that are looked at.",
                count=LOSSES,
            ),
            tables=[_table(found)] if found else [],
        )
    return Answer(
        [
            figure
            for plan in PLANS
            for figure in _figures(plan, [one for one in told if one.plan is plan])
        ],
        _chart(told[0]),
        [_survival(told[0]), _table(found), *(_survival(one) for one in told[1:])],
    )


def _figures(plan: Interval, told: Sequence[Lifetime]) -> list[Figure]:
    def values(of: Callable[[Lifetime], int | None]) -> list[Value]:
        found = sorted((one.currency, of(one)) for one in told)
        return [Money(minor, currency) for currency, minor in found if minor is not None]

    if not told:
        return []
    name = stay_words.plan(plan)
    return [
        Figure(
            _("%(plan)s: lifetime value", plan=name),
            values(lambda one: one.value_minor),
            _("Gifts within 36 months of coming, after fees, as far as people were seen."),
        ),
        Figure(
            _("%(plan)s: brought so far", plan=name),
            values(lambda one: one.realised_minor),
            _("What all who ever came on this plan have paid after fees, for each of them."),
        ),
    ]


def _table(found: Sequence[Lifetime]) -> Table:
    return Table(
        _("By plan and currency"),
        [
            _("Plan at first"),
            _("Currency"),
            _("People"),
            _("Left"),
            _("Months seen"),
            _("Average gift"),
            _("Fees"),
            _("Lifetime value"),
            _("Brought so far, each"),
        ],
        [
            [
                stay_words.plan(one.plan),
                one.currency,
                opened(one.people, f"people:{one.plan}:{one.currency}:0"),
                opened(one.losses, f"losses:{one.plan}:{one.currency}:{len(one.steps)}"),
                len(one.steps),
                _money(one, one.average),
                Share(one.fee_minor, one.settled_minor, one.currency),
                _money(one, one.value_minor),
                _money(one, one.realised_minor),
            ]
            for one in found
        ],
        _("No lifetime value is told where fewer than %(count)s left.", count=LOSSES),
        frozenset(place for place, one in enumerate(found) if one.value_minor is None),
    )


def _money(one: Lifetime, minor: int | None) -> Value:
    return None if minor is None else Money(minor, one.currency)


def _caption(one: Lifetime) -> str:
    return _(
        "%(plan)s, %(currency)s: how long people stay",
        plan=stay_words.plan(one.plan),
        currency=one.currency,
    )


def _survival(one: Lifetime) -> Table:
    name = f"{one.plan}:{one.currency}"
    return Table(
        _caption(one),
        [_("After month"), _("Seen"), _("Left in it"), _("Of 1,000 who came, still there")],
        [
            [
                str(step.month),
                opened(step.at_risk, f"seen:{name}:{step.month}"),
                opened(step.lost, f"left:{name}:{step.month}"),
                round(step.stays * 1000),
            ]
            for step in one.steps
        ],
        _("It ends where fewer than %(count)s people were seen.", count=survival.LEAST),
    )


def _chart(one: Lifetime) -> Chart:
    return Chart(
        _("%(which)s; of 1,000 who came, still there", which=_caption(one)),
        [
            (
                str(step.month),
                _("after month %(number)s", number=step.month),
                round(step.stays * 1000),
            )
            for step in one.steps
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the people of a cell. Raises `KeyError` for a key no cell has."""
    try:
        kind, plan, currency, word = key.split(":")
        month = int(word)
    except ValueError:
        raise KeyError(key) from None
    if plan not in PLANS or currency not in CURRENCIES:
        raise KeyError(key)
    one = beginnings.begun(asked)
    seen, left = lifetimes.seen(one, asked), lifetimes.left(one)
    there = (seen >= month, left.is_(None) | (left >= month))
    conditions = {
        "people": (),
        "seen": there,
        "left": (seen >= month, left == month),
        "losses": (left <= month, left <= seen),
    }
    captions = {
        "people": _("People"),
        "seen": _("Seen to the end of month %(number)s", number=month),
        "left": _("Left in month %(number)s", number=month),
        "losses": _("Left"),
    }
    where = [one.c.first, one.c.begun_as == plan, one.c.currency == currency, *conditions[kind]]
    return beginnings.listing(captions[kind], beginnings.people(one, *where))


REPORT = Report(
    name="lifetime",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Lifetime value"),
    definition=lambda: _(
        "What a new patron is to bring within 36 months: the share still there at each gift, times "
        "the average gift of those who give now, less the share that fees take."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "It is an estimate from how long people stayed so far, and no promise; gifts given once "
        "are not in it, nor is whoever comes back after leaving."
    ),
    by_period=False,
)
