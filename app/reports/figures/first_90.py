"""The first 90 days: how many of those who come are still patrons then, by plan and article."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Integer,
    Subquery,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)

from app.accounts.models import Role
from app.extensions import db
from app.giving.rules import Interval
from app.reports import article_names, beginnings, stay_words, stays
from app.reports.beginnings import PLANS, opened
from app.reports.rollups import people_rows, sources
from app.reports.rollups.people_tables import BegunCount
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
)

#: The days somebody must have stayed.
DAYS = people_rows.FIRST_DAYS
#: The chart has the articles that brought the most people.
MOST = 20


@dataclass(frozen=True, slots=True)
class Came:
    """People who came first on one plan from one article (empty for none).

    `over` of them have had their 90 days, and `kept` of these were patrons all that time.
    """

    plan: Interval
    article: str
    people: int
    over: int
    kept: int


def build(asked: Asked) -> Answer:
    """Tell of each plan and each article how many of those who came stayed."""
    came, earlier = _came(asked), _came(asked.before())
    articles = sorted({one.article for one in came}, key=lambda name: _rank(came, name))
    names = article_names.named(articles)
    return Answer(
        [_figure(plan, came, earlier) for plan in PLANS]
        + [
            Figure(
                _("90 days not over yet"),
                [opened(_sum(came, lambda one: one.people - one.over), "open:all:")],
                _("They are in no share, or the newest months would always look bad."),
            )
        ],
        _chart(came, articles, names),
        [
            _table(
                _("By article"),
                _("Article"),
                [(names[name], f"all:{name}") for name in articles],
                [[one for one in came if one.article == name] for name in articles],
            ),
            _table(
                _("By plan"),
                _("Plan at first"),
                [(stay_words.plan(plan), f"{plan}:*") for plan in PLANS],
                [[one for one in came if one.plan is plan] for plan in PLANS],
            ),
        ],
    )


def _rank(came: Sequence[Came], name: str) -> tuple[bool, int, str]:
    """Where an article stands: the one that brought the most first, the unknown one last."""
    return not name, -sum(one.people for one in came if one.article == name), name


def _came(asked: Asked) -> list[Came]:
    """Count who came in these months; one statement."""
    count, one = sources.read(BegunCount), beginnings.begun(asked)
    over = one.c.came_at + DAYS <= asked.now
    spans = asked.spans()
    # All of these have had their days, none of those; of the other months each person is asked.
    had = [month for month, _since, until in spans if until + DAYS <= asked.now]
    none = [
        month for month, since, until in spans if since + DAYS > asked.now and until < asked.now
    ]
    mixed = [span for span in spans if span[0] not in {*had, *none}]
    here = count.c.scope == stays.scope(asked)
    parts = union_all(
        select(
            count.c.begun_as,
            count.c.article,
            count.c.people.label("people"),
            case((count.c.came_month.in_(had), count.c.people), else_=0).label("over"),
            case((count.c.came_month.in_(had), count.c.kept), else_=0).label("kept"),
        ).where(here, count.c.came_month.in_([*had, *none])),
        select(
            one.c.begun_as,
            one.c.article,
            literal(1),
            cast(over, Integer),
            cast(over & _stayed(one), Integer),
        ).where(
            *_within(one, asked),
            or_(
                false(),
                *((one.c.came_at >= since) & (one.c.came_at < end) for _month, since, end in mixed),
            ),
        ),
    ).subquery()
    sums = (func.sum(parts.c[name]) for name in ("people", "over", "kept"))
    rows = db.session.execute(
        select(parts.c.begun_as, parts.c.article, *sums)
        .group_by(parts.c.begun_as, parts.c.article)
        .having(func.sum(parts.c.people) > 0)
    )
    return [
        Came(Interval(plan), article, *(int(number) for number in counts))
        for plan, article, *counts in rows
    ]


def _within(one: Subquery, asked: Asked) -> tuple[ColumnElement[bool], ...]:
    until = max(asked.since, asked.until)
    return (one.c.first, one.c.came_at >= asked.since, one.c.came_at < until)


def _stayed(one: Subquery) -> ColumnElement[bool]:
    return one.c.until_at.is_(None) | (one.c.until_at >= one.c.came_at + DAYS)


def _sum(came: Sequence[Came], of: Callable[[Came], int]) -> int:
    return sum(of(one) for one in came)


def _share(came: Sequence[Came]) -> Share:
    return Share(_sum(came, lambda one: one.kept), _sum(came, lambda one: one.over))


def _figure(plan: Interval, came: Sequence[Came], earlier: Sequence[Came]) -> Figure:
    def share(of: Sequence[Came]) -> Share:
        return _share([one for one in of if one.plan is plan])

    labels = {
        Interval.MONTH: _("Monthly patrons after 90 days"),
        Interval.YEAR: _("Yearly patrons after 90 days"),
    }
    return Figure(
        labels[plan],
        [opened(share(came), f"kept:{plan}:*")],
        _("Of those who came first in these months and whose 90 days are over."),
        [share(earlier)],
    )


def _table(
    caption: str, head: str, names: Sequence[tuple[str, str]], parts: Sequence[Sequence[Came]]
) -> Table:
    return Table(
        caption,
        [head, _("Came"), _("90 days over"), _("Patrons after 90 days"), _("Left before")],
        [
            [
                name,
                opened(_sum(part, lambda one: one.people), f"came:{key}"),
                opened(_sum(part, lambda one: one.over), f"over:{key}"),
                opened(_share(part), f"kept:{key}"),
                opened(_sum(part, lambda one: one.over - one.kept), f"lost:{key}"),
            ]
            for (name, key), part in zip(names, parts, strict=True)
        ],
        beginnings.too_few(),
        beginnings.muted([_share(part) for part in parts]),
    )


def _chart(came: Sequence[Came], articles: Sequence[str], names: Mapping[str, str]) -> Chart | None:
    if not came:
        return None
    return Chart(
        _("People who came by article, in the order of the table"),
        [
            (
                str(place),
                names[name],
                sum(one.people for one in came if one.article == name),
            )
            for place, name in enumerate(articles[:MOST], 1)
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the people of a cell. Raises `KeyError` for a key no cell has."""
    try:
        kind, plan, article = key.split(":", 2)
    except ValueError:
        raise KeyError(key) from None
    one = beginnings.begun(asked)
    over = one.c.came_at + DAYS <= asked.now
    conditions = {
        "came": (),
        "over": (over,),
        "open": (~over,),
        "kept": (over, _stayed(one)),
        "lost": (over, ~_stayed(one)),
    }
    captions = {
        "came": _("Came"),
        "over": _("90 days over"),
        "open": _("90 days not over yet"),
        "kept": _("Patrons after 90 days"),
        "lost": _("Left before"),
    }
    where = [*_within(one, asked), *conditions[kind]]
    name = ""
    if plan in tuple(PLANS):
        where.append(one.c.begun_as == plan)
        name = stay_words.plan(Interval(plan))
    elif plan != "all":
        raise KeyError(key)
    elif kind != "open":
        where.append(one.c.article == article)
        name = article_names.named([article])[article]
    caption = f"{captions[kind]}: {name}" if name else captions[kind]
    return beginnings.listing(caption, beginnings.people(one, *where))


REPORT = Report(
    name="first-90-days",
    group=Group.PEOPLE,
    roles=(Role.FUNDRAISER, Role.FINANCE),
    title=lambda: _("The first 90 days"),
    definition=lambda: _(
        "Of the people who became patrons for the first time in these months, how many still were "
        "90 days later, without a break; only of those whose 90 days are over."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "Who gives yearly has paid beyond the 90 days, so compare articles with the same plan. The "
        "article is the page whose link led to the first pledge; it is not known of everybody."
    ),
)
