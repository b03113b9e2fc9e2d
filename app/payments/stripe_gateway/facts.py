"""Stripe's objects as the facts they come to. Reads objects already fetched; calls nothing."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import stripe

from app.money import Money
from app.payments.facts import DonationPaid, Ending, PledgeSeen, Reading, Standing
from app.payments.stripe_gateway.orders import APP

STANDINGS = {
    "incomplete": Standing.INCOMPLETE,
    "incomplete_expired": Standing.ENDED,
    "trialing": Standing.PAYING,
    "active": Standing.PAYING,
    "past_due": Standing.PAST_DUE,
    "unpaid": Standing.PAST_DUE,
    "paused": Standing.PAUSED,
    "canceled": Standing.ENDED,
}
ENDINGS = {
    "cancellation_requested": Ending.BY_WISH,
    "payment_failed": Ending.UNPAID,
    "payment_disputed": Ending.DISPUTED,
}
#: What we read of the objects that hang on a renewal's payment.
READ = {
    "invoice": frozenset(
        {"amount_paid", "currency", "customer", "lines", "parent", "status", "status_transitions"}
    ),
    "line_item": frozenset({"period"}),
    "payment_intent": frozenset({"latest_charge"}),
    "charge": frozenset({"payment_method_details"}),
}


def lightened(answer: Any) -> Any:
    """Return an answer of the API, as JSON, without the fields of such objects we do not read."""
    if isinstance(answer, list):
        return [lightened(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    kept = READ.get(answer.get("object", ""))
    return {
        name: lightened(value)
        for name, value in answer.items()
        if kept is None or name in kept or name in ("id", "object")
    }


def pledge_reading(subscription: stripe.Subscription, asked_at: datetime) -> Reading:
    """Return what a subscription, asked for at `asked_at`, says of its pledge."""
    pledge_id = _pledge_id(metadata_of(subscription))
    if pledge_id is None:
        return Reading(ours=False)
    item = subscription.items.data[0]
    paused = getattr(subscription, "pause_collection", None) is not None
    standing = STANDINGS[subscription.status]
    if paused and standing is Standing.PAYING:
        standing = Standing.PAUSED
    ends_at = subscription.cancel_at
    if ends_at is None and subscription.cancel_at_period_end:
        ends_at = item.current_period_end
    details = subscription.cancellation_details
    ended = standing is Standing.ENDED
    return Reading(
        (
            PledgeSeen(
                pledge_id=pledge_id,
                subscription_id=subscription.id,
                customer_id=id_of(subscription.customer),
                standing=standing,
                amount=Money(item.price.unit_amount or 0, item.price.currency.upper()),
                interval=item.price.recurring.interval if item.price.recurring else "month",
                paid_until=_moment(item.current_period_end),
                ends_at=_moment(ends_at),
                ended_at=_moment(subscription.ended_at) if ended else None,
                ending=ENDINGS.get((details and details.reason) or "", Ending.OTHER)
                if ended
                else None,
                seen_at=asked_at,
            ),
        )
    )


def invoice_reading(invoice: stripe.Invoice, payments: Sequence[stripe.InvoicePayment]) -> Reading:
    """Return the donation a paid invoice brought; nothing for one that is open or for nothing."""
    details = subscription_details(invoice)
    pledge_id = _pledge_id(metadata_of(details)) if details else None
    if details is None or pledge_id is None:
        return Reading(ours=False)
    if invoice.status != "paid" or invoice.amount_paid == 0:
        return Reading()
    intent = next(
        (
            payment.payment.payment_intent
            for payment in payments
            if isinstance(payment.payment.payment_intent, stripe.PaymentIntent)
        ),
        None,
    )
    charge_id, brand, last4 = _card(intent)
    paid_at = _moment(invoice.status_transitions.paid_at)
    assert paid_at is not None, "a paid invoice says when"
    return Reading(
        (
            DonationPaid(
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
                paid_until=_moment(max(line.period.end for line in invoice.lines.data)),
            ),
        )
    )


def gift_reading(intent: stripe.PaymentIntent) -> Reading:
    """Return the gift given once that an intent brought.

    A renewal's intent carries no metadata of ours: its invoice brings that money.
    """
    metadata = metadata_of(intent)
    if metadata.get("app") != APP:
        return Reading(ours=False)
    if intent.status != "succeeded":
        return Reading()
    charge = intent.latest_charge
    received_at = _moment(charge.created if isinstance(charge, stripe.Charge) else intent.created)
    assert received_at is not None, "a charge says when"
    charge_id, brand, last4 = _card(intent)
    return Reading(
        (
            DonationPaid(
                amount=Money(intent.amount_received, intent.currency.upper()),
                received_at=received_at,
                pledge_id=None,
                checkout_id=uuid.UUID(metadata["checkout_id"]),
                invoice_id=None,
                payment_intent_id=intent.id,
                charge_id=charge_id,
                card_brand=brand,
                card_last4=last4,
                subscription_id=None,
                customer_id=id_of(intent.customer) if intent.customer else None,
                paid_until=None,
            ),
        )
    )


def _card(intent: stripe.PaymentIntent | None) -> tuple[str | None, str | None, str | None]:
    """Charge id, brand and last four digits; None where there is no charge or no card."""
    charge = intent.latest_charge if intent else None
    if not isinstance(charge, stripe.Charge):
        return charge, None, None
    details = charge.payment_method_details
    card = getattr(details, "card", None)
    return charge.id, card.brand if card else None, card.last4 if card else None


def subscription_details(
    invoice: stripe.Invoice,
) -> "stripe.Invoice.Parent.SubscriptionDetails | None":
    """Return what ties an invoice to its subscription; None for other invoices."""
    return invoice.parent.subscription_details if invoice.parent else None


def _pledge_id(metadata: dict[str, str]) -> uuid.UUID | None:
    if metadata.get("app") != APP or "pledge_id" not in metadata:
        return None
    return uuid.UUID(metadata["pledge_id"])


def metadata_of(holder: object) -> dict[str, str]:
    """Return an object's metadata as a plain dict; empty where it has none."""
    found = getattr(holder, "metadata", None)
    if found is None:
        return {}
    return found.to_dict() if isinstance(found, stripe.StripeObject) else dict(found)


def id_of(reference: "str | stripe.StripeObject") -> str:
    """Return the id of what is either an id or the object itself."""
    return reference if isinstance(reference, str) else str(reference["id"])


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
