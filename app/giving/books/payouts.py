"""Payouts: what Stripe sent to the bank is kept, with every movement of the balance it holds."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import BigInteger, Case, Select, case, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.giving.models import (
    Adjustment,
    Donation,
    DonationFee,
    Payout,
    PayoutEntry,
    PayoutLook,
    PayoutSum,
)
from app.payments.gateway import GatewayError, GatewayUnavailable, PaymentGateway
from app.payments.payout_facts import BalanceEntry, EntryKind, PayoutSeen

log = structlog.get_logger()

#: A bank sends a payout back within days; so far back payouts are looked at again.
LOOKED_AT_AGAIN = timedelta(days=30)
#: So late the ledger may learn of what a payout holds.
MATCHED_WITHIN = timedelta(days=90)
#: What the ledger is to have of a payout.
LEDGER = tuple(
    kind.value
    for kind in (
        EntryKind.GIFT,
        EntryKind.REFUND,
        EntryKind.REFUND_FAILED,
        EntryKind.DISPUTE,
        EntryKind.DISPUTE_RETURNED,
    )
)
#: How many movements are entered by one statement.
AT_ONCE = 500


def apply(fact: PayoutSeen, *, now: datetime) -> Payout:
    """Keep how a payout stands; owe to read what it holds once that can be asked. Caller commits.

    An answer older than the one that was applied changes nothing. A payout whose movements did not
    come to its amount is read again each time it is seen.
    """
    db.session.execute(
        insert(Payout)
        .values(**_columns(fact), stripe_payout_id=fact.stripe_payout_id, attempts=0, listed=False)
        .on_conflict_do_nothing(index_elements=[Payout.stripe_payout_id])
    )
    row = db.session.scalars(
        select(Payout)
        .where(Payout.stripe_payout_id == fact.stripe_payout_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.seen_at <= fact.seen_at:
        for name, value in _columns(fact).items():
            setattr(row, name, value)
    if fact.listable and row.due_at is None and row.held_minor != row.amount_minor:
        row.ask_again(now)
    return row


def _columns(fact: PayoutSeen) -> dict[str, object]:
    return {
        "amount_minor": fact.amount.minor,
        "currency": fact.amount.currency,
        "status": fact.state.value,
        "automatic": fact.automatic,
        "arrives_on": fact.arrives_on,
        "made_at": fact.made_at,
        "failure": fact.failure,
        "returned_by": fact.returned_by,
        "seen_at": fact.seen_at,
    }


def look(gateway: PaymentGateway, *, now: datetime) -> int:
    """Ask Stripe for the payouts that are new or may have changed; return how many; commits.

    The first time these are all since the first gift through Stripe. Safe to run twice; where
    Stripe does not answer only that is kept, and the next look begins at the same day.
    """
    since = _since()
    db.session.commit()
    if since is None:
        return 0
    try:
        found = list(gateway.payouts(since))
    except GatewayError as error:
        why = type(error.__cause__ or error).__name__
        log.warning("payouts_not_asked", error=why)
        _looked(now, why)
        return 0
    _looked(now, None)
    # The oldest first: should this end half-way, what is missing is newer than what is kept.
    for fact in reversed(found):
        apply(fact, now=now).listed = True
        db.session.commit()
    return len(found)


def _looked(now: datetime, error: str | None) -> None:
    """Keep how the last look ended; commits."""
    values = {"looked_at": now, "error": error[:60] if error else None}
    db.session.execute(
        insert(PayoutLook)
        .values(id=1, **values)
        .on_conflict_do_update(index_elements=[PayoutLook.id], set_=values)
    )
    db.session.commit()


def unanswered_look() -> PayoutLook | None:
    """Return the last look where Stripe refused it or was silent; none where it answered."""
    return db.session.scalars(select(PayoutLook).where(PayoutLook.error.is_not(None))).one_or_none()


def _since() -> datetime | None:
    """From when on payouts are asked for; null while nothing came through Stripe."""
    first = db.session.scalar(
        select(func.min(Donation.received_at)).where(Donation.source == "stripe")
    )
    kept = db.session.scalar(select(func.max(Payout.made_at)).where(Payout.listed))
    if first is None or kept is None:
        return first
    return max(first, kept - LOOKED_AT_AGAIN)


def read(payout_id: int, gateway: PaymentGateway, *, now: datetime) -> None:
    """Ask Stripe what a payout holds and enter it, each movement once; commits. May run twice.

    Where Stripe does not answer it stays owed, for as long as it takes.
    """
    stripe_id = db.session.get_one(Payout, payout_id).stripe_payout_id
    db.session.commit()
    held: list[BalanceEntry] = []
    silence = ""
    try:
        held = list(gateway.payout_entries(stripe_id))
    except GatewayUnavailable as error:
        silence = f"{type(error).__name__}: {error}"
    row = db.session.get_one(Payout, payout_id, with_for_update=True, populate_existing=True)
    if silence:
        row.unanswered(silence)
        db.session.commit()
        return
    for at in range(0, len(held), AT_ONCE):
        db.session.execute(
            insert(PayoutEntry)
            .values([_entry(row, one) for one in held[at : at + AT_ONCE]])
            .on_conflict_do_nothing()
        )
    row.held_minor = sum_up(row.id)
    row.read_at = now
    row.done()
    db.session.commit()


def _entry(row: Payout, one: BalanceEntry) -> dict[str, object]:
    return {
        "payout_id": row.id,
        "stripe_balance_transaction_id": one.balance_transaction_id,
        "kind": one.kind.value,
        "stripe_type": one.type,
        # Of what people paid anything may be written there, by other applications their names too.
        "description": one.description if one.kind is EntryKind.STRIPE_FEE else None,
        "stripe_source_id": one.source_id,
        "amount_minor": one.amount.minor,
        "fee_minor": one.fee.minor,
        "net_minor": one.net.minor,
        "currency": one.net.currency,
        "happened_at": one.happened_at,
    }


def sum_up_again(*, now: datetime) -> int:
    """Sum up again the payouts that hold what the ledger lacked; return how many; commits each."""
    lacking = (
        select(PayoutSum.payout_id)
        .join(Payout, Payout.id == PayoutSum.payout_id)
        .where(PayoutSum.kind == PayoutSum.UNMATCHED, Payout.made_at > now - MATCHED_WITHIN)
        .order_by(PayoutSum.payout_id)
    )
    found = db.session.scalars(lacking).all()
    db.session.commit()
    for payout_id in found:
        db.session.get_one(Payout, payout_id, with_for_update=True, populate_existing=True)
        sum_up(payout_id)
        db.session.commit()
    return len(found)


def kind_in_the_ledger() -> Case[str]:
    """The kind of an entry as it is summed up, of `PayoutEntry` joined with `matched`."""
    lacks = DonationFee.donation_id.is_(None) & Adjustment.id.is_(None)
    return case((PayoutEntry.kind.in_(LEDGER) & lacks, PayoutSum.UNMATCHED), else_=PayoutEntry.kind)


def matched(entries: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Join entries with what the ledger has of the same movement, if it came to the same."""
    name = PayoutEntry.stripe_balance_transaction_id
    return entries.outerjoin(
        DonationFee,
        (DonationFee.stripe_balance_transaction_id == name)
        & (DonationFee.net_minor == PayoutEntry.net_minor),
    ).outerjoin(
        Adjustment,
        (Adjustment.stripe_balance_transaction_id == name)
        & (Adjustment.net_minor == PayoutEntry.net_minor),
    )


def sum_up(payout_id: int) -> int:
    """Keep the sums of a payout by kind and return its whole sum, in minor units.

    The caller holds the payout's row, and commits.
    """
    kind = kind_in_the_ledger()
    sums = matched(
        select(
            kind.label("kind"),
            func.count().label("count"),
            *(
                cast(func.sum(column), BigInteger).label(column.key)
                for column in (
                    PayoutEntry.amount_minor,
                    PayoutEntry.fee_minor,
                    PayoutEntry.net_minor,
                )
            ),
        )
    )
    rows = db.session.execute(sums.where(PayoutEntry.payout_id == payout_id).group_by(kind))
    values = [{"payout_id": payout_id, **row._asdict()} for row in rows]
    db.session.execute(delete(PayoutSum).where(PayoutSum.payout_id == payout_id))
    if values:
        db.session.execute(insert(PayoutSum).values(values))
    return sum(value["net_minor"] for value in values)
