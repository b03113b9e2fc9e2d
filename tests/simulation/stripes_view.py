"""What the sandbox's objects say of each pledge and each attempt, derived without the product."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import stripe

from tests.simulation.stripes import Stripes

#: Stripe's reason of an end, and how we call it; a wish may also be a rule of the house.
ENDS = {
    "cancellation_requested": ("ended", "left"),
    "payment_failed": ("lapsed", "unpaid"),
    "payment_disputed": ("lapsed", "disputed"),
}


@dataclass(frozen=True)
class Standing:
    """How a pledge stands."""

    subscription: str
    status: str
    end_reason: str | None
    amount_minor: int
    currency: str
    interval: str
    ends_at: int | None
    ended_at: int | None
    card: str | None


class View:
    """Everything in the account, listed once."""

    def __init__(self, stripes: Stripes) -> None:
        api = stripes.api.v1
        self.subscriptions = _every(
            api.subscriptions,
            status="all",
            expand=[
                "data.default_payment_method",
                "data.customer.invoice_settings.default_payment_method",
            ],
        )
        self.charges = _every(api.charges)
        self.refunds = _every(api.refunds)
        self.disputes = _every(api.disputes)
        self.payouts = _every(api.payouts)
        self.sessions = _every(api.checkout.sessions)
        self._invoice_of = {
            str(one.payment.payment_intent): str(one.invoice)
            for one in _every(api.invoice_payments)
        }
        invoices = _every(api.invoices)
        self._subscription_of = {
            one.id: str(one.parent.subscription_details.subscription) for one in invoices
        }
        #: Refused on Stripe's page before the giver's eyes: nobody is written to.
        self._at_the_checkout = {
            one.id for one in invoices if one.billing_reason == "subscription_create"
        }

    def failed_attempts(self) -> Counter[str]:
        """How many charges failed on each invoice of a renewal."""
        failed = [str(one.payment_intent) for one in self.charges if one.status == "failed"]
        invoices = [self._invoice_of[intent] for intent in failed if intent in self._invoice_of]
        return Counter(one for one in invoices if one not in self._at_the_checkout)

    def standings(self) -> dict[str, Standing]:
        """How each pledge stands, by its id."""
        contested = self._ended_by_rule()
        return {
            one.metadata["pledge_id"]: _standing(one, by_rule=one.id in contested)
            for one in self.subscriptions
        }

    def never_begun(self) -> dict[str, str]:
        """The pledges whose page was never paid, by id, and how they stand."""
        return {
            one.metadata["pledge_id"]: "abandoned" if one.status == "expired" else "pending"
            for one in self.sessions
            if one.mode == "subscription" and one.status != "complete"
        }

    def _ended_by_rule(self) -> set[str]:
        """The subscriptions of which a bank took money, or a gift was sent back as a fraud."""
        charges = {str(one.charge) for one in self.disputes if one.balance_transactions}
        charges |= {str(one.charge) for one in self.refunds if one.reason == "fraudulent"}
        return {
            self._subscription_of[self._invoice_of[str(charge.payment_intent)]]
            for charge in self.charges
            if charge.id in charges and str(charge.payment_intent) in self._invoice_of
        }


def _standing(one: stripe.Subscription, *, by_rule: bool) -> Standing:
    status, reason = _status(one, by_rule=by_rule)
    price = one.items.data[0].price
    ended = one.status == "canceled"
    ends_at = one.cancel_at
    if one.cancel_at_period_end and ends_at is None:
        ends_at = one.items.data[0].current_period_end
    assert price.recurring is not None
    assert price.unit_amount is not None
    return Standing(
        one.id,
        status,
        reason,
        price.unit_amount,
        price.currency.upper(),
        price.recurring.interval,
        None if ended else ends_at,
        one.ended_at if ended else None,
        _card(one),
    )


def _status(one: stripe.Subscription, *, by_rule: bool) -> tuple[str, str | None]:
    if one.status == "canceled":
        assert one.cancellation_details is not None
        why = one.cancellation_details.reason or ""
        return ("lapsed", "disputed") if by_rule and why != "payment_failed" else ENDS[why]
    if one.status in ("past_due", "unpaid"):
        return "past_due", None
    noted = one.metadata.to_dict().get("resumes_at")
    waits = one.status == "trialing" and noted == str(one.trial_end)
    return ("paused" if one.pause_collection or waits else "active"), None


def _card(one: stripe.Subscription) -> str | None:
    """The last digits of what is charged: the subscription's own card before the customer's."""
    method: Any = one.default_payment_method
    if method is None:
        customer: Any = one.customer
        method = customer.invoice_settings.default_payment_method
    return method.card.last4 if method is not None else None


def _every(listed: Any, **query: Any) -> list[Any]:
    found: Iterable[Any] = listed.list({"limit": 100, **query}).auto_paging_iter()
    return list(found)
