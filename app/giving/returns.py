"""What of a donation went back, and when: read from what moved on it after it came."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.extensions import db
from app.giving.models import Adjustment

#: Which movements belong together: what went out and, where it did not arrive, came back.
REFUNDED = ("refund", "refund_failed")
DISPUTED = ("dispute", "dispute_returned")
TAKEN_BACK = ("correction",)


@dataclass(frozen=True, slots=True)
class Returned:
    """What went back of one donation, in minor units of its currency, and when the last of it."""

    refunded_minor: int = 0
    refunded_at: datetime | None = None
    disputed_minor: int = 0
    disputed_at: datetime | None = None
    taken_back_minor: int = 0
    taken_back_at: datetime | None = None


NOTHING = Returned()


def of(donation_id: int) -> Returned:
    """Return what of a donation has gone back by now."""
    rows = db.session.execute(
        select(Adjustment.kind, func.sum(Adjustment.amount_minor), func.max(Adjustment.happened_at))
        .where(Adjustment.donation_id == donation_id)
        .group_by(Adjustment.kind)
    ).all()
    moved = {kind: (int(minor), at) for kind, minor, at in rows}
    parts = [_together(moved, kinds) for kinds in (REFUNDED, DISPUTED, TAKEN_BACK)]
    return Returned(*parts[0], *parts[1], *parts[2])


def _together(
    moved: dict[str, tuple[int, datetime]], kinds: tuple[str, ...]
) -> tuple[int, datetime | None]:
    """What went back of one sort, and when it left; nothing where all of it came back again."""
    gone = -sum(moved[kind][0] for kind in kinds if kind in moved)
    return (gone, moved[kinds[0]][1]) if gone > 0 else (0, None)
