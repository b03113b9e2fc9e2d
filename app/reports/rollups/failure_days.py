"""Renewals whose first attempt failed, by day: what became of them; and those taken at once."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    Select,
    String,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from app.extensions import Base, Key, db
from app.giving.models import Donation, FailedPayment, Pledge
from app.reports.rollups.kept import Day, by_day, day_at, within

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


class FailureDay(Base):
    """How many renewals that failed at first on one day are alike, and their sum."""

    __tablename__ = "failure_day"

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(Date, index=True)
    currency: Mapped[str] = mapped_column(String(3))
    remedy: Mapped[str] = mapped_column(String(10))
    decline_code: Mapped[str | None] = mapped_column(String(60))
    #: An `Outcome` but for time that has passed: what is not paid is open.
    paid: Mapped[str] = mapped_column(String(10))
    #: See `By`; null where nothing was paid.
    by: Mapped[str | None] = mapped_column(String(10))
    count: Mapped[int] = mapped_column(Integer)
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class RenewalDay(Base):
    """How many renewals were paid on one day without a failed attempt."""

    __tablename__ = "renewal_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)


def cases(of: Callable[[Any], ColumnElement[bool]], now: datetime | None = None) -> Any:
    """Every renewal whose first attempt failed at a wanted moment, and what became of it by now.

    Without a `now` it is all that is known, and nothing is over yet.
    """
    first, earlier = aliased(FailedPayment), aliased(FailedPayment)
    paid = aliased(Donation)
    in_time = paid.received_at <= first.failed_at + WINDOW
    over = false() if now is None else first.failed_at + WINDOW <= now
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
                true() if now is None else paid.received_at <= now,
            ),
        )
        .where(
            of(first.failed_at),
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


def taken_at_once(of: Callable[[Any], ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Select `at` and currency of the renewals of wanted moments paid without a failed attempt.

    The first gift of a pledge is no renewal.
    """
    return (
        select(Donation.received_at.label("at"), Donation.currency)
        .join(Pledge, Pledge.id == Donation.pledge_id)
        .where(
            of(Donation.received_at),
            Donation.stripe_invoice_id.is_not(None),
            Donation.received_at > Pledge.started_at,
            ~exists().where(FailedPayment.stripe_invoice_id == Donation.stripe_invoice_id),
        )
    )


def _away(table: type[Base], days: Sequence[Day]) -> None:
    of_days = table.__table__.c.day.in_([one.day for one in days])
    db.session.execute(delete(table).where(of_days).execution_options(synchronize_session=False))


def _failures(days: Sequence[Day]) -> None:
    """Fill the failures of some days again; the caller commits."""
    _away(FailureDay, days)
    one = cases(lambda moment: within(moment, days)).c
    day = day_at(one.failed_at, days).label("day")
    alike = (day, one.currency, one.remedy, one.decline_code, one.outcome, one.by)
    db.session.execute(
        insert(FailureDay).from_select(
            ["day", "currency", "remedy", "decline_code", "paid", "by", "count", "amount_minor"],
            select(*alike, func.count(), func.sum(one.amount_minor)).group_by(*alike),
        )
    )


def _renewals(days: Sequence[Day]) -> None:
    """Fill the renewals of some days again; the caller commits."""
    _away(RenewalDay, days)
    one = taken_at_once(lambda moment: within(moment, days)).subquery().c
    alike = (day_at(one.at, days).label("day"), one.currency)
    db.session.execute(
        insert(RenewalDay).from_select(
            ["day", "currency", "count"], select(*alike, func.count()).group_by(*alike)
        )
    )


FAILURES = by_day("failure_day", (FailureDay,), _failures, [FailedPayment.failed_at])
RENEWALS = by_day("renewal_day", (RenewalDay,), _renewals, [Donation.received_at])
