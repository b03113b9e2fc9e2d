"""Concentration: how much of what recurs hangs on the few who give the most."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import case, func, select

from app.accounts.models import Role
from app.extensions import db
from app.money import Money
from app.reports import giver_words, givers
from app.reports.givers import Plan, monthly
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
    """Read all currencies, the largest givers of each ranked; one statement."""
    giving = givers.at(asked.until, asked)
    largest_first = (giving.c.yearly_minor.desc(), giving.c.account_id)
    ranked = select(
        giving,
        func.row_number()
        .over(partition_by=giving.c.currency, order_by=largest_first)
        .label("place"),
        func.count().over(partition_by=giving.c.currency).label("people"),
    ).subquery()
    minor = ranked.c.yearly_minor
    rows = db.session.execute(
        select(
            ranked.c.currency,
            func.count(),
            func.sum(minor),
            func.sum(case((ranked.c.place <= TEN, minor), else_=0)),
            func.sum(case((ranked.c.place * ONE_OF < ranked.c.people + ONE_OF, minor), else_=0)),
            *(func.sum(case((ranked.c.plan == plan.value, minor), else_=0)) for plan in Plan),
        )
        .group_by(ranked.c.currency)
        .order_by(ranked.c.currency)
    )
    return [
        Few(
            currency,
            people,
            int(total),
            int(ten),
            int(one_percent),
            dict(zip(Plan, map(int, by_plan), strict=True)),
        )
        for currency, people, total, ten, one_percent, *by_plan in rows
    ]


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
