"""The statements that define what patrons brought: each one's gifts on pledges, and their sums."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Numeric, Select, and_, case, cast, func, select

from app.giving.models import Adjustment, Donation, DonationFee
from app.reports.rollups.people_rows import of


def brought(
    stay: FromClause, accounts: Sequence[int] | None = None, *which: ColumnElement[bool]
) -> Select[Any]:
    """Define `Brought`; `which` narrows the gifts.

    A fee is taken from a gift as the share of it that it is, so that no rate of exchange is needed.
    """
    moved = select(
        Adjustment.donation_id, func.sum(Adjustment.amount_minor).label("minor")
    ).group_by(Adjustment.donation_id)
    # Of a few people their own, of everybody all at once.
    went_back = (
        moved.subquery()
        if accounts is None
        else moved.where(Adjustment.donation_id == Donation.id).lateral()
    )
    whole = func.nullif(DonationFee.fee_minor + DonationFee.net_minor, 0)
    fee = cast(Donation.amount_minor, Numeric) * DonationFee.fee_minor / whole
    paid = (
        select(
            Donation.account_id,
            Donation.currency,
            func.coalesce(func.sum(case((whole.is_not(None), Donation.amount_minor))), 0).label(
                "settled_minor"
            ),
            func.coalesce(func.sum(fee), 0).label("fee_minor"),
            func.sum(Donation.amount_minor + func.coalesce(went_back.c.minor, 0)).label(
                "paid_minor"
            ),
        )
        .outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        .outerjoin(went_back, went_back.c.donation_id == Donation.id)
        .where(Donation.pledge_id.is_not(None), *of(Donation.account_id, accounts), *which)
        .group_by(Donation.account_id, Donation.currency)
        .subquery()
    )
    return (
        select(
            stay.c.account_id,
            stay.c.scope,
            stay.c.begun_as,
            stay.c.currency,
            paid.c.settled_minor,
            paid.c.fee_minor,
            paid.c.paid_minor,
        )
        .join(
            paid,
            and_(paid.c.account_id == stay.c.account_id, paid.c.currency == stay.c.currency),
        )
        .where(stay.c.first, *of(stay.c.account_id, accounts))
    )


def sums(one: FromClause) -> Select[Any]:
    """Define `BroughtSum`."""
    return select(
        one.c.scope,
        one.c.begun_as,
        one.c.currency,
        func.count().label("people"),
        func.sum(one.c.settled_minor).label("settled_minor"),
        func.sum(one.c.fee_minor).label("fee_minor"),
        func.sum(one.c.paid_minor).label("paid_minor"),
    ).group_by(one.c.scope, one.c.begun_as, one.c.currency)
