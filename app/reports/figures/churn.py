"""Churn of patrons: what share of those who stood at a month's start was lost in it, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Subquery, and_

from app.accounts.models import Role
from app.giving.rules import Interval
from app.localisation import format_month
from app.reports import report_words, stay_words, stays
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
from app.reports.spans import Why
from app.reports.stays import Alike, Tally

PLANS = (Interval.MONTH, Interval.YEAR)
#: The lists beside those of `Why`: who stood at the start, and who of them was lost for any reason.
START, LOST = "start", "lost"


@dataclass(frozen=True, slots=True)
class Lost:
    """Of so many at a month's start so many were lost in it, by why."""

    month: date
    start: int
    by_why: dict[Why, int]
    over: bool

    @property
    def lost(self) -> int:
        """For whatever reason."""
        return sum(self.by_why.values())

    def share(self, *why: Why) -> Share:
        """What share was lost for these reasons."""
        return Share(sum(self.by_why[one] for one in why), self.start)


def build(asked: Asked) -> Answer:
    """Tell the churn of each month, monthly and yearly pledges apart, without who joined in it."""
    alike, earlier = stays.counted(asked), stays.counted(asked.before())
    by_plan = {plan: lost(asked, alike, plan) for plan in PLANS}
    before = {plan: lost(asked.before(), earlier, plan) for plan in PLANS}
    figures = [figure for plan in PLANS for figure in _figures(plan, by_plan[plan], before[plan])]
    monthly = by_plan[Interval.MONTH]
    chart = Chart(
        _("Patrons with monthly pledges lost in each month"),
        [
            (report_words.short_month(one.month), format_month(one.month), one.lost)
            for one in monthly
        ],
    )
    return Answer(
        figures, chart if alike else None, [_table(plan, by_plan[plan]) for plan in PLANS]
    )


def lost(asked: Asked, alike: Sequence[Alike], plan: Interval) -> list[Lost]:
    """Count for each month who stood at its start and who of them was lost in it."""
    tally = Tally(one for one in alike if one.plan is plan)
    return [
        Lost(
            month,
            tally.began(number),
            {why: tally.lost(number, why) for why in Why},
            over=until < asked.now,
        )
        for number, (month, _since, until) in enumerate(asked.spans(), start=1)
    ]


def _figures(plan: Interval, months: Sequence[Lost], before: Sequence[Lost]) -> list[Figure]:
    """The rates of the months that are over, all together."""
    added_up = _("Of those who stood as each month began; all months that are over added up.")
    kinds: list[tuple[str, str, tuple[Why, ...]]]
    if plan is Interval.YEAR:
        once = _("The same of yearly pledges, of which each comes up only once a year.")
        kinds = [(_("Churn a month, yearly pledges"), once, tuple(Why))]
    else:
        kinds = [(_("Churn a month, monthly pledges"), added_up, tuple(Why))]
        kinds += [(stay_words.why(why), _("Of monthly pledges."), (why,)) for why in Why]
    return [
        Figure(label, [_together(months, whys)], sentence, [_together(before, whys)])
        for label, sentence, whys in kinds
    ]


def _together(months: Sequence[Lost], whys: Sequence[Why]) -> Share:
    over = [one for one in months if one.over]
    part = sum(one.by_why[why] for one in over for why in whys)
    return Share(part, sum(one.start for one in over))


def _table(plan: Interval, months: Sequence[Lost]) -> Table:
    rows: list[list[Value]] = []
    for one in months:
        key = f"{one.month}:{plan}"
        rows.append(
            [
                format_month(one.month),
                Behind(one.start, f"{key}:{START}"),
                *(Behind(one.by_why[why], f"{key}:{why}") for why in Why),
                Behind(one.lost, f"{key}:{LOST}"),
                one.share(*Why),
                one.share(Why.WISH),
                one.share(Why.PAYMENT),
            ]
        )
    return Table(
        _("Monthly pledges: who stood as each month began, and was lost in it")
        if plan is Interval.MONTH
        else _("Yearly pledges: who stood as each month began, and was lost in it"),
        [
            _("Month"),
            _("At the start"),
            *(stay_words.why(why) for why in Why),
            _("Lost in all"),
            _("Churn"),
            _("By own wish"),
            _("For want of payment"),
        ],
        rows,
        _("Grey: of fewer than %(count)s, or not over yet.", count=Share.SMALL),
        frozenset(
            place for place, one in enumerate(months) if not one.over or one.start < Share.SMALL
        ),
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the patrons behind a count. Raises `KeyError` for a key no count has."""
    try:
        name, plan, part = key.split(":")
        of = Interval(plan)
    except ValueError:
        raise KeyError(key) from None
    if of not in PLANS or part not in (START, LOST, *Why):
        raise KeyError(key)
    times = {str(month): (month, since, until) for month, since, until in asked.spans()}
    month, since, until = times[name]
    what = {START: _("At the start"), LOST: _("Lost in all")}.get(part) or stay_words.why(Why(part))
    return stay_words.listing(
        _("%(what)s, %(month)s", what=what, month=format_month(month)),
        stays.listed(asked, lambda one: _condition(one, since, until, of, part)),
    )


def _condition(
    one: Subquery, since: datetime, until: datetime, plan: Interval, part: str
) -> ColumnElement[bool]:
    stood = and_(stays.stood_before(one, since), one.c.plan == plan.value)
    if part == START:
        return stood
    lost = and_(stood, one.c.out_at < until)
    return lost if part == LOST else and_(lost, one.c.why == part)


REPORT = Report(
    name="churn",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER,),
    title=lambda: _("Churn: patrons lost"),
    definition=lambda: _(
        "Of the patrons who stood at the start of a month, the share who no longer stood at some "
        "time in it: by their own wish, for want of payment, paused beyond the paid time, or for "
        "an unknown reason."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Who joins and goes in the same month is not in it. Monthly and yearly pledges are never "
        "mixed: whoever has both counts with the one that stood the longest."
    ),
)
