"""The payment provider as the product sees it. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from app.payments.facts import Envelope, Fee, Reading
from app.payments.orders import (
    CheckoutOrder,
    CheckoutPage,
    Inspection,
    Preparation,
    Prepared,
    RefundOrder,
    SurveyKind,
    Terms,
)
from app.payments.payout_facts import BalanceEntry, PayoutSeen


class GatewayError(Exception):
    """The provider refused: asking the same again will not help. Nothing was charged by us."""


class GatewayUnavailable(GatewayError):
    """The provider did not answer, or asked to be left alone. The same call may be made again."""


class UnknownObject(GatewayError):
    """The provider has no such object, or not in this account and mode."""


class BadSignature(ValueError):
    """Bytes that claim to be an event are not the provider's, or are too old."""


class PaymentGateway(Protocol):
    """What the product asks of a payment provider.

    Every method but `verify` is a network call and raises `GatewayUnavailable` when the provider
    did not answer in time.
    """

    def open_checkout(self, order: CheckoutOrder) -> CheckoutPage:
        """Open a page to pay on. The same order gives the same page. Raises `GatewayError`."""
        ...

    def find_checkout(self, session_id: str) -> Reading:
        """Fetch a page and what was paid on it: its `CheckoutSeen` first, then the money."""
        ...

    def verify(self, body: bytes, signature: str) -> Envelope:
        """Check that the bytes are the provider's event. Raises `BadSignature`."""
        ...

    def read(self, event_type: str, object_id: str | None) -> Reading:
        """Fetch the truth behind an event of that type about that object."""
        ...

    def find_fee(self, charge_id: str) -> Fee | None:
        """Fetch what the provider kept of a charge; None while it does not know yet."""
        ...

    # -- what patrons and staff ask for ---------------------------------------------------------
    # Each is keyed by an id of ours, so asking again after a lost answer acts once. Each returns
    # the subscription as it stands after.

    def close_checkout(self, session_id: str) -> None:
        """Close a page that nobody is to pay on any more. One that is paid or closed stays so."""
        ...

    def change_terms(self, subscription_id: str, terms: Terms, change_id: str) -> Reading:
        """Give other terms from the next payment on; nothing is charged now, nothing is split.

        Another interval begins when the paid time ends. Raises `GatewayError` where the pledge is
        past due and so has no such time: then only the amount can change.
        """
        ...

    def pause(self, subscription_id: str, resumes_at: datetime, change_id: str) -> Reading:
        """Take no money until `resumes_at`, the day of the next payment.

        Raises `GatewayError` for a yearly pledge that is past due.
        """
        ...

    def resume(self, subscription_id: str, paid_until: datetime, change_id: str) -> Reading:
        """End a pause: the next payment is at `paid_until`, or, where that is past, the next due.

        A monthly pledge is charged on its next monthly day, a yearly one at once; what came of
        that charge is told besides.
        """
        ...

    def end_at(
        self, subscription_id: str, at: datetime, change_id: str, why: str | None = None
    ) -> Reading:
        """Let a subscription end at a moment, mostly the end of its paid time.

        `why` is a word of ours (`giving.rules.LeaveReason`) that the provider's own figures get.
        """
        ...

    def end_now(self, subscription_id: str, why: str | None = None) -> Reading:
        """End a subscription at once; what it still owes is not collected. May run twice."""
        ...

    def keep(self, subscription_id: str, change_id: str) -> Reading:
        """Take a wish to end back, wherever it was spoken, while the paid time lasts."""
        ...

    def card_page(self, customer_id: str, return_url: str, locale: str) -> str:
        """Open the provider's page for a new card and return its address: good for minutes."""
        ...

    def adopt_card(self, customer_id: str) -> Reading:
        """Charge what a customer pays here to the card they last put in; try an open invoice now.

        A card that is refused is no error: the attempt is a fact like any other. May run twice.
        """
        ...

    def refund(self, order: RefundOrder) -> Reading:
        """Send money back. The same order acts once. Raises `GatewayError` when it is refused."""
        ...

    def payer_of(self, payment_intent_id: str) -> str | None:
        """Fetch the customer who made a payment; None where the provider names none, or no more."""
        ...

    def delete_customer(self, customer_id: str) -> None:
        """Delete a customer with cards and subscriptions, for good. One that is gone stays so.

        What was paid stays with the provider, which keeps its own books.
        """
        ...

    # -- what the house compares and keeps in order ----------------------------------------------

    def survey(
        self, kind: SurveyKind, since: datetime, until: datetime
    ) -> Iterator[tuple[str, Reading]]:
        """Yield each object of ours made in a window with what its event would bring, newest first.

        Subscriptions are surveyed all, whenever they were made. Many calls: a job's, not a page's.
        """
        ...

    def payouts(self, since: datetime) -> Iterator[PayoutSeen]:
        """Yield the payouts made since a moment, newest first. Many calls: a job's."""
        ...

    def payout_entries(self, stripe_payout_id: str) -> Iterator[BalanceEntry]:
        """Yield each movement of the balance that a payout holds, without the payout's own."""
        ...

    def events(self, since: datetime) -> Iterator[Envelope]:
        """Yield the events since a moment, oldest first; the provider keeps thirty days of them."""
        ...

    def prepare(self, wanted: Preparation) -> Prepared:
        """Make what we need at the provider: products, page for cards, webhook. May run twice."""
        ...

    def inspect(self, webhook_url: str) -> Inspection:
        """Look at what `prepare` made, and whether the key works. Raises nothing for what lacks."""
        ...
