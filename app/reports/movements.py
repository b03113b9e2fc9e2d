"""Who became a patron and who ceased to be one: people, not pledges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    String,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    select,
    true,
    union_all,
)

from app.accounts.models import Account
from app.extensions import db
from app.giving.arrivals.touches import Turn
from app.giving.models import Pledge, Touch
from app.giving.rules import EndReason, Interval
from app.money import Money
from app.reports import article_names
from app.reports.rollups import sources
from app.reports.rollups.people_tables import ALL, Span, Stay
from app.reports.spans import Why


class Way(StrEnum):
    """Which way somebody went."""

    JOINED = "joined"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Mover:
    """One patron who joined or left, with the pledge it was about.

    `cause` is an `EndReason` or `spans.PAUSED` of who left, null of who joined. `returned` tells
    who had been a patron before.
    """

    way: Way
    account_id: int
    name: str
    at: datetime
    amount: Money
    interval: Interval
    #: What the article is called that led to the pledge.
    article: str | None
    #: Of the last touch before the pledge.
    campaign: str | None
    cause: str | None
    returned: bool


@dataclass(frozen=True, slots=True)
class Movements:
    """Everyone who moved is in the counts, the newest of each way in the lists.

    Who joins and leaves within the period counts in both: patrons before + joined - left is patrons
    now. `left` = `left_by_will` + `left_for_payment` + `left_for_dispute` + others (paused, or for
    unknown reasons).
    """

    joined: int
    returned: int
    left: int
    left_by_will: int
    left_for_payment: int
    left_for_dispute: int
    newest_joined: Sequence[Mover]
    newest_left: Sequence[Mover]


def between(start: datetime, now: datetime, *, newest: int) -> Movements:
    """Tell who became a patron and who ceased to be one from `start` to `now`; one statement."""
    moved = union_all(_joined(start, now, newest), _left(start, now, newest)).subquery()
    counts = _counts(start, now).subquery()
    rows = db.session.execute(
        select(
            counts,
            moved,
            Account.name,
            Pledge,
            Touch.campaign,
            article_names.title_of(Pledge.article).label("title"),
        )
        .select_from(counts)
        .outerjoin(moved, true())
        .outerjoin(Account, Account.id == moved.c.account_id)
        .outerjoin(Pledge, Pledge.id == moved.c.pledge_id)
        .outerjoin(Touch, and_(Touch.pledge_id == moved.c.pledge_id, Touch.turn == Turn.LAST))
        .order_by(moved.c.at.desc(), moved.c.pledge_id)
    ).all()
    joined, returned, left, by_will, unpaid, disputed = (int(count) for count in rows[0][:6])
    return Movements(
        joined,
        returned,
        left,
        by_will,
        unpaid,
        disputed,
        [_mover(row) for row in rows if row.way == Way.JOINED],
        [_mover(row) for row in rows if row.way == Way.LEFT],
    )


def _came(stay: FromClause, start: datetime, now: datetime) -> ColumnElement[bool]:
    return and_(stay.c.scope == ALL, stay.c.came_at >= start, stay.c.came_at <= now)


def _went(stay: FromClause, start: datetime, now: datetime) -> ColumnElement[bool]:
    return and_(
        stay.c.scope == ALL, stay.c.out_at >= start, stay.c.out_at <= now, stay.c.came_at <= now
    )


def _counts(start: datetime, now: datetime) -> Select[*tuple[Any, ...]]:
    """The counts of `Movements`, in their order; each way is gone through once."""
    came, gone = sources.read(Stay), sources.read(Stay)
    joined = (
        select(
            func.count().label("all_joined"),
            func.count().filter(not_(came.c.first)).label("all_returned"),
        )
        .where(_came(came, start, now))
        .subquery()
    )
    # Who contested a payment ceased for want of payment too; only the pledge tells them apart.
    cause = case((gone.c.why == Why.PAYMENT, _cause(gone)))
    went = select(gone.c.why, cause.label("cause")).where(_went(gone, start, now))
    # Each cause is looked up once, however many ways it is counted in.
    one = went.cte("went").prefix_with("MATERIALIZED")
    left = select(
        func.count().label("all_gone"),
        func.count().filter(one.c.why == Why.WISH).label("all_by_will"),
        *(
            func.count().filter(one.c.cause == reason.value).label(f"all_{reason.value}")
            for reason in (EndReason.UNPAID, EndReason.DISPUTED)
        ),
    ).subquery()
    return select(joined, left).join_from(joined, left, true())


def _joined(start: datetime, now: datetime, newest: int) -> Select[*tuple[Any, ...]]:
    """The newest stays, with the pledge they began with: of two at one instant the lesser id."""
    stay, span = sources.read(Stay), sources.read(Span)
    of_person = (span.c.account_id == stay.c.account_id, span.c.came_at == stay.c.came_at)
    few = (
        select(
            literal(Way.JOINED.value).label("way"),
            _least(span, span.c.pledge_id, *of_person).label("pledge_id"),
            stay.c.account_id,
            stay.c.came_at.label("at"),
            cast(null(), String).label("cause"),
            not_(stay.c.first).label("returned"),
        )
        .where(_came(stay, start, now))
        .order_by(stay.c.came_at.desc(), stay.c.account_id)
        .limit(newest)
        .subquery()
    )
    return select(few)


def _left(start: datetime, now: datetime, newest: int) -> Select[*tuple[Any, ...]]:
    """The stays that ended last, with the pledge: of two at one instant the lesser id."""
    stay, span = sources.read(Stay), sources.read(Span)
    of_person = (span.c.account_id == stay.c.account_id, span.c.out_at == stay.c.out_at)
    few = (
        select(
            literal(Way.LEFT.value).label("way"),
            _least(span, span.c.pledge_id, *of_person).label("pledge_id"),
            stay.c.account_id,
            stay.c.out_at.label("at"),
            _cause(stay).label("cause"),
            false().label("returned"),
        )
        .where(_went(stay, start, now))
        .order_by(stay.c.out_at.desc(), stay.c.account_id)
        .limit(newest)
        .subquery()
    )
    return select(few)


def _cause(stay: FromClause) -> Any:
    """The cause by which a stay ended."""
    span = sources.read(Span)
    of_person = (span.c.account_id == stay.c.account_id, span.c.out_at == stay.c.out_at)
    return _least(span, span.c.cause, *of_person)


def _least(span: FromClause, value: ColumnElement[Any], *of: ColumnElement[bool]) -> Any:
    """A value of the pledge with the least id of some spans."""
    one = select(value).where(*of).order_by(span.c.pledge_id).limit(1)
    return one.correlate_except(span).scalar_subquery()


def _mover(row: Row[Any]) -> Mover:
    article = row.Pledge.article
    return Mover(
        Way(row.way),
        row.account_id,
        row.name,
        row.at,
        row.Pledge.amount,
        Interval(row.Pledge.interval),
        article_names.written(article, row.title) if article else None,
        row.campaign,
        row.cause,
        row.returned,
    )
