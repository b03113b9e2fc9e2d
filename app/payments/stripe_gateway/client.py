"""The gateway's calls to Stripe's API.

Events are a signal and the API is the truth: an event's type and object id are taken from it, and
what it means is fetched again, so that its age, order and API version do not matter.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import cast

import stripe

from app.clock import utcnow
from app.money import Money
from app.payments.facts import CheckoutSeen, Envelope, Fee, FeeKnown, Reading
from app.payments.gateway import BadSignature, GatewayError
from app.payments.orders import CheckoutOrder, CheckoutPage
from app.payments.stripe_gateway import facts
from app.payments.stripe_gateway.envelopes import envelope
from app.payments.stripe_gateway.errors import is_repeated, translated
from app.payments.stripe_gateway.orders import APP, product, session_params
from app.payments.stripe_gateway.signatures import signed

#: Seconds to connect and to wait for an answer, and how often the SDK tries again by itself.
TIMEOUT = (3.05, 12)
RETRIES = 1
#: How many keys an order may use up: one for each answer of Stripe's that is lost for good.
MOST_KEYS = 12

#: Types whose matter is brought by another event we act on; kept, and nothing to do.
COVERED = frozenset(
    {
        "charge.failed",
        "charge.succeeded",
        "customer.created",
        "customer.updated",
        "invoice.created",
        "invoice.finalized",
        "invoice.payment_succeeded",
        "invoice.updated",
        "invoice_payment.paid",
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.requires_action",
        "payment_method.attached",
        "price.created",
        "product.created",
        "product.updated",
    }
)


class StripeGateway:
    """`PaymentGateway` at Stripe's API. One per process; make it after a fork."""

    def __init__(
        self,
        api_key: str,
        webhook_secrets: Sequence[str],
        api_base: str | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        # Telemetry would write to the home directory and send what we did not decide to send.
        stripe.enable_telemetry = False
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else None,
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=timeout),
        )
        self._secrets = tuple(secret.encode() for secret in webhook_secrets)
        self._readers: dict[str, Callable[[str], Reading]] = {
            "checkout.session.completed": self.find_checkout,
            "checkout.session.async_payment_succeeded": self.find_checkout,
            "checkout.session.async_payment_failed": self.find_checkout,
            "checkout.session.expired": self.find_checkout,
            "customer.subscription.created": self._subscription,
            "customer.subscription.updated": self._subscription,
            "customer.subscription.deleted": self._subscription,
            "customer.subscription.paused": self._subscription,
            "customer.subscription.resumed": self._subscription,
            "invoice.paid": self._invoice,
            "invoice.payment_failed": self._failed_invoice,
            "payment_intent.succeeded": self._payment_intent,
            "charge.updated": self._charge,
        }

    # -- the page to pay on ---------------------------------------------------------------------

    def open_checkout(self, order: CheckoutOrder) -> CheckoutPage:
        """See `PaymentGateway`.

        The key is the order's own, so a page whose answer was lost is given again. Stripe also
        keeps the answer "500" under a key and repeats it for a day: only then the next key is used.
        """
        params, retries = session_params(order), RETRIES
        with translated():
            for number in range(MOST_KEYS):
                key = f"cs:{order.checkout_id}:{number}"
                try:
                    session = self._client.v1.checkout.sessions.create(
                        params, {"idempotency_key": key, "max_network_retries": retries}
                    )
                    break
                except stripe.APIError as error:
                    if number + 1 == MOST_KEYS or not is_repeated(error):
                        raise
                    # Whoever still fails under a fresh key is left alone until the next press.
                    retries = 0
        if session.url is None:
            raise GatewayError(f"session {session.id} is already {session.status}")
        return CheckoutPage(session.id, session.url)

    def find_checkout(self, session_id: str) -> Reading:
        """See `PaymentGateway`."""
        with translated():
            session = self._client.v1.checkout.sessions.retrieve(session_id)
        if facts.metadata_of(session).get("app") != APP or not session.client_reference_id:
            return Reading(ours=False)
        paid = session.status == "complete" and session.payment_status != "unpaid"
        state = "paid" if paid else "expired" if session.status == "expired" else "open"
        seen = CheckoutSeen(uuid.UUID(session.client_reference_id), session.id, state)
        money: tuple[Reading, ...] = ()
        if paid and session.subscription is not None:
            money = (self._subscription(facts.id_of(session.subscription)),)
            if session.invoice is not None:
                money += (self._invoice(facts.id_of(session.invoice)),)
        elif paid and session.payment_intent is not None:
            money = (self._payment_intent(facts.id_of(session.payment_intent)),)
        return Reading((seen, *(fact for reading in money for fact in reading.facts)))

    # -- events ---------------------------------------------------------------------------------

    def verify(self, body: bytes, signature: str) -> Envelope:
        """See `PaymentGateway`. Any one of our secrets may have signed, while one is replaced."""
        if signed(body, signature, self._secrets, now=time.time()):
            return envelope(body)
        raise BadSignature("no secret of ours signed this, or it is too old")

    def read(self, event_type: str, object_id: str | None) -> Reading:
        """See `PaymentGateway`."""
        reader = self._readers.get(event_type)
        if reader is None or object_id is None:
            return Reading(known=event_type in COVERED)
        return reader(object_id)

    def find_fee(self, charge_id: str) -> Fee | None:
        """See `PaymentGateway`."""
        with translated():
            charge = self._client.v1.charges.retrieve(
                charge_id, {"expand": ["balance_transaction"]}
            )
        entry = charge.balance_transaction
        if entry is None or isinstance(entry, str):
            return None
        currency = entry.currency.upper()
        return Fee(entry.id, Money(entry.fee, currency), Money(entry.net, currency))

    # -- a patron's wishes ----------------------------------------------------------------------

    def end_at(
        self, subscription_id: str, at: datetime, change_id: str, why: str | None = None
    ) -> Reading:
        """See `PaymentGateway`."""
        return self._set_ending(subscription_id, change_id, ends=True)

    def end_now(self, subscription_id: str, why: str | None = None) -> Reading:
        """See `PaymentGateway`. Stripe tries the open invoice no more once this has ended."""
        with translated():
            try:
                self._client.v1.subscriptions.cancel(
                    subscription_id, {"invoice_now": False, "prorate": False}
                )
            except stripe.InvalidRequestError:
                # Whoever ended it before us: what came of it is read below.
                if self._client.v1.subscriptions.retrieve(subscription_id).status != "canceled":
                    raise
        return self._subscription(subscription_id)

    def keep(self, subscription_id: str, change_id: str) -> Reading:
        """See `PaymentGateway`."""
        return self._set_ending(subscription_id, change_id, ends=False)

    def _set_ending(self, subscription_id: str, change_id: str, *, ends: bool) -> Reading:
        asked_at = utcnow()
        with translated():
            subscription = self._client.v1.subscriptions.update(
                subscription_id,
                {"cancel_at_period_end": ends},
                {"idempotency_key": f"sub-ending:{change_id}"},
            )
        return facts.pledge_reading(subscription, asked_at)

    def prepare(self, product_names: dict[str, str]) -> None:
        """See `PaymentGateway`. One product for each interval, under an id of ours."""
        for interval, name in product_names.items():
            with translated():
                try:
                    self._client.v1.products.create(
                        {"id": product(interval), "name": name, "metadata": {"app": APP}}
                    )
                except stripe.InvalidRequestError as error:
                    if error.code != "resource_already_exists":
                        raise

    # -- the truth behind an id -----------------------------------------------------------------

    def _subscription(self, subscription_id: str) -> Reading:
        asked_at = utcnow()
        with translated():
            subscription = self._client.v1.subscriptions.retrieve(subscription_id)
        return facts.pledge_reading(subscription, asked_at)

    def _invoice(self, invoice_id: str) -> Reading:
        """The donation an invoice brought, in one call where it was paid through Stripe."""
        with translated():
            answer = self._client.raw_request(
                "get",
                "/v1/invoice_payments",
                invoice=invoice_id,
                status="paid",
                expand=["data.invoice", "data.payment.payment_intent.latest_charge"],
            )
            payments = self._payments(answer)
            if payments and isinstance(payments[0].invoice, stripe.Invoice):
                invoice = payments[0].invoice
            else:
                # Paid outside Stripe, or for nothing: there is no payment to tell of it.
                invoice = self._client.v1.invoices.retrieve(invoice_id)
        return facts.invoice_reading(invoice, payments)

    def _payments(self, answer: stripe.StripeResponse) -> list[stripe.InvoicePayment]:
        """Read a list of payments without the bulk of what hangs on them.

        The library gives every field a place in an object of its own: three hundred for one
        renewal, of which we read twenty.
        """
        listed = self._client.deserialize(facts.lightened(answer.data), api_mode="V1")
        return cast(stripe.ListObject[stripe.InvoicePayment], listed).data

    def _failed_invoice(self, invoice_id: str) -> Reading:
        with translated():
            invoice = self._client.v1.invoices.retrieve(invoice_id)
        details = facts.subscription_details(invoice)
        if details is None:
            return Reading(ours=False)
        return self._subscription(facts.id_of(details.subscription))

    def _payment_intent(self, payment_intent_id: str) -> Reading:
        with translated():
            intent = self._client.v1.payment_intents.retrieve(
                payment_intent_id, {"expand": ["latest_charge"]}
            )
        return facts.gift_reading(intent)

    def _charge(self, charge_id: str) -> Reading:
        fee = self.find_fee(charge_id)
        return Reading((FeeKnown(charge_id, fee),) if fee else ())
