"""Try again what was given up: the owed work that waits for a person, made due at once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from app import jobs
from app.accounts import audit
from app.extensions import db
from app.giving.models import Donation, Payout, PledgeChange, Refund
from app.jobs import Job
from app.owed import Owed
from app.promises.models import Promise
from app.voting.models import Round
from app.voting.plans import RoundTemplate


class Work(StrEnum):
    """The kinds of owed work that can be tried again as a whole; each is harmless to repeat."""

    FEES = "fees"
    PAYOUTS = "payouts"
    REFUNDS = "refunds"
    ENDS = "ends"
    VOTES = "votes"


#: Whose rows they are, and the jobs that do them.
OF: dict[Work, dict[type[Owed], Job]] = {
    Work.FEES: {Donation: Job.FETCH_FEES},
    Work.PAYOUTS: {Payout: Job.FOLLOW_PAYOUTS},
    Work.REFUNDS: {Refund: Job.CARRY_OUT},
    Work.ENDS: {PledgeChange: Job.CARRY_OUT},
    Work.VOTES: {
        RoundTemplate: Job.TURN_ROUNDS,
        Round: Job.TURN_ROUNDS,
        Promise: Job.KEEP_PROMISES,
    },
}


def try_all(work: Work, *, by: int, now: datetime) -> int:
    """Make every row of a kind due that was given up; commits. Return how many.

    Safe to run twice. `by` is the member of staff who asked, for the audit log.
    """
    count = 0
    for model, job in OF[work].items():
        rows = db.session.scalars(
            select(model).where(model.given_up()).with_for_update(skip_locked=True)
        ).all()
        for row in rows:
            row.ask_again(now)
            jobs.enqueue_after_commit(job)
        count += len(rows)
    if count:
        audit.note(by, "work_tried_again", "owed", work.value, now=now, count=count)
    db.session.commit()
    return count
