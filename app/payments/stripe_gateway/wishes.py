"""What a patron wishes of a running subscription: other terms, a pause, going on."""

from datetime import datetime

import stripe
from stripe.params import SubscriptionUpdateParams

from app.clock import utcnow
from app.money import Money
from app.payments.facts import Reading, Standing
from app.payments.gateway import GatewayError
from app.payments.orders import Terms
from app.payments.stripe_gateway.calls import keyed
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import cover_of, id_of, number_of, seconds
from app.payments.stripe_gateway.orders import product
from app.payments.stripe_gateway.payments import Payments
from app.payments.stripe_gateway.pledge_facts import (
    EARLIER,
    interval_of,
    is_collection_paused,
    is_paused_by_trial,
    next_payment_at,
    period_end,
    pledge_reading,
    standing_of,
)
from app.payments.stripe_gateway.subscriptions import Subscriptions

#: What takes the marks of a pause away again: an empty value deletes its name.
UNMARKED = {"resumes_at": "", "paid_until": ""}


class Wishes(Subscriptions, Payments):
    """Each act looks first: what is already as wished is left alone, however often it is asked."""

    def change_terms(self, subscription_id: str, terms: Terms, change_id: str) -> Reading:
        """See `PaymentGateway`.

        Another interval would begin, and be charged, at once. A trial to the end of the paid time
        keeps Stripe from it; past due there is no such time, so then it is refused.
        """
        asked_at = utcnow()
        subscription = self._found(subscription_id)
        if _has_terms(subscription, terms):
            return pledge_reading(subscription, asked_at)
        item = subscription.items.data[0]
        params: SubscriptionUpdateParams = {
            "items": [
                {
                    "id": item.id,
                    "quantity": 1,
                    "price_data": {
                        "currency": terms.amount.currency.lower(),
                        "product": product(terms.interval),
                        "unit_amount": terms.amount.minor,
                        "recurring": {
                            "interval": "year" if terms.interval == "year" else "month",
                            "interval_count": 1,
                        },
                    },
                }
            ],
            "proration_behavior": "none",
            "metadata": {"cover_minor": str(terms.cover_minor)},
        }
        if terms.interval != interval_of(subscription):
            self._begin_later(subscription, params)
        return self._change(subscription_id, f"sub-terms:{change_id}", params)

    def _begin_later(
        self, subscription: stripe.Subscription, params: SubscriptionUpdateParams
    ) -> None:
        """Let another interval begin when the paid time, and a pause after it, is over."""
        _insist_on_paid(subscription)
        begins_at = next_payment_at(subscription) or period_end(subscription)
        if is_collection_paused(subscription):
            if next_payment_at(subscription) is None:
                raise GatewayError("paused without an end: resume it first")
            # The first invoice of the new interval must not be voided with those of the pause.
            params["pause_collection"] = ""
            params["metadata"] = {**_metadata(params), **_marks(subscription, begins_at)}
        params["trial_end"] = seconds(begins_at)

    def pause(self, subscription_id: str, resumes_at: datetime, change_id: str) -> Reading:
        """See `PaymentGateway`.

        A month's invoices are voided while the pause lasts. To void a year's would give a year
        away: its next period begins later instead, after a trial that is marked as a pause.
        """
        asked_at = utcnow()
        subscription = self._found(subscription_id)
        paused = is_collection_paused(subscription) or is_paused_by_trial(subscription)
        if paused and number_of(subscription, "resumes_at") == seconds(resumes_at):
            return pledge_reading(subscription, asked_at)
        params: SubscriptionUpdateParams
        if interval_of(subscription) == "year" or is_paused_by_trial(subscription):
            _insist_on_paid(subscription)
            params = {
                "trial_end": seconds(resumes_at),
                "proration_behavior": "none",
                "metadata": _marks(subscription, resumes_at),
            }
        else:
            params = {
                "pause_collection": {
                    "behavior": "void",
                    # The payment of that day is to be taken, so the pause is over before it.
                    "resumes_at": seconds(resumes_at - EARLIER),
                },
                "metadata": {"resumes_at": str(seconds(resumes_at))},
            }
        return self._change(subscription_id, f"pause:{change_id}", params)

    def resume(self, subscription_id: str, paid_until: datetime, change_id: str) -> Reading:
        """See `PaymentGateway`."""
        asked_at = utcnow()
        subscription = self._found(subscription_id)
        if is_collection_paused(subscription):
            lifted: SubscriptionUpdateParams = {"pause_collection": "", "metadata": UNMARKED}
            return self._change(subscription_id, f"resume:{change_id}", lifted)
        if subscription.status == "paused":
            return self._wake(subscription_id, change_id)
        if not is_paused_by_trial(subscription):
            return pledge_reading(subscription, asked_at)
        if paid_until > asked_at:
            params: SubscriptionUpdateParams = {
                "trial_end": seconds(paid_until),
                "proration_behavior": "none",
                "metadata": UNMARKED,
            }
            try:
                return self._change(subscription_id, f"resume:{change_id}", params)
            except GatewayError as error:
                # Stripe's clock decides what is past.
                if not _is_about(error, "trial_end"):
                    raise
        return self._begin_now(subscription_id, change_id)

    def _wake(self, subscription_id: str, change_id: str) -> Reading:
        """End a pause as the Dashboard makes it, which only a call can end."""
        with translated():
            keyed(
                f"wake:{change_id}",
                lambda options: self._client.v1.subscriptions.resume(
                    subscription_id,
                    {"billing_cycle_anchor": {"type": "unchanged"}, "proration_behavior": "none"},
                    options,
                ),
            )
        return self._subscription(subscription_id)

    def _begin_now(self, subscription_id: str, change_id: str) -> Reading:
        """Begin and charge the next period; what came of the charge is told besides."""
        reading = self._change(
            subscription_id,
            f"resume-now:{change_id}",
            {"trial_end": "now", "proration_behavior": "none", "metadata": UNMARKED},
        )
        with translated():
            newest = self._client.v1.subscriptions.retrieve(subscription_id).latest_invoice
        if newest is None:
            return reading
        return Reading((*reading.facts, *self._invoice(id_of(newest), attempts=True).facts))


def _has_terms(subscription: stripe.Subscription, terms: Terms) -> bool:
    price = subscription.items.data[0].price
    amount = Money(price.unit_amount or 0, price.currency.upper())
    return (amount, interval_of(subscription), cover_of(subscription, amount.minor)) == (
        terms.amount,
        terms.interval,
        terms.cover_minor,
    )


def _insist_on_paid(subscription: stripe.Subscription) -> None:
    """Refuse what would give a subscription that owes money a time for nothing."""
    if standing_of(subscription) is Standing.PAST_DUE:
        raise GatewayError("past due: it has no paid time to count from")


def _marks(subscription: stripe.Subscription, resumes_at: datetime) -> dict[str, str]:
    """What tells a pause from another trial, and to when the patron has paid."""
    paid_until = number_of(subscription, "paid_until")
    if paid_until is None or not is_paused_by_trial(subscription):
        paid_until = seconds(period_end(subscription))
    return {"resumes_at": str(seconds(resumes_at)), "paid_until": str(paid_until)}


def _metadata(params: SubscriptionUpdateParams) -> dict[str, str]:
    given = params.get("metadata")
    return dict(given) if isinstance(given, dict) else {}


def _is_about(error: GatewayError, param: str) -> bool:
    return getattr(error.__cause__, "param", None) == param
