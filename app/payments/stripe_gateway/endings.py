"""The end of a subscription: at a moment, at once, and called off."""

from datetime import datetime, timedelta

import stripe
from stripe.params import SubscriptionUpdateParams

from app.clock import utcnow
from app.payments.facts import Reading, Standing
from app.payments.gateway import GatewayError
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import seconds
from app.payments.stripe_gateway.pledge_facts import (
    ends_at,
    period_end,
    pledge_reading,
    standing_of,
)
from app.payments.stripe_gateway.subscriptions import Subscriptions

#: Our words for why a patron leaves, and those that Stripe's own figures know.
FEEDBACK = {
    "too_expensive": "too_expensive",
    "for_a_while": "unused",
    "technical": "customer_service",
    "content": "low_quality",
}
#: Moments so near to each other are the same.
NEAR = timedelta(minutes=1)


class Endings(Subscriptions):
    """Each act looks first: what is already as wished is left alone, however often it is asked."""

    def end_at(
        self, subscription_id: str, at: datetime, change_id: str, why: str | None = None
    ) -> Reading:
        """See `PaymentGateway`."""
        asked_at = utcnow()
        subscription = self._found(subscription_id)
        planned = ends_at(subscription)
        if planned is not None and abs(planned - at) <= NEAR:
            return pledge_reading(subscription, asked_at)
        params: SubscriptionUpdateParams = (
            {"cancel_at_period_end": True}
            if abs(period_end(subscription) - at) <= NEAR
            else {"cancel_at": seconds(at)}
        )
        if why is not None:
            params["cancellation_details"] = {"feedback": _feedback(why)}
        return self._change(subscription_id, f"end:{change_id}", params)

    def end_now(self, subscription_id: str, why: str | None = None) -> Reading:
        """See `PaymentGateway`.

        The invoices it leaves stay, for staff to see, and are collected no more.
        """
        params: stripe.params.SubscriptionCancelParams = {"invoice_now": False, "prorate": False}
        if why is not None:
            params["cancellation_details"] = {"feedback": _feedback(why)}
        with translated():
            try:
                self._client.v1.subscriptions.cancel(subscription_id, params)
            except stripe.InvalidRequestError:
                # Whoever ended it before us: what came of it is read below.
                if self._client.v1.subscriptions.retrieve(subscription_id).status != "canceled":
                    raise
            left = self._client.v1.invoices.list({"subscription": subscription_id, "limit": 100})
            for invoice in left.data:
                # Stripe stops them by itself, as it says; a person may have set one going again.
                if invoice.status in ("draft", "open") and invoice.auto_advance:
                    self._client.v1.invoices.update(invoice.id, {"auto_advance": False})
        return self._subscription(subscription_id)

    def keep(self, subscription_id: str, change_id: str) -> Reading:
        """See `PaymentGateway`. The customer portal sets a moment where we set the period's end."""
        asked_at = utcnow()
        subscription = self._found(subscription_id)
        if standing_of(subscription) is Standing.ENDED:
            raise GatewayError("it has ended")
        if ends_at(subscription) is None:
            return pledge_reading(subscription, asked_at)
        params: SubscriptionUpdateParams = (
            {"cancel_at_period_end": False}
            if subscription.cancel_at_period_end
            else {"cancel_at": ""}
        )
        return self._change(subscription_id, f"keep:{change_id}", params)


def _feedback(why: str) -> str:
    return FEEDBACK.get(why, "other")
