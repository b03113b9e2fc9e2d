"""Invoices, payments and attempts as the facts they come to: donations, failures. Calls nothing."""

import uuid
from collections.abc import Sequence

import stripe

from app.money import Money
from app.payments.facts import DonationPaid, PaymentFailed, Reading, Remedy
from app.payments.stripe_gateway.declines import remedy
from app.payments.stripe_gateway.fields import (
    cover_of,
    id_of,
    is_ours,
    metadata_of,
    moment,
    moment_if,
    pledge_id_of,
)


def subscription_details(
    invoice: stripe.Invoice,
) -> "stripe.Invoice.Parent.SubscriptionDetails | None":
    """Return what ties an invoice to its subscription; None for other invoices."""
    return invoice.parent.subscription_details if invoice.parent else None


def invoice_reading(invoice: stripe.Invoice, payments: Sequence[stripe.InvoicePayment]) -> Reading:
    """Return the donation a paid invoice brought; nothing for one that is open or for nothing.

    `payments` have their intents and those their charges.
    """
    details = subscription_details(invoice)
    pledge_id = pledge_id_of(details) if details else None
    if details is None or pledge_id is None:
        return Reading(ours=False)
    if invoice.status != "paid" or invoice.amount_paid == 0:
        return Reading()
    intent = next(
        (
            payment.payment.payment_intent
            for payment in payments
            if payment.status == "paid"
            and isinstance(payment.payment.payment_intent, stripe.PaymentIntent)
        ),
        None,
    )
    charge_id, brand, last4 = _card(intent)
    paid_at = moment_if(invoice.status_transitions.paid_at)
    assert paid_at is not None, "a paid invoice says when"
    donation = DonationPaid(
        amount=Money(invoice.amount_paid, invoice.currency.upper()),
        received_at=paid_at,
        pledge_id=pledge_id,
        checkout_id=None,
        invoice_id=invoice.id,
        payment_intent_id=intent.id if intent else None,
        charge_id=charge_id,
        card_brand=brand,
        card_last4=last4,
        subscription_id=id_of(details.subscription),
        customer_id=id_of(invoice.customer) if invoice.customer else None,
        paid_until=moment(max(line.period.end for line in invoice.lines.data)),
        cover_minor=cover_of(details, invoice.amount_paid),
    )
    return Reading((donation,))


def gift_reading(intent: stripe.PaymentIntent) -> Reading:
    """Return the gift given once that an intent brought.

    A renewal's intent carries no metadata of ours: its invoice brings that money.
    """
    if not is_ours(intent):
        return Reading(ours=False)
    if intent.status != "succeeded":
        return Reading()
    charge = intent.latest_charge
    charge_id, brand, last4 = _card(intent)
    donation = DonationPaid(
        amount=Money(intent.amount_received, intent.currency.upper()),
        received_at=moment(charge.created if isinstance(charge, stripe.Charge) else intent.created),
        pledge_id=None,
        checkout_id=uuid.UUID(metadata_of(intent)["checkout_id"]),
        invoice_id=None,
        payment_intent_id=intent.id,
        charge_id=charge_id,
        card_brand=brand,
        card_last4=last4,
        subscription_id=None,
        customer_id=id_of(intent.customer) if intent.customer else None,
        paid_until=None,
        cover_minor=cover_of(intent, intent.amount_received),
    )
    return Reading((donation,))


def failures(
    invoice: stripe.Invoice, charges: Sequence[stripe.Charge]
) -> tuple[PaymentFailed, ...]:
    """Return the failed attempts at an invoice of ours, by its charges, the oldest first.

    An attempt's number is its place among those that failed, so it stays the same for ever. An
    attempt without a card has left no charge: it is told of as long as no other was made.
    """
    details = subscription_details(invoice)
    pledge_id = pledge_id_of(details) if details else None
    if pledge_id is None:
        return ()
    open_ = invoice.status == "open"
    again = moment_if(invoice.next_payment_attempt) if open_ else None
    pay_url = getattr(invoice, "hosted_invoice_url", None) if open_ else None
    if not charges:
        since = invoice.status_transitions.finalized_at
        if not open_ or not invoice.attempt_count or since is None:
            return ()
        money = Money(invoice.amount_due, invoice.currency.upper())
        untried = remedy(None)
        return (
            PaymentFailed(
                pledge_id, invoice.id, 1, money, moment(since), again, untried, None, None
            ),
        )
    failed = [charge for charge in charges if charge.status == "failed"]
    return tuple(
        PaymentFailed(
            pledge_id=pledge_id,
            invoice_id=invoice.id,
            attempt=attempt,
            amount=Money(charge.amount, charge.currency.upper()),
            failed_at=moment(charge.created),
            next_attempt_at=again if attempt == len(failed) else None,
            remedy=(helps := remedy(_code(charge))),
            decline_code=_code(charge),
            pay_url=pay_url if helps is Remedy.APPROVE else None,
        )
        for attempt, charge in enumerate(failed, start=1)
    )


def _code(charge: stripe.Charge) -> str:
    """The most exact of a failed charge's codes: the bank's reason, or else Stripe's own."""
    reason = charge.outcome.reason if charge.outcome else None
    return reason or charge.failure_code or "generic_decline"


def _card(intent: stripe.PaymentIntent | None) -> tuple[str | None, str | None, str | None]:
    """Charge id, brand and last four digits; None where there is no charge or no card."""
    charge = intent.latest_charge if intent else None
    if not isinstance(charge, stripe.Charge):
        return charge, None, None
    details = charge.payment_method_details
    card = getattr(details, "card", None)
    return charge.id, card.brand if card else None, card.last4 if card else None
