"""Catching up: events that were not delivered, fetched from Stripe's own list and settled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select, update

from app.extensions import db
from app.giving import settlement
from app.jobs import Job, enqueue_after_commit
from app.payments import inbox
from app.payments.gateway import PaymentGateway
from app.payments.models import InboxEvent

#: What came just before a silence may have been lost as well.
BEFORE_LAST = timedelta(hours=1)
#: Stripe keeps its list for so long, and delivers again what we did not take for so long.
KEPT, DELIVERED_AGAIN = timedelta(days=30), timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Count:
    """How many events Stripe told of, were new here, and could be settled."""

    told: int
    new: int
    settled: int


def since_last(*, now: datetime) -> datetime:
    """Return from when to catch up: shortly before the longest silence of late, or all there is.

    Once we are back, what Stripe delivers again makes the last event a fresh one: the time we were
    away is the longest in which none came, of those that ended while Stripe still delivers again.
    """
    told = select(InboxEvent.received_at.label("at")).where(InboxEvent.received_at > now - KEPT)
    moments = told.union_all(select(literal(now))).subquery()
    before = func.lag(moments.c.at).over(order_by=moments.c.at)
    silences = select(before.label("since"), moments.c.at.label("until")).subquery()
    since = db.session.scalar(
        select(silences.c.since)
        .where(silences.c.since.is_not(None), silences.c.until >= now - DELIVERED_AGAIN)
        .order_by((silences.c.until - silences.c.since).desc(), silences.c.since)
        .limit(1)
    )
    db.session.commit()
    return max(since - BEFORE_LAST, now - KEPT) if since else now - KEPT


def run(
    gateway: PaymentGateway,
    since: datetime,
    *,
    livemode: bool,
    clock: Callable[[], datetime],
    tell: Callable[[Count], object] = lambda _count: None,
) -> Count:
    """Keep and settle every event since a moment, the oldest first; commits each.

    Those known are left alone, but for those given up since: what they waited for may have been
    among the lost, so they are due again. What cannot be settled stays owed like any other. May run
    while the workers do, and twice. Raises `GatewayError`.
    """
    told = new = settled = 0
    for envelope in gateway.events(since):
        told += 1
        if envelope.foreign_account or envelope.livemode != livemode:
            continue
        if inbox.keep(envelope, now=clock()):
            new += 1
            settlement.settle(envelope.event_id, gateway, now=clock())
            settled += _is_settled(envelope.event_id)
        tell(Count(told, new, settled))
    _ask_again(since, now=clock())
    return Count(told, new, settled)


def _ask_again(since: datetime, *, now: datetime) -> None:
    db.session.execute(
        update(InboxEvent)
        .where(
            InboxEvent.given_up(), InboxEvent.settled_at.is_(None), InboxEvent.received_at >= since
        )
        .values(attempts=0, due_at=now)
        .execution_options(synchronize_session=False)
    )
    enqueue_after_commit(Job.SETTLE_EVENTS)
    db.session.commit()


def _is_settled(event_id: str) -> bool:
    found = db.session.scalar(select(InboxEvent.settled_at).where(InboxEvent.id == event_id))
    db.session.commit()
    return found is not None
