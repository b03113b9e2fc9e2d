"""Renewals whose first attempt failed, one row each: when, what would help, and what became of it.

Shared by everything that asks how well failed payments are won back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    func,
    literal,
    or_,
    select,
    true,
)

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Donation, FailedPayment, Pledge
from app.reports import periods
from app.reports.rollups import following, reading
from app.reports.rollups.failure_days import (
    FAILURES,
    RENEWALS,
    WINDOW,
    By,
    FailureDay,
    Outcome,
    RenewalDay,
    cases,
)
from app.reports.rollups.failure_days import (
    taken_at_once as renewals,
)
from app.reports.rollups.mode import is_raw
from app.reports.shape import Asked

ONE_DAY = timedelta(days=1)

__all__ = ["WINDOW", "By", "Failed", "Outcome", "by_month", "rows_of", "taken_at_once"]


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


def by_month(asked: Asked) -> list[Failed]:
    """Count the renewals that failed at first in each month, by all that is told of them."""
    if not asked.spans():
        return []
    one = (_raw(asked, true()) if _looks_back(asked) else _kept(asked)).subquery("failed").c
    alike = (one.place, one.currency, one.remedy, one.decline_code, one.outcome, one.closed, one.by)
    rows = db.session.execute(
        select(*alike, func.sum(one.count), func.sum(one.amount_minor))
        .where(*((one.currency == asked.currency,) if asked.currency else ()))
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
            int(count),
            int(amount),
        )
        for place, currency, remedy, decline_code, outcome, closed, by, count, amount in rows
    ]


def _looks_back(asked: Asked) -> bool:
    """Whether anything is known that is later than now, so that what is kept says too much."""
    if is_raw():
        return True
    newest = (select(func.max(Donation.received_at)), select(func.max(FailedPayment.failed_at)))
    later = or_(*(one.scalar_subquery() > asked.now for one in newest))
    return bool(db.session.scalar(select(later)))


def _kept(asked: Asked) -> Any:
    """What is kept of whole days; the one day of which the window is over in part is read raw."""
    following.fresh(FAILURES)
    closing = reading.day_of(asked.now - WINDOW)
    one = FailureDay
    closed = one.day < closing.day
    lost = one.paid == Outcome.OPEN
    return (
        select(
            reading.place(one.day, _months(asked)).label("place"),
            one.currency,
            one.remedy,
            one.decline_code,
            case((closed & lost, Outcome.LOST.value), else_=one.paid).label("outcome"),
            closed.label("closed"),
            one.by,
            one.count,
            one.amount_minor,
        )
        .where(one.day >= asked.first, one.day <= _last(asked), one.day != closing.day)
        .union_all(_raw(asked, lambda moment: (moment >= closing.since) & (moment < closing.until)))
    )


def _raw(asked: Asked, of: Any) -> Any:
    """The same of the raw rows; `of` narrows the moments."""

    def wanted(moment: Any) -> ColumnElement[bool]:
        return periods.within(moment, asked) & (of(moment) if callable(of) else of)

    one = cases(wanted, asked.now).c
    return select(
        periods.place_of(one.failed_at, asked).label("place"),
        one.currency,
        one.remedy,
        one.decline_code,
        one.outcome,
        one.closed,
        one.by,
        literal(1).label("count"),
        one.amount_minor,
    )


def _months(asked: Asked) -> list[date]:
    return [month for month, _since, _until in asked.spans()]


def _last(asked: Asked) -> date:
    """The last day of the period; that of now where it is not over."""
    end = reading.day_of(asked.until)
    return end.day if end.since < asked.until else end.day - ONE_DAY


def taken_at_once(asked: Asked) -> dict[tuple[date, str], int]:
    """Count by month and currency the renewals that were paid without a failed attempt.

    The first gift of a pledge is no renewal.
    """
    if not asked.spans():
        return {}
    if _looks_back(asked):
        raw = renewals(lambda moment: periods.within(moment, asked)).subquery().c
        alike: tuple[Any, Any] = (periods.place_of(raw.at, asked).label("place"), raw.currency)
        count: ColumnElement[int] = func.count()
        which: tuple[ColumnElement[bool], ...] = ()
    else:
        following.fresh(RENEWALS)
        alike = (
            reading.place(RenewalDay.day, _months(asked)).label("place"),
            RenewalDay.currency,
        )
        count = func.sum(RenewalDay.count)
        which = (RenewalDay.day >= asked.first, RenewalDay.day <= _last(asked))
    rows = db.session.execute(
        select(*alike, count)
        .where(*which, *((alike[1] == asked.currency,) if asked.currency else ()))
        .group_by(*alike)
    )
    return {
        (periods.month_at(asked, place), currency): int(number) for place, currency, number in rows
    }


def rows_of(
    since: datetime, until: datetime, now: datetime, **wanted: Sequence[Any]
) -> Select[*tuple[Any, ...]]:
    """Select the renewals of a span, the newest first, where each named column has a wanted value.

    The columns of a renewal with `account_id` and `name`.
    """
    failed = cases(lambda moment: (moment >= since) & (moment < until), now)
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
