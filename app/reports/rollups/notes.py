"""The notes that say which parts of the rollups are out of date, and filling what they tell."""

from sqlalchemy import BigInteger, Select, case, cast, delete, false, func, literal, or_, select

from app.extensions import db
from app.reports.rollups.kept import Rollup
from app.reports.rollups.tables import RollupStale

#: So many notes are looked at in one go.
MOST = 20_000


def fill(rollup: Rollup) -> None:
    """Fill all that is out of date by now; the caller holds the rollup's lock, and commits."""
    # Rows go on coming: what they note meanwhile is left to whoever comes next.
    last = newest(rollup)
    while take(rollup, last):
        pass


def take(rollup: Rollup, last: int) -> int:
    """Fill a portion of what the notes up to a last one tell; return how many they were.

    The caller holds the rollup's lock, and commits. Whatever changes from now on leaves a key of
    its own.
    """
    first = _first(rollup, last).cte("first")
    parts = (
        select(first.c.part)
        .group_by(first.c.part)
        .order_by(func.min(first.c.id))
        .limit(rollup.portion)
        .cte("parts")
    )
    taken = select(first.c.id).join(parts, parts.c.part == first.c.part)
    keys = db.session.scalars(
        delete(RollupStale)
        .where(RollupStale.id.in_(taken))
        .returning(RollupStale.key)
        .execution_options(synchronize_session=False)
    ).all()
    if keys:
        rollup.refill(sorted(set(keys)))
    return len(keys)


def newest(rollup: Rollup) -> int:
    """Return the id of a rollup's last note so far, 0 for none."""
    last = select(func.max(RollupStale.id)).where(RollupStale.rollup == rollup.name)
    return db.session.scalar(last) or 0


def _first(rollup: Rollup, last: int | None = None) -> Select[int, int]:
    """The keys that wait the longest, each with the part it is of."""
    upto = () if last is None else (RollupStale.id <= last,)
    part = RollupStale.key / literal(rollup.unit)
    return (
        select(RollupStale.id, cast(func.floor(part), BigInteger).label("part"))
        .where(RollupStale.rollup == rollup.name, *upto)
        .order_by(RollupStale.id)
        .limit(MOST)
    )


def parts(rollup: Rollup) -> Select[int]:
    """Count the parts that are out of date; what takes a while counts as more than a few.

    That is very many keys, and the one that stands for everything.
    """
    first = _first(rollup).subquery()
    key = rollup.everything
    everything = false() if key is None else func.bool_or(first.c.part == key)
    much = or_(func.count() >= MOST, everything)
    return select(case((much, MOST), else_=func.count(first.c.part.distinct())))


def waiting(rollup: Rollup | None = None, last: int | None = None) -> bool:
    """Whether anything of a rollup, or of any, is out of date; up to a last note where given."""
    one = select(RollupStale.id).limit(1)
    if rollup is not None:
        one = one.where(RollupStale.rollup == rollup.name)
    if last is not None:
        one = one.where(RollupStale.id <= last)
    return db.session.scalar(one) is not None
