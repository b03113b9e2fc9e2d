"""Renewals whose first attempt failed, one row each: when, what would help, and what became of it.

Shared by everything that asks how well failed payments are won back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Donation, FailedPayment, Pledge
from app.reports import periods
from app.reports.shape import Asked

#: Within so long a failed payment has to be made good to count as recovered.
WINDOW = timedelta(days=28)
#: Stripe tries again about when it said it would; what is paid at another time somebody paid.
ABOUT = timedelta(hours=12)


class Outcome(StrEnum):
    """What became of a renewal whose first attempt failed."""

    #: Paid within the window, and after it.
    RECOVERED = "recovered"
    LATE = "late"
    #: Not paid, and the window is over; or it is not over yet.
    LOST = "lost"
    OPEN = "open"


class By(StrEnum):
    """What made a failed payment good, as far as its card and its hour tell."""

    OTHER_CARD = "other_card"
    #: The same card, when Stripe was to try again; and at another time.
    RETRY = "retry"
    BY_HAND = "by_hand"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failed:
    """How many renewals of one month, currency and kind failed at first, and their sum.

    `closed` says that the window was over for them all; `by` is null where nothing was paid.
    """

    month: date
    currency: str
    remedy: str
    decline_code: str | None
    outcome: Outcome
    closed: bool
    by: By | None
    count: int
    amount_minor: int


def _cases(since: datetime, until: datetime, now: datetime) -> Any:
    """Every renewal whose first attempt failed in a span, with what became of it by now."""
    first, earlier = aliased(FailedPayment), aliased(FailedPayment)
    paid = aliased(Donation)
    in_time = paid.received_at <= first.failed_at + WINDOW
    over = first.failed_at + WINDOW <= now
    outcome = case(
        (and_(paid.id.is_not(None), in_time), Outcome.RECOVERED.value),
        (paid.id.is_not(None), Outcome.LATE.value),
        (over, Outcome.LOST.value),
        else_=Outcome.OPEN.value,
    )
    return (
        select(
            first.failed_at,
            first.pledge_id,
            first.stripe_invoice_id,
            first.amount_minor,
            first.currency,
            first.remedy,
            first.decline_code,
            paid.received_at.label("paid_at"),
            outcome.label("outcome"),
            over.label("closed"),
            _by(first, paid).label("by"),
        )
        .outerjoin(
            paid,
            and_(
                paid.stripe_invoice_id == first.stripe_invoice_id,
                # What is received by the end of the figures, and not after.
                paid.received_at <= now,
            ),
        )
        .where(
            first.failed_at >= since,
            first.failed_at < until,
            ~exists().where(
                earlier.stripe_invoice_id == first.stripe_invoice_id,
                earlier.attempt < first.attempt,
            ),
        )
        .subquery("failed")
    )


def _by(first: Any, paid: Any) -> ColumnElement[str | None]:
    """What made it good: the card before it told apart from the card that paid, and the hour."""
    before, last = aliased(Donation), aliased(FailedPayment)
    card = func.concat(before.card_brand, ":", before.card_last4)
    card_before = (
        select(case((before.card_last4.is_not(None), card)))
        .where(before.pledge_id == first.pledge_id, before.received_at < first.failed_at)
        .order_by(before.received_at.desc(), before.id.desc())
        .limit(1)
        .correlate(first)
        .scalar_subquery()
    )
    announced = (
        select(last.next_attempt_at)
        .where(
            last.stripe_invoice_id == first.stripe_invoice_id, last.failed_at <= paid.received_at
        )
        .order_by(last.attempt.desc())
        .limit(1)
        .correlate(first, paid)
        .scalar_subquery()
    )
    card_now = func.concat(paid.card_brand, ":", paid.card_last4)
    return case(
        (paid.id.is_(None), None),
        (paid.card_last4.is_(None) | card_before.is_(None), By.UNKNOWN.value),
        (card_now != card_before, By.OTHER_CARD.value),
        (paid.received_at.between(announced - ABOUT, announced + ABOUT), By.RETRY.value),
        else_=By.BY_HAND.value,
    )


def by_month(asked: Asked) -> list[Failed]:
    """Count the renewals that failed at first in each month, by all that is told of them."""
    if not asked.spans():
        return []
    failed = _cases(asked.since, asked.until, asked.now)
    columns = failed.c
    alike = (
        periods.place_of(columns.failed_at, asked).label("place"),
        columns.currency,
        columns.remedy,
        columns.decline_code,
        columns.outcome,
        columns.closed,
        columns.by,
    )
    rows = db.session.execute(
        select(*alike, func.count(), func.sum(columns.amount_minor))
        .where(*((columns.currency == asked.currency,) if asked.currency else ()))
        .group_by(*alike)
        .order_by(*alike)
    )
    return [
        Failed(
            periods.month_at(asked, place),
            currency,
            remedy,
            decline_code,
            Outcome(outcome),
            closed,
            By(by) if by else None,
            count,
            int(amount),
        )
        for place, currency, remedy, decline_code, outcome, closed, by, count, amount in rows
    ]


def taken_at_once(asked: Asked) -> dict[tuple[date, str], int]:
    """Count by month and currency the renewals that were paid without a failed attempt.

    The first gift of a pledge is no renewal.
    """
    if not asked.spans():
        return {}
    alike = periods.place_of(Donation.received_at, asked).label("place"), Donation.currency
    rows = db.session.execute(
        select(*alike, func.count())
        .join(Pledge, Pledge.id == Donation.pledge_id)
        .where(
            periods.within(Donation.received_at, asked),
            Donation.stripe_invoice_id.is_not(None),
            Donation.received_at > Pledge.started_at,
            ~exists().where(FailedPayment.stripe_invoice_id == Donation.stripe_invoice_id),
            *((Donation.currency == asked.currency,) if asked.currency else ()),
        )
        .group_by(*alike)
    )
    return {(periods.month_at(asked, place), currency): count for place, currency, count in rows}


def rows_of(
    since: datetime, until: datetime, now: datetime, **wanted: Sequence[Any]
) -> Select[*tuple[Any, ...]]:
    """Select the renewals of a span, the newest first, where each named column has a wanted value.

    The columns of a renewal with `account_id` and `name`.
    """
    failed = _cases(since, until, now)
    return (
        select(failed, Pledge.account_id, Account.name)
        .join(Pledge, Pledge.id == failed.c.pledge_id)
        .join(Account, Account.id == Pledge.account_id)
        .where(
            *(
                func.coalesce(failed.c[name], "").in_(values)
                if name == "decline_code"
                else failed.c[name].in_(values)
                for name, values in wanted.items()
            )
        )
        .order_by(failed.c.failed_at.desc(), failed.c.stripe_invoice_id)
    )
