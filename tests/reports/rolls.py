"""Rounds that were held and counted, as the reports on votes read them."""

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.accounts.models import Account
from app.extensions import db
from app.voting.models import Participation, RollEntry, Round, RoundStatus
from app.voting.roll import Reason

_counter = itertools.count(1)


def a_round_held(
    closed_at: datetime,
    roll: Mapping[Account, bool],
    *,
    left: tuple[Account, ...] = (),
    refused: tuple[Account, ...] = (),
    status: RoundStatus = RoundStatus.PUBLISHED,
    title: str = "What next?",
) -> Round:
    """A round whose roll says of each account whether it voted.

    `left` voted and left before the close, `refused` voted and did not count.
    """
    round_ = Round(
        title=title,
        slug=f"round-{next(_counter)}",
        max_choices=1,
        opens_at=closed_at - timedelta(days=7),
        closes_at=closed_at,
        status=status,
        seed_commit=b"commit",
        seed_sealed=b"sealed",
        created_at=closed_at - timedelta(days=8),
        frozen_at=closed_at - timedelta(days=7),
        void_reason="A fault." if status is RoundStatus.VOID else None,
    )
    db.session.add(round_)
    db.session.flush()
    reasons = dict.fromkeys(roll, Reason.PATRON)
    reasons |= dict.fromkeys(left, Reason.LEFT_SINCE) | dict.fromkeys(refused, Reason.DISPUTED)
    for account, reason in reasons.items():
        db.session.add(
            RollEntry(
                round_id=round_.id,
                account_id=account.id,
                eligible=reason is not Reason.DISPUTED,
                reason=reason,
            )
        )
        if roll.get(account, True):
            db.session.add(
                Participation(
                    round_id=round_.id, account_id=account.id, first_cast_on=closed_at.date()
                )
            )
    db.session.commit()
    return round_
