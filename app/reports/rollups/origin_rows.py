"""The statements that define what articles brought: each movement that came, and their counts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    text,
)

from app.current import zone
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import MovementCause, MovementKind
from app.reports.rollups.people_rows import local, month, of
from app.reports.spans import BEGINS

#: What of the movements a pledge of somebody is: the first, one after a break, one more.
NEW, RETURNED, MORE = "new", "returned", "more"
CAME = (NEW, RETURNED, MORE)
#: How many months later it is asked who stayed.
KEPT = (3, 6, 12)


def origins(span: FromClause, accounts: Sequence[int] | None = None) -> Select[Any]:
    """Define `Origin`."""
    kind, at = PledgeMovement.kind, PledgeMovement.at
    came = case((kind == MovementKind.NEW, NEW), (kind == MovementKind.RETURNING, RETURNED))
    begins = PledgeMovement.cause.in_(BEGINS)
    found: Select[Any] = (
        select(
            PledgeMovement.id,
            PledgeMovement.account_id,
            at,
            PledgeMovement.currency,
            func.coalesce(Pledge.article, "").label("article"),
            func.coalesce(came, MORE).label("came"),
            begins.label("begins"),
            PledgeMovement.yearly_minor,
            span.c.out_at,
            *(later(at, months).label(f"later_{months}") for months in KEPT),
            *(
                and_(
                    begins,
                    span.c.pledge_id.is_not(None),
                    or_(span.c.out_at.is_(None), span.c.out_at >= later(at, months)),
                ).label(f"kept_{months}")
                for months in KEPT
            ),
        )
        .join(Pledge, Pledge.id == PledgeMovement.pledge_id)
        .outerjoin(span, span.c.pledge_id == PledgeMovement.pledge_id)
        .where(
            or_(
                kind.in_((MovementKind.NEW, MovementKind.RETURNING)),
                PledgeMovement.cause == MovementCause.ANOTHER_PLEDGE,
            ),
            *of(PledgeMovement.account_id, accounts),
        )
    )
    return found


def later(moment: Any, months: int) -> ColumnElement[datetime]:
    """The moment some months after another, by the newsroom's calendar."""
    reading = local(moment) + text(f"interval '{int(months)} months'")
    return func.timezone(zone().key, reading)


def counts(one: FromClause) -> Select[Any]:
    """Define `OriginCount`."""
    keys = (month(one.c.at).label("month"), one.c.currency, one.c.article, one.c.came)
    return (
        select(
            *keys,
            func.count().label("moved"),
            func.sum(one.c.yearly_minor).label("yearly_minor"),
            func.count().filter(one.c.begins).label("begun"),
            *(
                func.count().filter(one.c[f"kept_{months}"]).label(f"kept_{months}")
                for months in KEPT
            ),
        )
        .select_from(one)
        .group_by(literal_column("1"), *keys[1:])
    )
