"""Try again what was given up: the owed work that waits for a person, made due at once."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from app import jobs
from app.accounts import audit
from app.extensions import db
from app.giving.models import Donation, PledgeChange, Refund
from app.jobs import Job
from app.owed import Owed


class Work(StrEnum):
    """The kinds of owed work that can be tried again as a whole; each is harmless to repeat."""

    FEES = "fees"
    REFUNDS = "refunds"
    ENDS = "ends"


#: Whose rows they are, and the job that does them.
OF: dict[Work, tuple[type[Owed], Job]] = {
    Work.FEES: (Donation, Job.FETCH_FEES),
    Work.REFUNDS: (Refund, Job.CARRY_OUT),
    Work.ENDS: (PledgeChange, Job.CARRY_OUT),
}


def try_all(work: Work, *, by: int, now: datetime) -> int:
    """Make every row of a kind due that was given up; commits. Return how many.

    Safe to run twice. `by` is the member of staff who asked, for the audit log.
    """
    model, job = OF[work]
    rows = db.session.scalars(
        select(model).where(model.given_up()).with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.ask_again(now)
    if rows:
        audit.note(by, "work_tried_again", "owed", work.value, now=now, count=len(rows))
        jobs.enqueue_after_commit(job)
    db.session.commit()
    return len(rows)
