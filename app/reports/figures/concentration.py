"""Concentration: how much of what recurs hangs on the few who give the most."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.accounts.models import Role
from app.money import Money
from app.reports import giver_words, givers
from app.reports.givers import Held, Plan, monthly
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Group,
    Listing,
    Report,
    Share,
    Table,
    Value,
)

#: So many people, and one of so many people.
TEN, ONE_OF = 10, 100
TOP_TEN, TOP_HUNDREDTH = "ten", "hundredth"
TOPS = (TOP_TEN, TOP_HUNDREDTH)


@dataclass(frozen=True, slots=True)
class Few:
    """In one currency: how many give, what by the year, and what of that the few largest do."""

    currency: str
    people: int
    yearly_minor: int
    ten_minor: int
    hundredth_minor: int
    by_plan: dict[Plan, int]

    def count(self, top: str) -> int:
        """How many the few are; a hundredth is rounded up, so that it is somebody."""
        return min(TEN, self.people) if top == TOP_TEN else hundredth(self.people)

    def minor(self, top: str) -> int:
        """What they give by the year."""
        return self.ten_minor if top == TOP_TEN else self.hundredth_minor

    def share(self, top: str) -> Share:
        """Their share of all that recurs."""
        return Share(self.minor(top), self.yearly_minor, self.currency)


def hundredth(people: int) -> int:
    """How many one percent of the people are, rounded up."""
    return -(-people // ONE_OF)


def build(asked: Asked) -> Answer:
    """Tell the share of the ten largest and of the largest hundredth, at the end of the period."""
    few, earlier = few_of(asked), few_of(asked.before())
    return Answer(
        [
            figure
            for top in TOPS
            for figure in giver_words.shares(
                label(top),
                _("Of what recurs in the currency at the end of the period."),
                {one.currency: one.share(top) for one in few},
                {one.currency: one.share(top) for one in earlier},
            )
        ],
        _chart(few),
        [_tops(few), _plans(few)],
    )


def few_of(asked: Asked) -> list[Few]:
    """Tell of every currency what its largest givers give; one statement."""
    by_currency: defaultdict[str, list[Held]] = defaultdict(list)
    for one in givers.sizes(asked.until, asked):
        by_currency[one.currency].append(one)
    found = []
    for currency, held in sorted(by_currency.items()):
        people = sum(one.people for one in held)
        by_plan = dict.fromkeys(Plan, 0)
        for one in held:
            by_plan[one.plan] += one.people * one.yearly_minor
        found.append(
            Few(
                currency,
                people,
                sum(by_plan.values()),
                _largest(held, TEN),
                _largest(held, hundredth(people)),
                by_plan,
            )
        )
    return found


def _largest(held: Sequence[Held], count: int) -> int:
    """What so many people give who give the most; `held` comes with the largest first."""
    total = 0
    for one in held:
        taken = min(one.people, count)
        total, count = total + taken * one.yearly_minor, count - taken
    return total


def label(top: str) -> str:
    """Write who the few are."""
    return str(
        _("The ten who give the most") if top == TOP_TEN else _("The one percent who give the most")
    )


def _tops(few: Sequence[Few]) -> Table:
    rows: list[list[Value]] = []
    small = set()
    for one in few:
        for top in TOPS:
            if one.people < Share.SMALL:
                small.add(len(rows))
            rows.append(
                [
                    label(top),
                    one.currency,
                    Behind(one.count(top), f"{one.currency}:{top}"),
                    one.people,
                    Money(monthly(one.minor(top)), one.currency),
                    one.share(top),
                ]
            )
    return Table(
        _("How much hangs on a few, at the end of the period"),
        [
            _("Who"),
            _("Currency"),
            _("Patrons"),
            _("Of so many"),
            _("A month in all"),
            _("Of all money"),
        ],
        rows,
        _("Grey: of fewer than %(count)s patrons.", count=Share.SMALL),
        frozenset(small),
    )


def _chart(few: Sequence[Few]) -> Chart | None:
    """What the few give, in the currency in which most people give."""
    if not few:
        return None
    most = max(few, key=lambda one: one.people)
    return Chart(
        _("What the few who give the most give a month, %(currency)s", currency=most.currency),
        [(str(most.count(top)), label(top), monthly(most.minor(top))) for top in TOPS],
        most.currency,
    )


def _plans(few: Sequence[Few]) -> Table:
    return Table(
        _("By how often they give"),
        [_("Plan"), _("Currency"), _("A month in all"), _("Of all money")],
        [
            [
                giver_words.plan(plan),
                one.currency,
                Money(monthly(minor), one.currency),
                Share(minor, one.yearly_minor, one.currency),
            ]
            for one in few
            for plan, minor in one.by_plan.items()
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the few who give the most. Raises `KeyError` for a key no count has."""
    currency, _colon, top = key.partition(":")
    found = [one for one in few_of(asked) if one.currency == currency]
    if top not in TOPS or not found:
        raise KeyError(key)
    giving = givers.at(asked.until, asked)
    rows = givers.listed(giving, giving.c.currency == currency, limit=found[0].count(top))
    return giver_words.people(label(top), rows)


REPORT = Report(
    name="concentration",
    group=Group.RECURRING,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Dependence on a few"),
    definition=lambda: _(
        "The share of what recurs that comes from the ten people, and from the one percent of "
        "people, who give the most."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Of fewer than a few dozen patrons the ten largest are always a large share; it warns of "
        "what their leaving would cost, and judges nobody."
    ),
)
