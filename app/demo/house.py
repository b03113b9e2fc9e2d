"""The made-up newsroom's letters about failed payments, and last night's checks."""

import uuid
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from app.desk import comparisons
from app.desk.models import Comparison
from app.extensions import db
from app.giving.books import movement_checks
from app.giving.failing.failures import KIND
from app.giving.models import Donation, FailedPayment, MovementCheck, Pledge
from app.letters.models import Letter
from app.owed import MAX_ATTEMPTS
from app.payments.facts import Remedy
from app.payments.orders import SurveyKind

#: Of so many letters one comes back, and what its mail server said.
ONE_OF = 40
BOUNCED = "550 5.1.1 the mailbox does not exist"
#: How long a comparison with Stripe takes.
TAKES = timedelta(minutes=4)


def letters(*, rng: Random) -> None:
    """Enter the letters about failed payments, sent but for a few. The caller commits.

    No worker tries one again: those that are not sent were given up.
    """
    failed = db.session.execute(
        select(FailedPayment, Pledge.account_id)
        .join(Pledge, Pledge.id == FailedPayment.pledge_id)
        # Who only lacks money for a day hears nothing of a first attempt.
        .where((FailedPayment.remedy != Remedy.WAIT) | (FailedPayment.attempt > 1))
        .order_by(FailedPayment.failed_at, FailedPayment.id)
    ).all()
    rows = []
    for place, (attempt, account_id) in enumerate(failed, start=1):
        bounced = place % ONE_OF == 0
        at = attempt.failed_at + timedelta(minutes=1)
        rows.append(
            {
                "id": uuid.UUID(int=rng.getrandbits(128), version=4),
                "kind": KIND,
                "matter": f"{attempt.stripe_invoice_id}:{attempt.attempt}",
                "account_id": account_id,
                "urgency": 5,
                "created_at": at,
                "sent_at": None if bounced else at + timedelta(seconds=6),
                "attempts": MAX_ATTEMPTS if bounced else 1,
                "due_at": at if bounced else None,
                "error": BOUNCED if bounced else None,
            }
        )
    db.session.execute(insert(Letter), rows)


def checks(*, now: datetime, zone: ZoneInfo) -> None:
    """Enter that last night's comparison with Stripe and the proof of movements were made.

    The caller commits.
    """
    there = now.astimezone(zone).replace(hour=comparisons.HOUR, minute=0, second=0, microsecond=0)
    night = there if there + TAKES < now else there - timedelta(days=1)
    gifts = db.session.scalar(select(func.count()).select_from(Donation)) or 0
    pledges = db.session.scalar(select(func.count()).select_from(Pledge)) or 0
    db.session.add(
        Comparison(
            asked_at=night,
            since=night - comparisons.LOOK_BACK,
            started_at=night,
            finished_at=night + TAKES,
            compared=[kind.value for kind in SurveyKind],
            looked_at=pledges + gifts // 12,
            attempts=1,
        )
    )
    db.session.add(
        MovementCheck(
            at=night + timedelta(hours=movement_checks.HOUR - comparisons.HOUR),
            pledges=pledges,
            differing=0,
        )
    )
