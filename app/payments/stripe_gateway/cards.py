"""Cards: the page for a new one, and the new one put to use."""

from contextlib import suppress

import stripe

from app.payments.facts import Fact, Reading, Standing
from app.payments.gateway import GatewayError
from app.payments.stripe_gateway.calls import keyed
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import APP, id_of, metadata_of
from app.payments.stripe_gateway.orders import PAGE_LOCALES
from app.payments.stripe_gateway.payments import Payments
from app.payments.stripe_gateway.pledge_facts import (
    customers_method,
    method_of,
    pledge_reading,
    standing_of,
)
from app.payments.stripe_gateway.subscriptions import Subscriptions


class Cards(Subscriptions, Payments):
    """Stripe's page for cards sets the customer's card, and a subscription has its own."""

    #: Our configuration of that page, once it was found; each process asks for it once.
    _card_page: str | None = None

    def card_page(self, customer_id: str, return_url: str, locale: str) -> str:
        """See `PaymentGateway`."""
        configuration = self._card_page or self._find_card_page()
        if configuration is None:
            raise GatewayError("the page for cards is not set up: run `flask payments setup`")
        self._card_page = configuration
        with translated():
            session = self._client.v1.billing_portal.sessions.create(
                {
                    "customer": customer_id,
                    "configuration": configuration,
                    "return_url": return_url,
                    "locale": PAGE_LOCALES.get(locale, "auto"),
                    "flow_data": {
                        "type": "payment_method_update",
                        "after_completion": {
                            "type": "redirect",
                            "redirect": {"return_url": return_url},
                        },
                    },
                }
            )
        return session.url

    def _find_card_page(self) -> str | None:
        with translated():
            listed = self._client.v1.billing_portal.configurations.list(
                {"active": True, "limit": 100}
            )
            every = listed.auto_paging_iter()
            return next((one.id for one in every if metadata_of(one).get("app") == APP), None)

    def adopt_card(self, customer_id: str) -> Reading:
        """See `PaymentGateway`.

        The customer's card is taken where it is the newer one. An open invoice is tried with a card
        that was not tried for it yet, so that no event about the customer, of which a failed
        payment is one, leads to another attempt.
        """
        facts: list[Fact] = []
        asked_at, theirs = self._of_customer(customer_id)
        for subscription in theirs:
            adopted = self._adopt(subscription)
            card = customers_method(subscription) if adopted else method_of(subscription)
            tried: Reading | None = None
            if card is not None and standing_of(subscription) is Standing.PAST_DUE:
                tried = self._try_open_invoices(subscription.id, card.id)
            if adopted or tried is not None:
                facts += self._subscription(subscription.id).facts
            else:
                facts += pledge_reading(subscription, asked_at).facts
            facts += tried.facts if tried is not None else ()
        return Reading(tuple(facts), ours=bool(theirs))

    def _adopt(self, subscription: stripe.Subscription) -> bool:
        """Put the customer's card on the subscription; False where that one is not the newer.

        Without a key: a key would keep a card from being chosen again on the same day.
        """
        new, own = customers_method(subscription), subscription.default_payment_method
        if new is None or own is None:
            return False
        if isinstance(own, stripe.PaymentMethod) and (
            own.id == new.id or own.created > new.created
        ):
            return False
        with translated():
            self._client.v1.subscriptions.update(
                subscription.id, {"default_payment_method": new.id}
            )
        return True

    def _try_open_invoices(self, subscription_id: str, method_id: str) -> Reading | None:
        """Pay with a card what a subscription owes; None where that card was tried before."""
        facts: list[Fact] = []
        with translated():
            owed = self._client.v1.invoices.list(
                {"subscription": subscription_id, "status": "open", "limit": 100}
            ).data
        for invoice in owed:
            _invoice, payments = self._invoice_and_payments(invoice.id)
            used = {charge.payment_method for charge in self._attempts(payments)}
            if method_id in used:
                continue
            with translated():
                self._pay(invoice.id, method_id)
            facts += self._invoice(invoice.id, attempts=True).facts
        return Reading(tuple(facts)) if facts else None

    def _pay(self, invoice_id: str, method_id: str) -> None:
        """Try to pay an invoice; a card that is refused, or an invoice paid meanwhile, is fine."""
        with suppress(stripe.CardError, stripe.InvalidRequestError):
            keyed(
                f"pay:{invoice_id}:{method_id}",
                lambda options: self._client.v1.invoices.pay(
                    invoice_id, {"payment_method": method_id, "off_session": True}, options
                ),
            )

    def _payment_method(self, method_id: str) -> Reading:
        """How the pledges stand whose customer's card has changed."""
        with translated():
            method = self._client.v1.payment_methods.retrieve(method_id)
        if method.customer is None:
            return Reading(ours=False)
        return self._customer(id_of(method.customer))
