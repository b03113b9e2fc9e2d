"""What came by the links of campaigns, by day, and what was left of it; and gifts given once.

Nothing is read of what staff state of a campaign: its days are chosen when the sums are read, so a
campaign may be stated or changed long after.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Index,
    Integer,
    Numeric,
    Select,
    String,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.giving.arrivals.touches import Turn
from app.giving.models import (
    Adjustment,
    Donation,
    DonationFee,
    Pledge,
    PledgeMovement,
    Touch,
)
from app.giving.rules import MovementKind
from app.reports.rollups import once_days
from app.reports.rollups.kept import Day, by_day, day_at, within
from app.reports.rollups.mode import is_raw
from app.reports.rollups.once_days import OnceDay
from app.reports.rollups.origin_rows import CAME, MORE, NEW, RETURNED
from app.reports.rollups.people_rows import local
from app.reports.rollups.reading import begun, day_of, together
from app.reports.spans import BEGINS

#: A gift belongs to the campaign that its last touch names.
BY_LINK = and_(Touch.turn == Turn.LAST, Touch.campaign.is_not(None))
#: The fee is taken as the share of the gift that it is, so that no rate of exchange is needed.
FEE = func.coalesce(
    func.round(
        cast(Donation.amount_minor, Numeric)
        * DonationFee.fee_minor
        / func.nullif(DonationFee.fee_minor + DonationFee.net_minor, 0)
    ),
    0,
)
#: What the bank keeps of a dispute is lost as well, and so are both given back when it is won.
WENT = Adjustment.amount_minor - func.coalesce(
    func.round(
        cast(Adjustment.amount_minor, Numeric)
        * Adjustment.fee_minor
        / func.nullif(Adjustment.settled_minor, 0)
    ),
    0,
)
#: What of the movements by which something came a movement is.
HOW = func.coalesce(
    case(
        (PledgeMovement.kind == MovementKind.NEW, NEW),
        (PledgeMovement.kind == MovementKind.RETURNING, RETURNED),
    ),
    MORE,
)


class CampaignDay(Base):
    """What moved on one day of all that the links of one campaign had begun on that or an earlier.

    A gift on a pledge begins with its pledge; gifts given once and movements on their own day.
    """

    __tablename__ = "campaign_day"
    __table_args__ = (Index("ix_campaign_day_day", "day"),)

    #: As a `Touch` has it.
    campaign: Mapped[str] = mapped_column(String(100), primary_key=True)
    began: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    #: The gifts, and what this day left of them: less their fees and what went back.
    raised_minor: Mapped[int] = mapped_column(BigInteger)
    left_minor: Mapped[int] = mapped_column(BigInteger)
    #: The movements by which something came: see `origin_rows.CAME`.
    new: Mapped[int] = mapped_column(Integer)
    returned: Mapped[int] = mapped_column(Integer)
    more: Mapped[int] = mapped_column(Integer)


SUMS = ("raised_minor", "left_minor", *CAME)


def by_link(*columns: Any) -> list[tuple[Select[*tuple[Any, ...]], Any]]:
    """Select gifts that a campaign's link led to, each select with the moment they began by.

    Those on pledges and those given once are found by different ways.
    """
    on_pledges = (
        select(*columns)
        .join_from(Donation, Pledge, Pledge.id == Donation.pledge_id)
        .join(Touch, and_(Touch.pledge_id == Pledge.id, BY_LINK))
        .where(Pledge.started_at.is_not(None))
    )
    once = (
        select(*columns)
        .join_from(Donation, Touch, and_(Touch.checkout_id == Donation.checkout_id, BY_LINK))
        .where(Donation.checkout_id.is_not(None))
    )
    return [
        (on_pledges, Pledge.started_at.expression),
        (once, Donation.received_at.expression),
    ]


def movements(*columns: Any) -> Select[Any]:
    """Select movements by which something came by a campaign's link.

    A failed payment made good returns as well, and was begun by no link.
    """
    return (
        select(*columns)
        .join_from(
            PledgeMovement, Touch, and_(Touch.pledge_id == PledgeMovement.pledge_id, BY_LINK)
        )
        .where(PledgeMovement.cause.in_(BEGINS))
    )


def entries(of: Callable[[Any], ColumnElement[bool]]) -> Any:
    """Every gift, what went back and every movement whose moment is wanted, as a subquery."""
    came, went, moved = Donation.received_at, Adjustment.happened_at, PledgeMovement.at
    none, no_way = literal(0, BigInteger), cast(null(), String)
    name, left = Touch.campaign, Donation.amount_minor - FEE
    parts = []
    for found, began in by_link(
        name.label("campaign"),
        Donation.currency.label("currency"),
        came.label("at"),
        Donation.amount_minor.label("raised_minor"),
        left.label("left_minor"),
        no_way.label("came"),
    ):
        fees = found.outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        parts.append(fees.add_columns(began.label("began_at")).where(of(came)))
    for found, began in by_link(name, Donation.currency, went, none, WENT, no_way):
        back = found.join(Adjustment, Adjustment.donation_id == Donation.id)
        parts.append(back.add_columns(began).where(of(went)))
    steps = movements(name, PledgeMovement.currency, moved, none, none, HOW, moved)
    parts.append(steps.where(of(moved)))
    return union_all(*parts).subquery("entry")


def summed(entry: Any, day: Any) -> Select[Any]:
    """Add entries up as `CampaignDay` does; `day` is the day that each is of."""
    columns = entry.c
    began = cast(local(columns.began_at), Date)
    alike = (columns.campaign, began.label("began"), columns.currency, day.label("day"))
    return select(
        *alike,
        cast(func.sum(columns.raised_minor), BigInteger).label("raised_minor"),
        cast(func.sum(columns.left_minor), BigInteger).label("left_minor"),
        *(
            cast(func.count().filter(columns.came == came), Integer).label(name)
            for name, came in zip(SUMS[2:], CAME, strict=True)
        ),
    ).group_by(*(literal_column(str(place)) for place in range(1, len(alike) + 1)))


def refill(days: Sequence[Day]) -> None:
    """Fill the tables of some days again; the caller commits."""
    for table in TABLES:
        of_days = table.__table__.c.day.in_([one.day for one in days])
        db.session.execute(
            delete(table).where(of_days).execution_options(synchronize_session=False)
        )
    entry = entries(lambda moment: within(moment, days))
    names = [column.name for column in CampaignDay.__table__.columns]
    db.session.execute(
        insert(CampaignDay).from_select(names, summed(entry, day_at(entry.c.at, days)))
    )
    once_days.fill(days)


def read(until: datetime, campaigns: Sequence[str]) -> Any:
    """The columns of `CampaignDay`, from the beginning up to any moment.

    Of some campaigns, and it may be of others.
    """
    if is_raw():
        entry = entries(lambda moment: moment < until)
        return summed(entry, cast(local(entry.c.at), Date)).subquery()
    table, rest = CampaignDay.__table__, begun(until)
    kept = select(table).where(table.c.campaign.in_(campaigns), table.c.day < day_of(until).day)
    if rest is None:
        return together(kept, None)
    since = rest.since
    entry = entries(lambda moment: (moment >= since) & (moment < until))
    return together(kept, summed(entry, literal(rest.day, Date)))


TABLES: tuple[type[Base], ...] = (CampaignDay, OnceDay)
ROLLUP = by_day(
    "campaign_day",
    TABLES,
    refill,
    [Donation.received_at, Adjustment.happened_at, PledgeMovement.at],
)
