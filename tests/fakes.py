"""Stand-ins for the outside world in tests of one room; each says what it was asked."""

import uuid
from dataclasses import dataclass, field

from app.mailer import Draft, NotSent
from app.payments.gateway import (
    BadSignature,
    CheckoutOrder,
    CheckoutPage,
    Envelope,
    Fee,
    GatewayUnavailable,
    Reading,
)


@dataclass
class FakeGateway:
    """A `PaymentGateway` without a network: answers what a test has laid down."""

    orders: list[CheckoutOrder] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)
    fees: dict[str, Fee] = field(default_factory=dict)
    down: bool = False
    #: Subscriptions that were to end at once.
    ended: list[str] = field(default_factory=list)

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

    def end_at_period_end(self, subscription_id: str, change_id: str) -> Reading:
        return self._answer(subscription_id)

    def end_now(self, subscription_id: str) -> Reading:
        self.ended.append(subscription_id)
        return self._answer(subscription_id)

    def keep(self, subscription_id: str, change_id: str) -> Reading:
        return self._answer(subscription_id)

    def prepare(self, product_names: dict[str, str]) -> None:
        return None


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
