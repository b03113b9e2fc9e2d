"""What came in and what went by day, with the fees of it and what givers added to cover them."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Integer,
    Numeric,
    Select,
    String,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, db
from app.giving.models import Adjustment, Donation, DonationFee
from app.reports.entries import GIFT
from app.reports.rollups.kept import Day, between, by_day, day_at, within
from app.reports.rollups.mode import is_raw
from app.reports.rollups.reading import begun, day_of, together

STRIPE = "stripe"
#: What Stripe kept of a gift in the gift's own currency, at the rate of that very payment.
FEE_AS_GIVEN = func.round(
    cast(DonationFee.fee_minor * Donation.amount_minor, Numeric)
    / func.nullif(DonationFee.fee_minor + DonationFee.net_minor, 0)
)


class CashDay(Base):
    """What the entries of one kind came to on one day, where they came and were settled alike."""

    __tablename__ = "cash_day"

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(Date, index=True)
    currency: Mapped[str] = mapped_column(String(3))
    source: Mapped[str] = mapped_column(String(10))
    card_brand: Mapped[str | None] = mapped_column(String(20))
    #: Null for gifts whose fee is not known yet.
    settled_in: Mapped[str | None] = mapped_column(String(3))
    #: "gift" or an `Adjustment.kind`.
    kind: Mapped[str] = mapped_column(String(20))
    #: Whether they are of gifts given once.
    once: Mapped[bool] = mapped_column(Boolean)
    count: Mapped[int] = mapped_column(Integer)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    settled_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    #: How many of the gifts cover the fee, and what they add for it.
    covered: Mapped[int] = mapped_column(Integer)
    cover_minor: Mapped[int] = mapped_column(BigInteger)
    #: Of those the ones whose fee is known, what they add, and their fees as given.
    known: Mapped[int] = mapped_column(Integer)
    known_cover_minor: Mapped[int] = mapped_column(BigInteger)
    known_fee_minor: Mapped[int] = mapped_column(BigInteger)


#: What entries are told apart by, and what of them is added up.
ALIKE = ("currency", "source", "card_brand", "settled_in", "kind", "once")
SUMS = (
    "count",
    "amount_minor",
    "settled_minor",
    "fee_minor",
    "net_minor",
    "covered",
    "cover_minor",
    "known",
    "known_cover_minor",
    "known_fee_minor",
)


def entries(of: Callable[[Any], ColumnElement[bool]]) -> Any:
    """Every entry whose moment is wanted, as a subquery."""
    return union_all(_gifts(of), _moves(of)).subquery("entry")


def _gifts(of: Callable[[Any], ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    outside = Donation.source != STRIPE
    return (
        select(
            Donation.received_at.label("at"),
            # Of one gift nothing else has the same place: one refund of it may have two entries.
            literal(0).label("place"),
            literal(GIFT).label("kind"),
            Donation.id.label("donation_id"),
            Donation.account_id,
            Donation.source,
            Donation.card_brand,
            Donation.amount_minor,
            Donation.currency,
            case(
                (outside, Donation.amount_minor),
                else_=DonationFee.fee_minor + DonationFee.net_minor,
            ).label("settled_minor"),
            case((outside, 0), else_=DonationFee.fee_minor).label("fee_minor"),
            case((outside, Donation.amount_minor), else_=DonationFee.net_minor).label("net_minor"),
            case((outside, Donation.currency), else_=DonationFee.currency).label("settled_in"),
            Donation.pledge_id.is_(None).label("once"),
            case((outside, 0), else_=Donation.cover_minor).label("cover_minor"),
            case((outside, null()), else_=FEE_AS_GIVEN).label("fee_as_given"),
        )
        .outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        .where(of(Donation.received_at))
    )


def _moves(of: Callable[[Any], ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Adjustment.happened_at,
            Adjustment.id,
            Adjustment.kind,
            Adjustment.donation_id,
            Donation.account_id,
            Donation.source,
            Donation.card_brand,
            Adjustment.amount_minor,
            Adjustment.currency,
            Adjustment.settled_minor,
            Adjustment.fee_minor,
            Adjustment.net_minor,
            Adjustment.settled_currency,
            Donation.pledge_id.is_(None),
            literal(0),
            null(),
        )
        .join(Donation, Donation.id == Adjustment.donation_id)
        .where(of(Adjustment.happened_at))
    )


def summed(entry: Any, *of: ColumnElement[Any]) -> Select[Any]:
    """Add entries up as `CashDay` does, apart by the columns `of` and by all they are alike in."""
    columns = entry.c
    covers = columns.cover_minor > 0
    known = covers & columns.fee_as_given.is_not(None)

    def total(column: ColumnElement[Any], name: str) -> ColumnElement[int]:
        return cast(func.coalesce(column, 0), BigInteger).label(name)

    alike = (*of, *(columns[name] for name in ALIKE))
    return select(
        *alike,
        func.count().label("count"),
        *(total(func.sum(columns[name]), name) for name in SUMS[1:5]),
        func.count().filter(covers).label("covered"),
        total(func.sum(columns.cover_minor), "cover_minor"),
        func.count().filter(known).label("known"),
        total(func.sum(columns.cover_minor).filter(known), "known_cover_minor"),
        total(func.sum(columns.fee_as_given).filter(known), "known_fee_minor"),
    ).group_by(*alike)


def refill(days: Sequence[Day]) -> None:
    """Fill the table of some days again; the caller commits."""
    db.session.execute(
        delete(CashDay)
        .where(CashDay.day.in_([one.day for one in days]))
        .execution_options(synchronize_session=False)
    )
    entry = entries(lambda moment: within(moment, days))
    rows = summed(entry, day_at(entry.c.at, days).label("day"))
    db.session.execute(insert(CashDay).from_select(["day", *ALIKE, *SUMS], rows))


def read(since: datetime, until: datetime) -> Any:
    """The columns of `CashDay` but its id, from the first instant of a day up to any moment."""
    if is_raw() and since < until:
        entry = entries(lambda moment: (moment >= since) & (moment < until))
        days = between(since, until)
        return summed(entry, day_at(entry.c.at, days).label("day")).subquery()
    table = CashDay.__table__
    kept = select(*(table.c[name] for name in ("day", *ALIKE, *SUMS))).where(
        table.c.day >= day_of(since).day, table.c.day < day_of(until).day
    )
    rest, raw = begun(until), None
    if rest is not None and since < until:
        entry = entries(lambda moment: (moment >= rest.since) & (moment < until))
        raw = summed(entry, literal(rest.day, Date).label("day"))
    return together(kept, raw)


ROLLUP = by_day("cash_day", (CashDay,), refill, [Donation.received_at, Adjustment.happened_at])
