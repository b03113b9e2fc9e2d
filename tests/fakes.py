"""Stand-ins for the outside world in tests of one room; each says what it was asked."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.mailer import Draft, NotSent
from app.payments.facts import Envelope, Fee, Reading
from app.payments.gateway import BadSignature, GatewayError, GatewayUnavailable
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

#: A provider at which everything has been set up.
IN_ORDER = Inspection(
    reachable=True,
    error=None,
    products_missing=(),
    card_page=True,
    webhook_found=True,
    webhook_enabled=True,
    webhook_version="2026-10-28.endive",
    wanted_version="2026-10-28.endive",
    events_missing=(),
)


@dataclass
class FakeGateway:
    """A `PaymentGateway` without a network: answers what a test has laid down."""

    orders: list[CheckoutOrder] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)
    fees: dict[str, Fee] = field(default_factory=dict)
    down: bool = False
    #: Acts that the provider says no to, by name.
    refuses: set[str] = field(default_factory=set)
    #: What was asked for: act, subject, how.
    acts: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    #: The customers who made payments.
    payers: dict[str, str] = field(default_factory=dict)
    #: Subscriptions that were to end at once.
    ended: list[str] = field(default_factory=list)
    #: What a survey of each kind finds, by object id.
    surveyed: dict[SurveyKind, dict[str, Reading]] = field(default_factory=dict)
    #: The events the provider keeps.
    told: list[Envelope] = field(default_factory=list)
    #: The payouts there are, and the movements that each holds.
    paid_out: list[PayoutSeen] = field(default_factory=list)
    held: dict[str, list[BalanceEntry]] = field(default_factory=dict)
    inspection: Inspection = IN_ORDER

    def _answer(self, object_id: str | None) -> Reading:
        if self.down:
            raise GatewayUnavailable("down")
        return self.readings.get(object_id or "", Reading())

    def open_checkout(self, order: CheckoutOrder) -> CheckoutPage:
        if self.down:
            raise GatewayUnavailable("down")
        self.orders.append(order)
        return CheckoutPage(f"cs_{order.checkout_id}", f"https://pay.test/{order.checkout_id}")

    def find_checkout(self, session_id: str) -> Reading:
        return self._answer(session_id)

    def verify(self, body: bytes, signature: str) -> Envelope:
        raise BadSignature("the fake signs nothing")

    def read(self, event_type: str, object_id: str | None) -> Reading:
        return self._answer(object_id)

    def find_fee(self, charge_id: str) -> Fee | None:
        if self.down:
            raise GatewayUnavailable("down")
        return self.fees.get(charge_id)

    # -- what patrons and staff ask for ---------------------------------------------------------

    def _act(self, act: str, subject: str, **how: Any) -> Reading:
        if self.down:
            raise GatewayUnavailable("down")
        if act in self.refuses:
            raise GatewayError("refused")
        self.acts.append((act, subject, how))
        return self.readings.get(subject, Reading())

    def close_checkout(self, session_id: str) -> None:
        self._act("close_checkout", session_id)

    def change_terms(self, subscription_id: str, terms: Terms, change_id: str) -> Reading:
        return self._act("change_terms", subscription_id, terms=terms, change_id=change_id)

    def pause(self, subscription_id: str, resumes_at: datetime, change_id: str) -> Reading:
        return self._act("pause", subscription_id, resumes_at=resumes_at, change_id=change_id)

    def resume(self, subscription_id: str, paid_until: datetime, change_id: str) -> Reading:
        return self._act("resume", subscription_id, paid_until=paid_until, change_id=change_id)

    def end_at(
        self, subscription_id: str, at: datetime, change_id: str, why: str | None = None
    ) -> Reading:
        return self._act("end_at", subscription_id, at=at, change_id=change_id, why=why)

    def end_now(self, subscription_id: str, why: str | None = None) -> Reading:
        reading = self._act("end_now", subscription_id, why=why)
        self.ended.append(subscription_id)
        return reading

    def keep(self, subscription_id: str, change_id: str) -> Reading:
        return self._act("keep", subscription_id, change_id=change_id)

    def card_page(self, customer_id: str, return_url: str, locale: str) -> str:
        self._act("card_page", customer_id, return_url=return_url, locale=locale)
        return f"https://pay.test/card/{customer_id}"

    def adopt_card(self, customer_id: str) -> Reading:
        return self._act("adopt_card", customer_id)

    def refund(self, order: RefundOrder) -> Reading:
        return self._act("refund", order.charge_id, order=order)

    def payer_of(self, payment_intent_id: str) -> str | None:
        self._act("payer_of", payment_intent_id)
        return self.payers.get(payment_intent_id)

    def delete_customer(self, customer_id: str) -> None:
        self._act("delete_customer", customer_id)

    # -- what the house compares and keeps in order ----------------------------------------------

    def survey(
        self, kind: SurveyKind, since: datetime, until: datetime
    ) -> Iterator[tuple[str, Reading]]:
        self._act("survey", kind)
        yield from self.surveyed.get(kind, {}).items()

    def events(self, since: datetime) -> Iterator[Envelope]:
        self._act("events", since.isoformat())
        yield from self.told

    def payouts(self, since: datetime) -> Iterator[PayoutSeen]:
        self._act("payouts", since.isoformat())
        yield from (one for one in self.paid_out if one.made_at >= since)

    def payout_entries(self, stripe_payout_id: str) -> Iterator[BalanceEntry]:
        self._act("payout_entries", stripe_payout_id)
        yield from self.held[stripe_payout_id]

    def prepare(self, wanted: Preparation) -> Prepared:
        self._act("prepare", wanted.webhook_url)
        return Prepared(tuple(wanted.product_names), "bpc_fake", "we_fake", None)

    def inspect(self, webhook_url: str) -> Inspection:
        return self.inspection


@dataclass
class FakeMailer:
    """A `Mailer` that keeps what it was given, or refuses everything."""

    sent: list[tuple[str, Draft]] = field(default_factory=list)
    refuses: NotSent | None = None

    def send(self, draft: Draft, message_id: str) -> None:
        if self.refuses is not None:
            raise self.refuses
        uuid.UUID(message_id)
        self.sent.append((message_id, draft))

    def greet(self) -> None:
        if self.refuses is not None:
            raise self.refuses
