"""What of each donation went back: sums of its later entries in the ledger."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.extensions import db
from app.giving.models import Adjustment

#: The ways money goes back, each with the kind of entry that took it and what may return it.
WAYS = (("refund", "refund_failed"), ("dispute", "dispute_returned"), ("correction",))


@dataclass(frozen=True, slots=True)
class Returned:
    """What of a donation went back and stayed away, in its minor units, and when it last did.

    By refunds, by disputes at the giver's bank, and by taking a gift outside Stripe back.
    """

    refunded_minor: int = 0
    refunded_at: datetime | None = None
    disputed_minor: int = 0
    disputed_at: datetime | None = None
    taken_back_minor: int = 0
    taken_back_at: datetime | None = None

    @property
    def minor(self) -> int:
        """All of it."""
        return self.refunded_minor + self.disputed_minor + self.taken_back_minor


NOTHING = Returned()


def of(donation_id: int) -> Returned:
    """Return what of one donation went back by now."""
    return of_each([donation_id]).get(donation_id, NOTHING)


def of_each(donation_ids: Collection[int]) -> dict[int, Returned]:
    """Return what went back by donation; those without a later entry are left out."""
    rows = db.session.execute(
        select(
            Adjustment.donation_id,
            Adjustment.kind,
            func.sum(Adjustment.amount_minor),
            func.max(Adjustment.happened_at),
        )
        .where(Adjustment.donation_id.in_(donation_ids))
        .group_by(Adjustment.donation_id, Adjustment.kind)
    )
    moved: dict[int, dict[str, tuple[int, datetime]]] = {}
    for donation_id, kind, minor, at in rows:
        moved.setdefault(donation_id, {})[kind] = (int(minor), at)
    return {donation_id: _returned(kinds) for donation_id, kinds in moved.items()}


def _returned(moved: dict[str, tuple[int, datetime]]) -> Returned:
    refund, dispute, correction = (_gone(moved, way) for way in WAYS)
    return Returned(*refund, *dispute, *correction)


def _gone(
    moved: dict[str, tuple[int, datetime]], way: tuple[str, ...]
) -> tuple[int, datetime | None]:
    """What went one way and when it last did; nothing where all of it came back again."""
    gone = -sum(moved[kind][0] for kind in way if kind in moved)
    return (gone, moved[way[0]][1]) if gone > 0 else (0, None)
