"""Who left and came back: within 90 days and within a year, by the month they left in and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Date,
    Row,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal,
    select,
    union_all,
)

from app.accounts.models import Account, Role
from app.extensions import db
from app.localisation import format_month
from app.reports import report_words, stay_words, stays
from app.reports.beginnings import count_if, muted, opened, too_few
from app.reports.listing import Found
from app.reports.periods import ALL, span_of
from app.reports.rollups import sources
from app.reports.rollups.people_rows import WITHIN
from app.reports.rollups.people_tables import LeftCount
from app.reports.shape import (
    Answer,
    Asked,
    Chart,
    Figure,
    Group,
    Listing,
    Person,
    Report,
    Share,
    Table,
    Value,
)
from app.reports.spans import Why

#: Who rests has not left, and comes back without being asked.
REASONS = (Why.WISH, Why.PAYMENT, Why.UNKNOWN)
#: A month with its first instant and the one after its last.
Span = tuple[date, datetime, datetime]


@dataclass(frozen=True, slots=True)
class Left:
    """People who left in one month for one reason; of each window how many are over and came."""

    month: date
    why: Why
    people: int
    over: tuple[int, ...]
    back: tuple[int, ...]


def build(asked: Asked) -> Answer:
    """Tell of each month and each reason how many came back."""
    left, earlier = _left(asked), _left(asked.before())
    spans = asked.spans()
    return Answer(
        [_figure(place, days, left, earlier) for place, days in enumerate(WITHIN)],
        _chart(asked, left),
        [
            _table(
                _("By the month they left in"),
                _("Month"),
                [(format_month(month), f"{month}:{ALL}") for month, *_span in spans],
                [[one for one in left if one.month == month] for month, *_span in spans],
            ),
            _table(
                _("By the reason"),
                _("Why"),
                [(stay_words.why(why), f"{ALL}:{why}") for why in REASONS],
                [[one for one in left if one.why is why] for why in REASONS],
            ),
        ],
    )


def _over(one: Subquery, days: int, asked: Asked) -> ColumnElement[bool]:
    return one.c.until_at + timedelta(days=days) <= asked.now


def _back(one: Subquery, days: int, asked: Asked) -> ColumnElement[bool]:
    """Who came back in time, of those whose time is over."""
    return and_(_over(one, days, asked), one.c.back_at <= one.c.until_at + timedelta(days=days))


def _left(asked: Asked) -> list[Left]:
    """Count who left in these months; one statement."""
    spans = asked.spans()
    if not spans:
        return []
    closed = [span for span in spans if _alike(*span[1:], asked)]
    others = [span for span in spans if span not in closed]
    rows = db.session.execute(
        union_all(_by_month(closed, asked), *(_one_by_one(span, asked) for span in others))
    )
    many = len(WITHIN)
    return [
        Left(month, Why(why), people, tuple(counts[:many]), tuple(counts[many:]))
        for month, why, people, *counts in rows
    ]


def _alike(since: datetime, until: datetime, asked: Asked) -> bool:
    """Whether each window is over for all who left in a time or for none; and the time is over."""
    return until < asked.now and not any(
        since + timedelta(days=days) <= asked.now < until + timedelta(days=days) for days in WITHIN
    )


def _by_month(spans: Sequence[Span], asked: Asked) -> Select[Any]:
    count = sources.read(LeftCount)
    over = {
        days: [month for month, _since, end in spans if end + timedelta(days=days) <= asked.now]
        for days in WITHIN
    }

    def of_these(days: int, number: ColumnElement[int]) -> ColumnElement[int]:
        return case((count.c.out_month.in_(over[days]), number), else_=0)

    return select(
        count.c.out_month,
        count.c.why,
        count.c.people,
        *(of_these(days, count.c.people) for days in WITHIN),
        *(of_these(days, count.c[f"back_{days}"]) for days in WITHIN),
    ).where(
        count.c.scope == stays.scope(asked),
        count.c.out_month.in_([month for month, _since, _end in spans]),
        count.c.why.in_([why.value for why in REASONS]),
    )


def _one_by_one(span: Span, asked: Asked) -> Select[Any]:
    month, since, until = span
    one = stays.joined(asked)
    return (
        select(
            literal(month, Date),
            one.c.why,
            func.count(),
            *(count_if(_over(one, days, asked)) for days in WITHIN),
            *(count_if(_back(one, days, asked)) for days in WITHIN),
        )
        .where(*_within(one, since, until))
        .group_by(one.c.why)
    )


def _within(one: Subquery, since: Any, until: Any) -> tuple[ColumnElement[bool], ...]:
    return (
        one.c.why.in_([why.value for why in REASONS]),
        one.c.until_at >= since,
        one.c.until_at < until,
    )


def _share(left: Sequence[Left], place: int) -> Share:
    return Share(sum(one.back[place] for one in left), sum(one.over[place] for one in left))


def _figure(place: int, days: int, left: Sequence[Left], earlier: Sequence[Left]) -> Figure:
    return Figure(
        _("Back within %(days)s days", days=days),
        [opened(_share(left, place), f"back{days}:{ALL}:{ALL}")],
        _("Of those who left in these months, so many days ago or more."),
        [_share(earlier, place)],
    )


def _table(
    caption: str, head: str, names: Sequence[tuple[str, str]], parts: Sequence[Sequence[Left]]
) -> Table:
    return Table(
        caption,
        [head, _("Left"), *(_("Back within %(days)s days", days=days) for days in WITHIN)],
        [
            [
                name,
                opened(sum(one.people for one in part), f"left:{key}"),
                *(
                    opened(_share(part, place), f"back{days}:{key}")
                    for place, days in enumerate(WITHIN)
                ),
            ]
            for (name, key), part in zip(names, parts, strict=True)
        ],
        _("Each share is of those for whom so many days are over.") + " " + too_few(),
        muted([_share(part, 0) for part in parts]),
    )


def _chart(asked: Asked, left: Sequence[Left]) -> Chart | None:
    if not left:
        return None
    return Chart(
        _("Patrons who left in each month"),
        [
            (
                report_words.short_month(month),
                format_month(month),
                sum(one.people for one in left if one.month == month),
            )
            for month, *_span in asked.spans()
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the people of a cell. Raises `KeyError` for a key no cell has."""
    try:
        kind, word, why = key.split(":")
    except ValueError:
        raise KeyError(key) from None
    one = stays.joined(asked)
    kinds: dict[str, tuple[ColumnElement[bool], ...]] = {"left": ()}
    kinds |= {f"back{days}": (_back(one, days, asked),) for days in WITHIN}
    name, since, until = span_of(asked, word)
    where = [*_within(one, since, until), *kinds[kind]]
    if why != ALL:
        if why not in tuple(REASONS):
            raise KeyError(key)
        where.append(one.c.why == why)
    query = (
        select(one, Account.name)
        .join(Account, Account.id == one.c.account_id)
        .where(*where)
        .order_by(one.c.out_at.desc(), one.c.account_id)
    )
    return Listing(
        _("Left in: %(month)s", month=name)
        if kind == "left"
        else _("Left in: %(month)s, and came back", month=name),
        [_("Name"), _("Left"), _("Why"), _("Came back")],
        Found(query, _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.out_at,
        stay_words.why(Why(row.why)),
        row.back_at,
    ]


REPORT = Report(
    name="win-back",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("Who left and came back"),
    definition=lambda: _(
        "Of the people who ceased to be patrons in a month, how many were patrons again within 90 "
        "days and within a year; only of those for whom these days are over."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Who pauses has not left. It does not tell why somebody came back: most come by themselves."
    ),
)
