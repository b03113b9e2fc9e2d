"""Patrons: how many there were, who came and who went, month by month. People, not pledges."""

from collections.abc import Callable
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Subquery

from app.accounts.models import Role
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
    Table,
    Value,
)
from app.reports.spans import Why
from app.reports.stays import Tally

#: What is counted of a month, in the order of the columns: start + came - went = end.
START, NEW, RETURNED, END = "start", "new", "returned", "end"
PARTS = (START, NEW, RETURNED, *Why, END)
#: The name of the whole period in a list's key, in the place of a month's.
WHOLE = "all"


def build(asked: Asked) -> Answer:
    """Count the patrons of each month: in each row start + new + returned - gone = end."""
    alike = stays.counted(asked)
    tally, earlier = Tally(alike), Tally(stays.counted(asked.before()))
    spans = asked.spans()
    ends = [tally.ended(number) for number in range(1, len(spans) + 1)]
    chart = Chart(
        _("Patrons at the end of each month"),
        [
            (report_words.short_month(month), format_month(month), end)
            for (month, _since, _until), end in zip(spans, ends, strict=True)
        ],
    )
    return Answer(
        [
            _at_end(asked, tally, earlier),
            *(_moved(part, tally, asked, earlier) for part in (NEW, RETURNED, *Why)),
        ],
        chart if alike else None,
        [_table(asked, tally)],
    )


def count(tally: Tally, number: int, part: str) -> int:
    """Count one part of one month, by the month's number."""
    if part in (START, END):
        return tally.began(number) if part == START else tally.ended(number)
    if part in (NEW, RETURNED):
        return tally.came(number, first=part == NEW)
    return tally.went(number, Why(part))


def heading(part: str) -> str:
    """Write what a part of a month is."""
    return {
        START: _("Start"),
        NEW: _("New patrons"),
        RETURNED: _("Returned"),
        END: _("End"),
    }.get(part) or stay_words.why(Why(part))


def _at_end(asked: Asked, tally: Tally, earlier: Tally) -> Figure:
    return Figure(
        _("Patrons at the end"),
        [Behind(count(tally, len(asked.spans()), END), f"{WHOLE}:{END}")],
        _("People with at least one pledge in standing at the end of the last month, or now."),
        [count(earlier, len(asked.before().spans()), END)],
    )


def _moved(part: str, tally: Tally, asked: Asked, earlier: Tally) -> Figure:
    def total(of: Tally, months: int) -> int:
        return sum(count(of, number, part) for number in range(1, months + 1))

    return Figure(
        heading(part),
        [Behind(total(tally, len(asked.spans())), f"{WHOLE}:{part}")],
        before=[total(earlier, len(asked.before().spans()))],
    )


def _table(asked: Asked, tally: Tally) -> Table:
    rows: list[list[Value]] = [
        [
            format_month(month),
            *(Behind(count(tally, number, part), f"{month}:{part}") for part in PARTS),
        ]
        for number, (month, _since, _until) in enumerate(asked.spans(), start=1)
    ]
    return Table(
        _("Patrons: start, and new and returned ones, less all who went, are the end."),
        [_("Month"), *(heading(part) for part in PARTS)],
        rows,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the patrons behind a count. Raises `KeyError` for a key no count has."""
    name, _colon, part = key.partition(":")
    if part not in PARTS:
        raise KeyError(key)
    times = {str(month): (month, since, until) for month, since, until in asked.spans()}
    if name == WHOLE and times:
        since, until = asked.since, asked.until
        caption = heading(part)
    else:
        month, since, until = times[name]
        caption = _caption(part, month)
    return stay_words.listing(caption, stays.listed(asked, _condition(part, since, until)))


def _caption(part: str, month: date) -> str:
    return str(_("%(what)s, %(month)s", what=heading(part), month=format_month(month)))


def _condition(
    part: str, since: datetime, until: datetime
) -> Callable[[Subquery], ColumnElement[bool]]:
    if part in (NEW, RETURNED):
        return lambda one: stays.came_in(one, since, until, first=part == NEW)
    if part in (START, END):
        return lambda one: stays.stood_before(one, since if part == START else until)
    return lambda one: stays.went_in(one, since, until, Why(part))


REPORT = Report(
    name="patrons",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER,),
    title=lambda: _("Patrons: who came and who went"),
    definition=lambda: _(
        "Everyone who had at least one pledge in standing: paid up, paused within the paid time, "
        "or with a failed payment that is still being tried again."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "People are counted and not pledges; who comes and goes in one month is in both columns. "
        "The past is told by what is known now: a pause or a failed payment that was made good "
        "leaves no gap."
    ),
)
