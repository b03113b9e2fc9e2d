"""The movement ledger by day: what moved, who gave how much then, who raised and who lowered."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    String,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    not_,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.current import zone
from app.extensions import Base, Key, db
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import EndReason, Interval, MovementCause, MovementKind
from app.reports import months
from app.reports.rollups.kept import Day, between, by_day, day_at, within
from app.reports.rollups.mode import is_raw
from app.reports.rollups.reading import begun, day_of, together

RAISED, LOWERED = "raised", "lowered"
#: On which pledges somebody gives: monthly ones, yearly ones, or some of each.
MONTHLY, YEARLY, BOTH = "month", "year", "both"
#: What makes somebody give less without having wanted it, or more again without having meant it.
NOT_MEANT = (MovementCause.RECOVERED.value, MovementCause.GRACE_OVER.value)
NOT_WANTED = tuple(reason.value for reason in EndReason if reason is not EndReason.LEFT)


class MovementDay(Base):
    """What movements of one kind, cause and standing came to on one day, and how many there were.

    `stood`: of who gave in the currency as the month began and has not been lost in it.
    """

    __tablename__ = "movement_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    cause: Mapped[str] = mapped_column(String(20), primary_key=True)
    stood: Mapped[bool] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    yearly_minor: Mapped[int] = mapped_column(BigInteger)


class GiverDay(Base):
    """How many more people gave so much a year, in one currency, after a day than before it."""

    __tablename__ = "giver_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    #: "month", "year" or "both": how often the pledges are given that they give on.
    plan: Mapped[str] = mapped_column(String(8), primary_key=True)
    yearly_minor: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    people: Mapped[int] = mapped_column(Integer)


class RaiseDay(Base):
    """What one person, who gave as the month began, chose to give more or less on one day."""

    __tablename__ = "raise_day"

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(Date, index=True)
    account_id: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: "raised" or "lowered".
    way: Mapped[str] = mapped_column(String(8))
    #: By the year, signed.
    yearly_minor: Mapped[int] = mapped_column(BigInteger)


def steps(days: Sequence[Day], *, until: datetime | None = None) -> Select[Any]:
    """Select every movement of some days with what its giver gave just before and just after.

    The columns of the ledger, `day`, `stood`, `way` ("raised", "lowered" or null) and, before and
    after, the sum of the giver's pledges in the currency by the year and their plan. This is the
    definition of all that is told of givers; movements from `until` on are left out.
    """
    movement, end = PledgeMovement, until or days[-1].until
    of_days = and_(within(movement.at, days), movement.at < end)
    by_person: tuple[Any, ...] = (movement.account_id, movement.currency)
    order = (movement.at, movement.id)

    def so_far(*partition: Any) -> ColumnElement[int]:
        total = func.sum(movement.yearly_minor).over(
            partition_by=partition, order_by=order, rows=(None, 0)
        )
        return cast(total, BigInteger)

    each = (
        select(
            *movement.__table__.c,
            day_at(movement.at, days).label("day"),
            func.width_bucket(movement.at, _month_starts(days)).label("month"),
            so_far(*by_person).label("after_minor"),
            so_far(*by_person, movement.pledge_id).label("pledge_minor"),
            (Pledge.interval == Interval.MONTH).label("monthly"),
        )
        .join(Pledge, Pledge.id == movement.pledge_id)
        .where(
            movement.account_id.in_(select(movement.account_id).where(of_days)), movement.at < end
        )
        .subquery()
    )
    return _told(each)


def _month_starts(days: Sequence[Day]) -> ColumnElement[Any]:
    """The first instants of the months that days lie in, and of those between."""
    month, last, starts = days[0].day.replace(day=1), days[-1].day, []
    while month <= last:
        starts.append(months.start_of(month, zone()))
        month = months.following(month)
    return cast(starts, ARRAY(DateTime(timezone=True)))


def _told(each: Any) -> Select[Any]:
    """Tell of each movement how its giver stood; the rows of the days alone."""
    columns = each.c
    by_person: dict[str, Any] = {"partition_by": (columns.account_id, columns.currency)}
    in_month: dict[str, Any] = {
        "partition_by": (columns.account_id, columns.currency, columns.month)
    }
    then: dict[str, Any] = {"order_by": (columns.at, columns.id)}
    before = columns.after_minor - columns.yearly_minor
    gives = case((columns.pledge_minor != 0, 1), else_=0)
    gave = case((columns.pledge_minor != columns.yearly_minor, 1), else_=0)

    def pledges(monthly: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((monthly, gives - gave), else_=0)).over(
            **by_person, **then, rows=(None, 0)
        )

    # Whoever was lost and is back is of those who came, whatever happens to them then.
    back = func.bool_or(columns.kind == MovementKind.RETURNING).over(
        **in_month, **then, rows=(None, 0)
    )
    found = select(
        each,
        before.label("before_minor"),
        and_(func.first_value(before).over(**in_month, **then) > 0, not_(back)).label("stood"),
        pledges(columns.monthly).label("monthlies"),
        pledges(not_(columns.monthly)).label("yearlies"),
        (gives - gave).label("change"),
    ).subquery()
    one = found.c
    monthlies_before = one.monthlies - case((one.monthly, one.change), else_=0)
    yearlies_before = one.yearlies - case((one.monthly, 0), else_=one.change)
    return select(
        *(one[column.key] for column in PledgeMovement.__table__.c),
        one.day,
        one.stood,
        _way(found).label("way"),
        one.before_minor,
        one.after_minor,
        _plan(monthlies_before, yearlies_before).label("plan_before"),
        _plan(one.monthlies, one.yearlies).label("plan_after"),
    ).where(one.day.is_not(None))


def _plan(monthlies: ColumnElement[int], yearlies: ColumnElement[int]) -> ColumnElement[str]:
    return case((yearlies == 0, MONTHLY), (monthlies == 0, YEARLY), else_=BOTH)


def _way(found: Any) -> ColumnElement[str | None]:
    """Which way a movement of who gave before leads; null where it was not the patron's wish."""
    up = and_(found.c.kind == MovementKind.UP, found.c.cause.not_in(NOT_MEANT))
    down = and_(found.c.kind == MovementKind.DOWN, found.c.cause.not_in((*NOT_MEANT, *NOT_WANTED)))
    return case((not_(found.c.stood), null()), (up, RAISED), (down, LOWERED), else_=null())


def turns(step: Any) -> Select[Any]:
    """Sum steps as `MovementDay` does."""
    alike = (step.c.day, step.c.currency, step.c.kind, step.c.cause, step.c.stood)
    return select(
        *alike,
        func.count().label("count"),
        cast(func.sum(step.c.yearly_minor), BigInteger).label("yearly_minor"),
    ).group_by(*alike)


def sizes(step: Any) -> Select[Any]:
    """Sum steps as `GiverDay` does: who gives so much now, less who did before."""
    now = select(
        step.c.day,
        step.c.currency,
        step.c.plan_after.label("plan"),
        step.c.after_minor.label("yearly_minor"),
        literal(1).label("people"),
    ).where(step.c.after_minor > 0)
    before = select(
        step.c.day, step.c.currency, step.c.plan_before, step.c.before_minor, literal(-1)
    ).where(step.c.before_minor > 0)
    both = now.union_all(before).subquery()
    alike = (both.c.day, both.c.currency, both.c.plan, both.c.yearly_minor)
    people = func.sum(both.c.people)
    return select(*alike, people.label("people")).group_by(*alike).having(people != 0)


def raises(step: Any) -> Select[Any]:
    """Sum steps as `RaiseDay` does."""
    alike = (step.c.day, step.c.account_id, step.c.currency, step.c.way)
    return (
        select(*alike, cast(func.sum(step.c.yearly_minor), BigInteger).label("yearly_minor"))
        .where(step.c.way.is_not(None))
        .group_by(*alike)
    )


TABLES = {MovementDay: turns, GiverDay: sizes, RaiseDay: raises}


def refill(days: Sequence[Day]) -> None:
    """Fill the tables of some days again; the caller commits."""
    for table in TABLES:
        stale = table.__table__.c.day.in_([one.day for one in days])
        db.session.execute(delete(table).where(stale).execution_options(synchronize_session=False))
    step = steps(days).cte("step")
    made = [_filled(table, summed(step)) for table, summed in TABLES.items()]
    db.session.execute(
        select(*(select(func.count()).select_from(one).scalar_subquery() for one in made))
    )


def _filled(table: type[Base], summed: Select[Any]) -> CTE:
    names = [str(column.key) for column in summed.selected_columns]
    return (
        insert(table)
        .from_select(names, summed)
        .returning(table.__table__.c.day)
        .cte(f"into_{table.__tablename__}")
    )


def relation(table: type[Base]) -> Any:
    """What to read a table's columns from: the table, or while the raw rows are read these."""
    if is_raw():
        return TABLES[table](steps(_every_day()).subquery("step")).subquery()
    return table.__table__.alias()


def _every_day() -> list[Day]:
    ends = select(func.min(PledgeMovement.at), func.max(PledgeMovement.at))
    found: Any = db.session.execute(ends).one()
    if found[0] is None:
        return [day_of(datetime.now(UTC))]
    return between(found[0], found[1] + timedelta(microseconds=1))


def read(table: type[Base], since: datetime | None, until: datetime) -> Any:
    """The columns of a table, but its id, from the first instant of a day up to any moment.

    From the beginning without a `since`.
    """
    one, end = relation(table).c, day_of(until).day
    kept = select(*(column for column in one if column.key != "id")).where(one.day < end)
    if since is not None:
        kept = kept.where(one.day >= day_of(since).day)
    rest = begun(until)
    if rest is None or (since is not None and since >= until):
        return together(kept, None)
    return together(kept, TABLES[table](steps([rest], until=until).subquery("step")))


ROLLUP = by_day("movement_day", tuple(TABLES), refill, [PledgeMovement.at])
