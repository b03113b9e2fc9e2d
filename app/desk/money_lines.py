"""A person's money for staff: gifts, receipts, failures, refunds, disputes, warnings."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select

from app.desk.lines import Line
from app.extensions import db
from app.giving.books.receipt_pdf import card_words
from app.giving.models import (
    Adjustment,
    Dispute,
    Donation,
    FailedPayment,
    FraudWarning,
    Pledge,
    Receipt,
    Refund,
)
from app.giving.reversals import reversal_words
from app.localisation import format_day, format_money
from app.money import Money
from app.payments.facts import Remedy


def of(account_ids: Sequence[int]) -> list[Line]:
    """Return what happened to the money of a person's accounts, in no order."""
    return [
        *(_gift(gift, receipt) for gift, receipt in _rows(_gifts(account_ids))),
        *(_refund(refund) for (refund,) in _rows(_of_gifts(Refund, account_ids))),
        *(_dispute(dispute) for (dispute,) in _rows(_of_gifts(Dispute, account_ids))),
        *(_warning(warning) for (warning,) in _rows(_of_gifts(FraudWarning, account_ids))),
        *(
            _taken_back(entry)
            for (entry,) in _rows(
                _of_gifts(Adjustment, account_ids).where(Adjustment.kind == "correction")
            )
        ),
        *(_failure(failure) for (failure,) in _rows(_failures(account_ids))),
    ]


def of_gift(donation: Donation) -> list[Line]:
    """Return what became of one gift, the newest first."""
    lines = [
        *(_refund(one) for one in _about(Refund, donation)),
        *(_dispute(one) for one in _about(Dispute, donation)),
        *(_warning(one) for one in _about(FraudWarning, donation)),
        *(_taken_back(one) for one in _about(Adjustment, donation) if one.kind == "correction"),
    ]
    return sorted(lines, key=lambda line: line.at, reverse=True)


def _rows(asked: Select[*tuple[Any, ...]]) -> Sequence[Any]:
    return db.session.execute(asked).all()


def _about(model: Any, donation: Donation) -> Sequence[Any]:
    return db.session.scalars(select(model).where(model.donation_id == donation.id)).all()


def _gifts(account_ids: Sequence[int]) -> Select[Donation, Receipt]:
    return (
        select(Donation, Receipt)
        .join(Receipt, Receipt.donation_id == Donation.id)
        .where(Donation.account_id.in_(account_ids))
    )


def _of_gifts(model: Any, account_ids: Sequence[int]) -> Select[Any]:
    return (
        select(model)
        .join(Donation, Donation.id == model.donation_id)
        .where(Donation.account_id.in_(account_ids))
    )


def _failures(account_ids: Sequence[int]) -> Select[Any]:
    return (
        select(FailedPayment)
        .join(Pledge, Pledge.id == FailedPayment.pledge_id)
        .where(Pledge.account_id.in_(account_ids))
    )


def _gift(gift: Donation, receipt: Receipt) -> Line:
    amount = format_money(gift.amount)
    return Line(
        gift.received_at,
        _("Gave %(amount)s, %(how)s", amount=amount, how=how(gift)),
        more=_("Receipt %(number)s", number=receipt.reference),
        donation_id=gift.id,
    )


def how(gift: Donation) -> str:
    """Write how a gift came."""
    card = card_words(gift)
    if card:
        return str(card)
    return {
        "bank": _("bank transfer"),
        "cash": _("cash"),
        "other": _("another way"),
        "stripe": _("through Stripe"),
    }[gift.source]


def _refund(refund: Refund) -> Line:
    said = [reversal_words.reason_label(refund.reason), refund.note, refund.failure or ""]
    return Line(
        refund.settled_at or refund.asked_at,
        _("Refund of %(amount)s", amount=format_money(refund.amount)),
        tag=_plain(reversal_words.refund_state(refund.status)),
        more=". ".join(word for word in said if word),
        donation_id=refund.donation_id,
    )


def _dispute(dispute: Dispute) -> Line:
    due = ""
    if dispute.evidence_due_at is not None and dispute.closed_at is None:
        due = _("Evidence by %(day)s", day=format_day(dispute.evidence_due_at))
    why = _("The giver told the bank: %(why)s", why=reversal_words.dispute_reason(dispute.reason))
    return Line(
        dispute.closed_at or dispute.opened_at,
        _("Dispute of %(amount)s", amount=format_money(dispute.amount)),
        tag=_plain(reversal_words.dispute_state(dispute.status)),
        more=". ".join(word for word in (why, due) if word),
        donation_id=dispute.donation_id,
    )


def _warning(warning: FraudWarning) -> Line:
    came = {
        "refunded": _("refunded by rule"),
        "left": _("left for staff to decide"),
        "moot": _("nothing was left to refund"),
    }[warning.outcome]
    return Line(
        warning.warned_at,
        _("The bank warned of fraud"),
        tag=(came, "bad" if warning.outcome == "left" else "plain"),
        donation_id=warning.donation_id,
    )


def _taken_back(entry: Adjustment) -> Line:
    amount = format_money(Money(-entry.amount_minor, entry.currency))
    return Line(
        entry.happened_at,
        _("The entry of %(amount)s was taken back", amount=amount),
        more=entry.note or "",
        donation_id=entry.donation_id,
    )


def _failure(failure: FailedPayment) -> Line:
    return Line(
        failure.failed_at,
        _(
            "A payment of %(amount)s failed, attempt %(number)s",
            amount=format_money(failure.amount),
            number=failure.attempt,
        ),
        tag=(remedy(Remedy(failure.remedy)), "warn"),
        more=" ".join(word for word in (bank(failure.decline_code), _next(failure)) if word),
    )


def _next(failure: FailedPayment) -> str:
    if failure.next_attempt_at is None:
        return _("This was the last attempt.")
    return _("The next attempt: %(day)s.", day=format_day(failure.next_attempt_at))


def remedy(of: Remedy) -> str:
    """Write, for staff, what would help a payment that failed."""
    return {
        Remedy.WAIT: _("Mostly passes by itself"),
        Remedy.NEW_CARD: _("Needs another card"),
        Remedy.ASK_BANK: _("The bank gave no reason"),
        Remedy.APPROVE: _("Has to be approved at the bank"),
    }[of]


def bank(code: str | None) -> str:
    """Write the bank's own word; empty for none."""
    return _("The bank said: %(word)s.", word=code.replace("_", " ")) if code else ""


def _plain(tag: tuple[str, str]) -> tuple[str, str]:
    return (tag[0], "plain") if tag[1] == "quiet" else tag
