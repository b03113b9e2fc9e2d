"""The made-up renewals that failed at first: each late payment and each lapse with its attempts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from random import Random
from typing import Any

from sqlalchemy import insert, select

from app.demo.story import RETRIES, Life, PledgeStory, added
from app.extensions import db
from app.giving.models import Donation, FailedPayment
from app.giving.rules import EndReason, Interval, PledgeStatus
from app.payments.facts import Remedy

#: Stripe tries so often, so far apart.
ATTEMPTS, APART = 4, timedelta(days=5)
#: A renewal is tried about an hour after it is due.
TRIED_AFTER = timedelta(hours=1)
#: What banks say, each as often as they do, and what would help.
SAID = (
    ("insufficient_funds", Remedy.WAIT, 55),
    ("generic_decline", Remedy.ASK_BANK, 20),
    ("expired_card", Remedy.NEW_CARD, 15),
    ("authentication_required", Remedy.APPROVE, 10),
)


def fill(lives: Sequence[Life], *, now: datetime, zone: tzinfo, rng: Random) -> None:
    """Enter the attempts that failed; the gifts are in the ledger already. The caller commits.

    No letter is owed for them: what is past due by now failed for want of money and passes.
    """
    paid = {
        (pledge_id, at): invoice
        for pledge_id, at, invoice in db.session.execute(
            select(Donation.pledge_id, Donation.received_at, Donation.stripe_invoice_id).where(
                Donation.pledge_id.is_not(None)
            )
        )
    }
    rows = [
        row
        for life in lives
        for pledge in life.pledges
        for invoice, due, until, said in _failed(pledge, paid, now, zone, rng)
        for row in _attempts(pledge, invoice, due, until, said)
    ]
    db.session.execute(insert(FailedPayment), rows)


def _failed(
    pledge: PledgeStory, paid: Mapping[Any, str | None], now: datetime, zone: tzinfo, rng: Random
) -> Iterator[tuple[str, datetime, datetime, tuple[str, Remedy]]]:
    """Yield each renewal that failed: its invoice, when it was due, when it was over, and why."""
    step = 1 if pledge.interval is Interval.MONTH else 12
    for period, (at, _amount) in enumerate(pledge.payments):
        due = added(pledge.started_at, period * step, zone)
        if period and at - due > timedelta(days=1):
            yield paid[pledge.id, at] or "", due, at, _said(rng)
    unpaid = f"in_demo_unpaid_{pledge.id.hex[:14]}"
    if pledge.end_reason is EndReason.UNPAID and pledge.ended_at is not None:
        yield unpaid, pledge.ended_at - RETRIES, pledge.ended_at, _said(rng)
    elif pledge.status is PledgeStatus.PAST_DUE and pledge.past_due_since is not None:
        yield unpaid, pledge.past_due_since, now, (SAID[0][0], SAID[0][1])


def _said(rng: Random) -> tuple[str, Remedy]:
    code, remedy, _weight = rng.choices(SAID, [weight for *_said, weight in SAID])[0]
    return code, remedy


def _attempts(
    pledge: PledgeStory, invoice: str, due: datetime, until: datetime, said: tuple[str, Remedy]
) -> Iterator[dict[str, Any]]:
    for attempt in range(1, ATTEMPTS + 1):
        failed_at = due + TRIED_AFTER + APART * (attempt - 1)
        if failed_at >= until:
            return
        yield {
            "pledge_id": pledge.id,
            "stripe_invoice_id": invoice,
            "attempt": attempt,
            "amount_minor": pledge.amount.minor,
            "currency": pledge.amount.currency,
            "failed_at": failed_at,
            "next_attempt_at": failed_at + APART if attempt < ATTEMPTS else None,
            "remedy": said[1],
            "decline_code": said[0],
            "pay_url": None,
            "entered_at": failed_at,
        }
