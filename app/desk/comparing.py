"""One object here against the same at Stripe. Calls nothing and changes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.giving.models import Dispute, Donation, Pledge, Refund
from app.giving.pledges import END_REASONS, STATUSES
from app.giving.rules import FINAL, EndReason, PledgeStatus
from app.money import Money, exponent
from app.payments.facts import (
    Card,
    DisputeSeen,
    DonationPaid,
    Ending,
    Movement,
    PledgeSeen,
    RefundSeen,
)

#: Stripe counts whole seconds.
NEAR = timedelta(seconds=2)


class What(StrEnum):
    """In which way something is different."""

    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference; `field` is empty where the whole object is missing."""

    what: What
    field: str
    ours: str
    theirs: str


def missing_here(theirs: str) -> Finding:
    """Return that Stripe has what is not here."""
    return Finding(What.MISSING_HERE, "", "", theirs)


def missing_there(ours: str) -> Finding:
    """Return that we have what Stripe does not know."""
    return Finding(What.MISSING_THERE, "", ours, "")


def pledge(seen: PledgeSeen, row: Pledge | None) -> list[Finding]:
    """Compare a subscription with its pledge. What we know from later is not compared."""
    if row is None:
        return [missing_here(f"{written(seen.amount)}, {seen.standing}")]
    if row.seen_at is not None and row.seen_at > seen.seen_at:
        return []
    status = _status(seen)
    if row.status in FINAL and status in FINAL:
        return _differing("end", row.end_reason or "", _end_reason(seen, row))
    return [
        *_differing("status", row.status, status),
        *_differing("amount", written(row.amount), written(seen.amount)),
        *_differing("interval", row.interval, seen.interval),
        *_differing("cover", str(row.cover_minor), str(seen.cover_minor)),
        *_differing_moment("ends_at", row.ends_at, seen.ends_at),
        *_differing_moment("next_payment_at", row.next_payment_at, seen.next_payment_at),
        *_differing_moment("resumes_at", row.resumes_at, seen.resumes_at),
        *_differing("card", _card_here(row), _card(seen.card)),
    ]


def _status(seen: PledgeSeen) -> str:
    if seen.ending in (Ending.UNPAID, Ending.DISPUTED):
        return PledgeStatus.LAPSED
    return STATUSES[seen.standing]


def _end_reason(seen: PledgeSeen, row: Pledge) -> str:
    reason = END_REASONS[seen.ending or Ending.OTHER]
    # Stripe tells the end that a rule of ours asked for like the patron's own wish.
    if reason is EndReason.LEFT and row.end_reason == EndReason.DISPUTED:
        return EndReason.DISPUTED
    return reason


def donation(paid: DonationPaid, row: Donation | None) -> list[Finding]:
    """Compare a payment with its entry in the ledger."""
    if row is None:
        return [missing_here(f"{written(paid.amount)}, {_day(paid.received_at)}")]
    return [
        *_differing("amount", written(row.amount), written(paid.amount)),
        *_differing("charge", row.stripe_charge_id or "", paid.charge_id or ""),
    ]


def refund(seen: RefundSeen, row: Refund | None, entered: set[str]) -> list[Finding]:
    """Compare a refund; `entered` are the balance transactions the ledger has."""
    if row is None:
        return [missing_here(f"{written(seen.amount)}, {_day(seen.made_at)}")]
    if row.seen_at is not None and row.seen_at > seen.seen_at:
        return []
    return [
        *_differing("status", row.status, seen.state),
        *_differing("amount", written(row.amount), written(seen.amount)),
        *_not_entered(seen.movements, entered),
    ]


def dispute(seen: DisputeSeen, row: Dispute | None, entered: set[str]) -> list[Finding]:
    """Compare a dispute; `entered` are the balance transactions the ledger has."""
    if row is None:
        return [missing_here(f"{written(seen.amount)}, {_day(seen.opened_at)}")]
    if row.seen_at > seen.seen_at:
        return []
    return [
        *_differing("status", row.status, seen.state),
        *_differing("amount", written(row.amount), written(seen.amount)),
        *_not_entered(seen.movements, entered),
    ]


def _not_entered(movements: tuple[Movement, ...], entered: set[str]) -> list[Finding]:
    return [
        Finding(What.DIFFERS, f"movement {one.kind}", "", written(one.amount))
        for one in movements
        if one.balance_transaction_id not in entered
    ]


def _differing(field: str, ours: str, theirs: str) -> list[Finding]:
    return [] if ours == theirs else [Finding(What.DIFFERS, field, ours, theirs)]


def _differing_moment(field: str, ours: datetime | None, theirs: datetime | None) -> list[Finding]:
    if ours is not None and theirs is not None and abs(ours - theirs) <= NEAR:
        return []
    return _differing(field, _moment(ours), _moment(theirs))


def written(amount: Money) -> str:
    """Write an amount the same way for everyone, such as "5.00 EUR"."""
    digits = exponent(amount.currency)
    sign, minor = "-" if amount.minor < 0 else "", abs(amount.minor)
    whole, rest = divmod(minor, 10**digits)
    number = f"{whole}.{rest:0{digits}d}" if digits else str(whole)
    return f"{sign}{number} {amount.currency}"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _card(card: Card | None) -> str:
    return f"{card.brand} {card.last4} {card.exp_month:02d}/{card.exp_year}" if card else ""


def _card_here(row: Pledge) -> str:
    if row.card_brand is None or row.card_last4 is None:
        return ""
    month, year = row.card_exp_month or 0, row.card_exp_year or 0
    return f"{row.card_brand} {row.card_last4} {month:02d}/{year}"
