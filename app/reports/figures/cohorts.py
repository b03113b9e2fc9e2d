"""Cohorts: of those who came in one month, how many are still patrons after each month."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import Role
from app.extensions import db
from app.giving.rules import Interval
from app.localisation import format_month
from app.reports import beginnings, months, report_words, stay_words, stays
from app.reports.beginnings import PLANS, opened
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

#: No table has more months beside each other than this, the first one included.
MOST = 25


@dataclass(frozen=True, slots=True)
class Cohort:
    """People who came first in one month on one plan."""

    month: date
    plan: Interval


class Standing:
    """How many of a cohort stood after each month, by its place in the calendar."""

    def __init__(self) -> None:
        self.people = 0
        #: By how many that number changes with a month: of first stays, and of later ones.
        self._by: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}

    def add(self, came: int, went: int, people: int, *, first: bool) -> None:
        """Count people whose stays began and ended in the same months."""
        self._by[first][came] += people
        self._by[first][went] -= people
        if first:
            self.people += people

    def after(self, place: int, *, first: bool) -> int:
        """How many stood at the end of a month; of the running one, now."""
        return sum(by for month, by in self._by[first].items() if month <= place)


Counted = dict[Cohort, Standing]
#: What is found of a month in which nobody came.
NOBODY = Standing()


def build(asked: Asked) -> Answer:
    """Follow those who came in each month up to now."""
    counted = _counted(asked)
    tables = [_table(asked, counted, plan, first=True) for plan in PLANS]
    tables += [_table(asked, counted, plan, first=False) for plan in PLANS]
    earlier = _counted(asked.before())
    return Answer(
        [_still(asked, plan, counted, earlier) for plan in PLANS],
        _chart(asked, counted),
        tables,
    )


def _calendar(asked: Asked) -> list[datetime]:
    """The first instants of the months from the first asked for to the running one."""
    running, found, month = months.first_day(asked.now, asked.zone), [], asked.first
    while month <= running:
        found.append(months.start_of(month, asked.zone))
        month = months.following(month)
    return found


def _counted(asked: Asked) -> Counted:
    """Count the stays of all who came in these months; one statement."""
    starts = _calendar(asked)
    found: Counted = defaultdict(Standing)
    if not starts:
        return found
    edges = [months.following(asked.first, step) for step in range(len(starts) + 1)]
    one = stays.placed(asked, edges, months.start_of(edges[-1], asked.zone))
    keys = (one.c.since, one.c.begun_as, one.c.first, one.c.came, one.c.went)
    people = func.sum(one.c.people)
    rows = db.session.execute(
        select(*keys, people)
        .where(one.c.since.between(asked.first, asked.last))
        .group_by(*keys)
        .having(people != 0)
    )
    for since, plan, first, came, went, count in rows:
        found[Cohort(since, Interval(plan))].add(came, went, int(count), first=first)
    return found


def _table(asked: Asked, counted: Counted, plan: Interval, *, first: bool) -> Table:
    """One row for each month; `first` for those who never left, else for those who came back."""
    over = len(_calendar(asked)) - 1
    width = max(1, min(over, MOST))
    rows: list[list[Value]] = []
    wholes = []
    for place, (month, _since, _until) in enumerate(asked.spans(), 1):
        cohort = counted.get(Cohort(month, plan), NOBODY)
        whole = cohort.people
        key = f"{month}:{plan}:{'stayed' if first else 'back'}"
        cells: list[Value] = []
        for step in range(width):
            if place + step <= over:
                here = cohort.after(place + step, first=first)
                cells.append(opened(Share(here, whole), f"{key}:{step}"))
            else:
                cells.append(_("not over yet") if place + step == over + 1 else None)
        now = cohort.after(over + 1, first=first)
        rows.append(
            [
                format_month(month),
                opened(whole, f"{month}:{plan}:all:0"),
                *cells,
                opened(Share(now, whole), f"{key}:now"),
            ]
        )
        wholes.append(Share(0, whole))
    return Table(
        _caption(plan, first=first),
        [
            _("Came in"),
            _("People"),
            *(_head(step) for step in range(width)),
            _("Still patrons now") if first else _("Patrons again now"),
        ],
        rows,
        _("A month that is not over yet is not counted.") + " " + beginnings.too_few(),
        beginnings.muted(wholes),
    )


def _caption(plan: Interval, *, first: bool) -> str:
    captions = {
        (Interval.MONTH, True): _("Monthly: still patrons, without a break"),
        (Interval.YEAR, True): _("Yearly: still patrons, without a break"),
        (Interval.MONTH, False): _("Monthly: had left and are patrons again"),
        (Interval.YEAR, False): _("Yearly: had left and are patrons again"),
    }
    return captions[plan, first]


def _head(step: int) -> str:
    return _("Same month") if step == 0 else _("Month %(number)s", number=step)


def _still(asked: Asked, plan: Interval, counted: Counted, earlier: Counted) -> Figure:
    def share(of: Counted, when: Asked) -> Share:
        last = len(_calendar(when))
        mine = [one for cohort, one in of.items() if cohort.plan is plan]
        return Share(
            sum(one.after(last, first=True) for one in mine), sum(one.people for one in mine)
        )

    labels = {
        Interval.MONTH: _("Monthly patrons still here"),
        Interval.YEAR: _("Yearly patrons still here"),
    }
    return Figure(
        labels[plan],
        [opened(share(counted, asked), f"all:{plan}:stayed:now")],
        _("Of all who came first in these months, without a break to this day."),
        [share(earlier, asked.before())],
    )


def _chart(asked: Asked, counted: Counted) -> Chart | None:
    if not counted:
        return None
    return Chart(
        _("People who came first in each month, monthly plan"),
        [
            (
                report_words.short_month(month),
                format_month(month),
                counted.get(Cohort(month, Interval.MONTH), NOBODY).people,
            )
            for month, _since, _until in asked.spans()
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the people of a cell. Raises `KeyError` for a key no cell has."""
    try:
        word, plan, kind, step = key.split(":")
        interval = Interval(plan)
        places = {f"{span[0]}": place for place, span in enumerate(asked.spans())}
        if kind not in ("all", "stayed", "back") or (word != "all" and word not in places):
            raise KeyError(key)
        by_now = kind == "all" or step == "now"
        moment = asked.now if by_now else _end(asked, places[word] + int(step))
    except ValueError:
        raise KeyError(key) from None
    one = beginnings.begun(asked)
    span = (asked.since, asked.until) if word == "all" else asked.spans()[places[word]][1:]
    where = [
        one.c.begun_as == interval,
        one.c.since >= span[0],
        one.c.since < span[1],
        one.c.first.is_(kind != "back"),
    ]
    if kind != "all":
        where.append(
            (one.c.out_at.is_(None)) if step == "now" else beginnings.stands_at(one, moment)
        )
    rows = beginnings.people(one, *where)
    name = _("the whole time") if word == "all" else format_month(date.fromisoformat(word))
    captions = {
        "all": _("Came first in: %(month)s, %(plan)s", month=name, plan=stay_words.plan(interval)),
    }
    still = _("Still patrons of those who came first in: %(month)s", month=name)
    again = _("Patrons again of those who came first in: %(month)s", month=name)
    return beginnings.listing(captions.get(kind) or (still if kind == "stayed" else again), rows)


def _end(asked: Asked, place: int) -> datetime:
    """The end of the month at a place of the calendar. Raises `KeyError` for one not over."""
    starts = _calendar(asked)
    if not 0 <= place < len(starts) - 1:
        raise KeyError(place)
    return starts[place + 1]


REPORT = Report(
    name="cohorts",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Cohorts: who stays"),
    definition=lambda: _(
        "Of the people whose first recurring gift came in one month, how many were still patrons "
        "at the end of each month after it; who had left and come back is counted apart."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "A month after the coming is a whole calendar month: month 1 ends with the month after the "
        "one they came in. Who gives yearly can hardly leave before the year is over."
    ),
)
