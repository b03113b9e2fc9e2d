"""Stays of patrons beside how each person's first one began: when, on which plan, by what article.

The plan is that of the first gift: who changes it later stays among those they came with.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, case, func, select

from app.accounts.models import Account
from app.giving.rules import Interval
from app.reports import article_names, stay_words, stays
from app.reports.listing import Found
from app.reports.shape import Asked, Behind, Listing, Person, Share, Value
from app.reports.spans import Why

#: The plans, in the order they are shown.
PLANS = (Interval.MONTH, Interval.YEAR)


def begun(asked: Asked) -> Subquery:
    """Select every stay with the beginning of its person's first one; see `stays.joined`."""
    return stays.joined(asked)


def stands_at(one: Subquery, moment: ColumnElement[datetime] | datetime) -> ColumnElement[bool]:
    """Whether a stay lasted up to a moment; one that begins at it has not."""
    ends = one.c.until_at
    return and_(one.c.came_at < moment, (ends.is_(None)) | (ends >= moment))


def people(
    one: Subquery, *where: ColumnElement[bool], order: Sequence[ColumnElement[Any]] = ()
) -> Select[*tuple[Any, ...]]:
    """Select stays of `begun` with the names of the people."""
    return (
        select(one, Account.name, article_names.title_of(one.c.article).label("title"))
        .join(Account, Account.id == one.c.account_id)
        .where(*where)
        .order_by(*order, one.c.came_at.desc(), one.c.account_id)
    )


def listing(caption: str, query: Select[*tuple[Any, ...]]) -> Listing:
    """The list of the people behind a figure, a row for each stay, as `people` has them."""
    return Listing(
        caption,
        [_("Name"), _("Came"), _("Until"), _("Plan at first"), _("Why"), _("Article")],
        Found(query, _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.came_at,
        row.out_at,
        stay_words.plan(Interval(row.begun_as)),
        stay_words.why(Why(row.why)) if row.why else None,
        article_names.written(row.article, row.title),
    ]


def origin(of: str) -> str:
    """Write which campaign or sender brought somebody; none is unknown."""
    return of or str(_("unknown"))


def opened(value: int | Share, key: str) -> Value:
    """A count or share that opens its list; what counts nobody has none."""
    part = value.part if isinstance(value, Share) else value
    return Behind(value, key) if part else value


def muted(shares: Sequence[Share]) -> frozenset[int]:
    """Which of these rows are of too few to say much."""
    return frozenset(place for place, share in enumerate(shares) if share.small)


def too_few() -> str:
    """Say why rows are grey."""
    return str(
        _(
            "Grey rows are of fewer than %(count)s people: one more or less moves them much.",
            count=Share.SMALL,
        )
    )


def count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group a condition holds of."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
