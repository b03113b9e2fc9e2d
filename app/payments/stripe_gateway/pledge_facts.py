"""A subscription as the fact it comes to: how a pledge stands. Calls nothing."""

from datetime import datetime, timedelta

import stripe

from app.money import Money
from app.payments.facts import Card, Ending, PledgeSeen, Reading, Standing
from app.payments.stripe_gateway.fields import (
    cover_of,
    id_of,
    moment,
    moment_if,
    number_of,
    pledge_id_of,
)
from app.payments.stripe_gateway.periods import boundary

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
#: What is asked for with each subscription: the card that will be charged.
WITH_CARD = ["default_payment_method", "customer.invoice_settings.default_payment_method"]
#: A pause of collection ends so long before the payment it is to let through.
EARLIER = timedelta(hours=12)


def pledge_reading(subscription: stripe.Subscription, asked_at: datetime) -> Reading:
    """Return what a subscription, asked for `WITH_CARD` at `asked_at`, says of its pledge."""
    pledge_id = pledge_id_of(subscription)
    if pledge_id is None:
        return Reading(ours=False)
    item = subscription.items.data[0]
    amount = Money(item.price.unit_amount or 0, item.price.currency.upper())
    standing = standing_of(subscription)
    ended = standing is Standing.ENDED
    details = subscription.cancellation_details
    seen = PledgeSeen(
        pledge_id=pledge_id,
        subscription_id=subscription.id,
        customer_id=id_of(subscription.customer),
        standing=standing,
        amount=amount,
        interval=interval_of(subscription),
        paid_until=_paid_until(subscription),
        ends_at=ends_at(subscription),
        ended_at=moment_if(subscription.ended_at) if ended else None,
        ending=ENDINGS.get((details and details.reason) or "", Ending.OTHER) if ended else None,
        seen_at=asked_at,
        period_began_at=moment(item.current_period_start),
        next_payment_at=next_payment_at(subscription),
        resumes_at=resumes_at(subscription),
        cover_minor=cover_of(subscription, amount.minor),
        card=_card(method_of(subscription)),
    )
    return Reading((seen,))


def standing_of(subscription: stripe.Subscription) -> Standing:
    """Return how Stripe sees a subscription; one that is paused and owes nothing is paused."""
    standing = STANDINGS[subscription.status]
    paused = is_collection_paused(subscription) or is_paused_by_trial(subscription)
    return Standing.PAUSED if paused and standing is Standing.PAYING else standing


def interval_of(subscription: stripe.Subscription) -> str:
    """Return "month" or "year"."""
    recurring = subscription.items.data[0].price.recurring
    return recurring.interval if recurring else "month"


def period_end(subscription: stripe.Subscription) -> datetime:
    """Return the end of the period that runs, be it paid, owed or free."""
    return moment(subscription.items.data[0].current_period_end)


def is_collection_paused(subscription: stripe.Subscription) -> bool:
    """Whether the invoices of a subscription are voided for now."""
    return subscription.pause_collection is not None


def is_paused_by_trial(subscription: stripe.Subscription) -> bool:
    """Whether a trial stands for a pause, as we make it; other trials are no pause."""
    return (
        subscription.status == "trialing"
        and subscription.trial_end is not None
        and number_of(subscription, "resumes_at") == subscription.trial_end
    )


def ends_at(subscription: stripe.Subscription) -> datetime | None:
    """Return when a subscription is to end; None for an open-ended one."""
    if subscription.cancel_at is None and subscription.cancel_at_period_end:
        return period_end(subscription)
    return moment_if(subscription.cancel_at)


def resumes_at(subscription: stripe.Subscription) -> datetime | None:
    """Return when a pause ends by itself, as the patron was told where the pause is ours."""
    promised = moment_if(number_of(subscription, "resumes_at"))
    if is_paused_by_trial(subscription):
        return promised
    if subscription.pause_collection is None:
        return None
    set_at = moment_if(subscription.pause_collection.resumes_at)
    if promised and set_at == promised - EARLIER:
        return promised
    return set_at


def next_payment_at(subscription: stripe.Subscription) -> datetime | None:
    """Return when the next period is to be paid; None when none will be.

    What a subscription that is past due still owes is tried sooner: its failures tell when.
    """
    if subscription.status in ("canceled", "incomplete", "incomplete_expired", "paused"):
        return None
    following = period_end(subscription)
    if subscription.pause_collection is not None:
        lifted_at = moment_if(subscription.pause_collection.resumes_at)
        if lifted_at is None:
            return None
        anchor = moment(subscription.billing_cycle_anchor)
        following = boundary(anchor, interval_of(subscription), max(lifted_at, following))
    ends = ends_at(subscription)
    return None if ends is not None and ends <= following else following


def _paid_until(subscription: stripe.Subscription) -> datetime:
    noted = number_of(subscription, "paid_until")
    if noted is not None and is_paused_by_trial(subscription):
        return moment(noted)
    return period_end(subscription)


def method_of(subscription: stripe.Subscription) -> stripe.PaymentMethod | None:
    """Return what will be charged: the subscription's own goes before the customer's."""
    own = subscription.default_payment_method
    if isinstance(own, stripe.PaymentMethod):
        return own
    return customers_method(subscription) if own is None else None


def customers_method(subscription: stripe.Subscription) -> stripe.PaymentMethod | None:
    """Return what the customer put in last at the provider's page for cards."""
    settings = getattr(subscription.customer, "invoice_settings", None)
    found = getattr(settings, "default_payment_method", None)
    return found if isinstance(found, stripe.PaymentMethod) else None


def _card(method: stripe.PaymentMethod | None) -> Card | None:
    card = getattr(method, "card", None)
    return Card(card.brand, card.last4, card.exp_year, card.exp_month) if card else None
