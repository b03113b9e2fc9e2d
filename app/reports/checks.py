"""What must be zero, or a person has to look: one statement for all of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from app.desk.models import Difference
from app.extensions import db
from app.giving.models import Donation, MovementCheck, Payout, PledgeChange, Refund
from app.letters.models import Letter
from app.owed import Owed
from app.payments.models import InboxEvent, Outcome
from app.reports.rollups import following, supporters
from app.reports.rollups.supporters import Supporter
from app.reprints.lists import late_since
from app.reprints.models import ReprintRequest
from app.reprints.rules import State

#: A letter goes out within seconds; one that waits for so long is late.
LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Checks:
    """What must be zero, or a person has to look. `events_unknown` is only to be known."""

    letters_given_up: int
    receipts_late: int
    events_given_up: int
    fees_given_up: int
    #: Refunds, and ends of pledges, that staff or a rule asked for and Stripe never took.
    acts_given_up: int
    differences: int
    #: Pledges that the newest nightly proof found the movements not to add up to.
    movements: int
    #: Payouts that are not what their entries come to, or of which Stripe does not tell them.
    payouts: int
    pledged_twice: int
    #: Requests to reprint that wait longer than the newsroom promises.
    reprints_late: int
    events_unknown: int

    @property
    def wrong(self) -> int:
        """How many things a person has to look at."""
        return (
            self.letters_given_up
            + self.receipts_late
            + self.events_given_up
            + self.fees_given_up
            + self.acts_given_up
            + self.differences
            + self.movements
            + self.payouts
            + self.pledged_twice
            + self.reprints_late
        )


def look(now: datetime) -> Checks:
    """Count what was given up, is late or stands double; all in one row."""
    following.fresh(supporters.ROLLUP)
    twice = select(Supporter.account_id).where(Supporter.twice_until > now).subquery()
    proven = (
        select(MovementCheck.differing)
        .order_by(MovementCheck.at.desc(), MovementCheck.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    late = select(func.count()).where(
        Letter.kind == "receipt", Letter.due_at.is_not(None), Letter.created_at < now - LATE
    )
    counts = (
        select(_given_up(Letter)),
        late.select_from(Letter),
        select(_given_up(InboxEvent)),
        select(_given_up(Donation)),
        select(_given_up(Refund) + _given_up(PledgeChange)),
        select(func.count()).where(Difference.gone_at.is_(None)).select_from(Difference),
        select(func.coalesce(proven, 0)),
        select(func.count())
        .where((Payout.held_minor != Payout.amount_minor) | Payout.given_up())
        .select_from(Payout),
        select(func.count()).select_from(twice),
        select(func.count())
        .where(ReprintRequest.state == State.OPEN, ReprintRequest.asked_at < late_since(now))
        .select_from(ReprintRequest),
        select(func.count()).where(InboxEvent.outcome == Outcome.UNKNOWN).select_from(InboxEvent),
    )
    row = db.session.execute(select(*(count.scalar_subquery() for count in counts))).one()
    return Checks(*row)


def _given_up(model: type[Owed]) -> ColumnElement[int]:
    return select(func.count()).where(model.given_up()).select_from(model).scalar_subquery()
