"""What staff do for a patron: the patron's own acts, each entered in the audit log before it is."""

import uuid
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.accounts import accounts, audit
from app.accounts.accounts import AddressTaken
from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Donation, Pledge
from app.giving.rules import ChangeKind, Interval, LeaveReason
from app.giving.wishes import changes
from app.giving.wishes.changes import Asker, NotPossible
from app.letters import letters
from app.money import Money
from app.payments.gateway import PaymentGateway

#: The letter with a receipt that was sent before; its matter is the gift's id and the form's.
RECEIPT_AGAIN = "receipt_again"


class NoAddress(ValueError):
    """No letter can reach this person."""


class NotHere(PermissionError):
    """The account is that of staff, not changed on a patron's page, or of who was erased."""


# The following note the act, then do what the patron's own page does. The note is committed with
# the wish, before the provider is asked; how far the wish came stands on its `PledgeChange`. They
# raise what `giving.changes` raises.


def end(
    pledge: Pledge,
    gateway: PaymentGateway,
    *,
    at_once: bool,
    reason: LeaveReason | None,
    comment: str | None,
    by: int,
    now: datetime,
) -> Pledge:
    """End a pledge with its paid time, or at once, as its patron asked."""
    _noted(by, "pledge_end_asked", pledge, now, at_once=at_once, reason=reason)
    return changes.leave(
        pledge.id,
        Asker(by, "staff"),
        gateway,
        at_once=at_once,
        reason=reason,
        comment=comment,
        now=now,
    )


def set_terms(
    pledge: Pledge,
    amount: Money,
    interval: Interval,
    gateway: PaymentGateway,
    *,
    cover_minor: int,
    by: int,
    now: datetime,
) -> Pledge:
    """Let a pledge give another amount or period from its next payment on."""
    _noted(
        by,
        "pledge_change_asked",
        pledge,
        now,
        amount_minor=amount.minor,
        currency=amount.currency,
        interval=interval,
    )
    return changes.set_terms(
        pledge.id,
        amount,
        interval,
        Asker(by, "staff"),
        gateway,
        cover_minor=cover_minor,
        now=now,
    )


def go_on(
    pledge: Pledge, kind: ChangeKind, gateway: PaymentGateway, *, by: int, now: datetime
) -> Pledge:
    """End a pause before its day (`RESUME`), or take a wish to leave back (`STAY`)."""
    asker = Asker(by, "staff")
    _noted(by, f"pledge_{kind}_asked", pledge, now)
    match kind:
        case ChangeKind.RESUME:
            return changes.resume(pledge.id, asker, gateway, now=now)
        case ChangeKind.STAY:
            return changes.stay(pledge.id, asker, gateway, now=now)
    raise NotPossible(kind)


def _noted(by: int, act: str, pledge: Pledge, now: datetime, **details: object) -> None:
    audit.note(by, act, "pledge", pledge.id, account_id=pledge.account_id, now=now, **details)


def send_receipt_again(donation_id: int, form_id: uuid.UUID, *, by: int, now: datetime) -> None:
    """Owe the letter with a gift's receipt once more; commits. A form sent twice sends one.

    It is the same receipt under the same number. Raises `NoAddress`.
    """
    donation = db.session.get_one(Donation, donation_id)
    account = db.session.get_one(Account, donation.account_id)
    if not account.has_address:
        raise NoAddress(str(account.id))
    letters.owe(
        RECEIPT_AGAIN, f"{donation_id}:{form_id}", account.id, now=now, urgency=letters.IN_TURN
    )
    audit.note(by, "receipt_resent", "donation", donation_id, account_id=account.id, now=now)
    db.session.commit()


def correct(
    account_id: int, *, name: str, email: str, locale: str, by: int, now: datetime
) -> list[str]:
    """Correct a person's name, address or language; returns what changed; commits.

    The audit log says which of them changed and never how. Raises `AddressTaken`, `NotHere`.
    """
    account = accounts.locked(account_id)
    if account.is_staff or account.is_erased:
        db.session.rollback()
        raise NotHere(str(account_id))
    try:
        changed = accounts.correct(account_id, name=name, email=email, locale=locale)
        if changed:
            audit.note(
                by,
                "person_corrected",
                "account",
                account_id,
                account_id=account_id,
                now=now,
                what=changed,
            )
        db.session.commit()
    except (AddressTaken, IntegrityError):
        # The unique index refuses an address that somebody took meanwhile.
        db.session.rollback()
        raise AddressTaken(str(account_id)) from None
    return changed
