"""Everything of ours that Stripe has in a window, and the events it has kept."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import stripe

from app.payments.facts import Envelope, Reading
from app.payments.orders import SurveyKind
from app.payments.stripe_gateway.calls import pages
from app.payments.stripe_gateway.envelopes import opened
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import id_of, seconds
from app.payments.stripe_gateway.kinds import ENABLED
from app.payments.stripe_gateway.money_facts import gift_reading, invoice_reading
from app.payments.stripe_gateway.payments import WITH_CHARGE, Payments
from app.payments.stripe_gateway.pledge_facts import pledge_reading
from app.payments.stripe_gateway.reversals import EACH_WITH_MOVEMENTS, Reversals
from app.payments.stripe_gateway.subscriptions import EACH_WITH_CARD, Subscriptions

#: An invoice is opened, and with it the payment that is to pay it, up to so long after it was made.
OPENED_WITHIN = 4 * 24 * 3600
#: Events are asked for in stretches of so many seconds, for they are listed newest first.
STRETCH = 24 * 3600
#: Stripe takes at most so many types at once.
MOST_TYPES = 20

Found = Iterator[tuple[str, Reading]]


class Survey(Subscriptions, Payments, Reversals):
    """Lists, a hundred objects in a call, read as the events of each object are."""

    def survey(
        self, kind: SurveyKind, since: datetime, until: datetime
    ) -> Iterator[tuple[str, Reading]]:
        """See `PaymentGateway`."""
        made = {"gte": seconds(since), "lt": seconds(until)}
        match kind:
            case SurveyKind.SUBSCRIPTIONS:
                found = self._every_subscription()
            case SurveyKind.INVOICES:
                found = self._paid_invoices(made)
            case SurveyKind.GIFTS:
                found = self._gifts(made)
            case SurveyKind.REFUNDS:
                found = self._every_refund(made)
            case SurveyKind.DISPUTES:
                found = self._disputes(made)
        return ((object_id, reading) for object_id, reading in found if reading.facts)

    def _every_subscription(self) -> Found:
        listed = self._client.v1.subscriptions.list
        for asked_at, page in pages(
            lambda: listed({"status": "all", "limit": 100, "expand": EACH_WITH_CARD})
        ):
            for one in page:
                yield one.id, pledge_reading(one, asked_at)

    def _paid_invoices(self, made: dict[str, int]) -> Found:
        """The payments are listed first: only from there the card is within an expand's reach."""
        paid = {
            id_of(payment.invoice): payment
            for payment in self._every_payment(
                {"gte": made["gte"], "lt": made["lt"] + OPENED_WITHIN}
            )
        }
        listed = self._client.v1.invoices.list
        for _asked_at, page in pages(
            lambda: listed(
                {
                    "status": "paid",
                    "created": {"gte": made["gte"], "lt": made["lt"]},
                    "limit": 100,
                }
            )
        ):
            for invoice in page:
                payment = paid.pop(invoice.id, None)
                if payment is not None and isinstance(payment.invoice, stripe.Invoice):
                    yield invoice.id, self._told(payment.invoice, [payment])
                elif invoice.amount_paid and invoice_reading(invoice, []).ours:
                    yield invoice.id, self._invoice(invoice.id)

    def _every_payment(self, made: dict[str, int]) -> Iterator[stripe.InvoicePayment]:
        after: dict[str, str] = {}
        while True:
            with translated():
                page = self._light_payments(
                    self._client.raw_request(
                        "get",
                        "/v1/invoice_payments",
                        status="paid",
                        created=made,
                        limit=100,
                        expand=WITH_CHARGE,
                        **after,
                    )
                )
            yield from page.data
            if not page.has_more:
                return
            after = {"starting_after": page.data[-1].id}

    def _gifts(self, made: dict[str, int]) -> Found:
        listed = self._client.v1.payment_intents.list
        for _asked_at, page in pages(
            lambda: listed(
                {
                    "created": {"gte": made["gte"], "lt": made["lt"]},
                    "limit": 100,
                    "expand": ["data.latest_charge"],
                }
            )
        ):
            for intent in page:
                yield intent.id, gift_reading(intent)

    def _every_refund(self, made: dict[str, int]) -> Found:
        listed = self._client.v1.refunds.list
        for asked_at, page in pages(
            lambda: listed(
                {
                    "created": {"gte": made["gte"], "lt": made["lt"]},
                    "limit": 100,
                    "expand": EACH_WITH_MOVEMENTS,
                }
            )
        ):
            for refund in page:
                yield refund.id, self._seen([refund], asked_at)

    def _disputes(self, made: dict[str, int]) -> Found:
        listed = self._client.v1.disputes.list
        for asked_at, page in pages(
            lambda: listed(
                {
                    "created": {"gte": made["gte"], "lt": made["lt"]},
                    "limit": 100,
                    "expand": ["data.payment_intent"],
                }
            )
        ):
            for dispute in page:
                yield dispute.id, self._contested(dispute, asked_at)

    # -- events ---------------------------------------------------------------------------------

    def events(self, since: datetime) -> Iterator[Envelope]:
        """See `PaymentGateway`. Those of the types we act on."""
        newest = self._listed_events(limit=1)["data"]
        begin = seconds(since)
        while newest and begin <= newest[0]["created"]:
            stretch = {"gte": begin, "lt": begin + STRETCH}
            told = [
                event
                for at in range(0, len(ENABLED), MOST_TYPES)
                for event in self._events_of(ENABLED[at : at + MOST_TYPES], stretch)
            ]
            # Sorting keeps the order of those told in one second, which are listed newest first.
            told.reverse()
            told.sort(key=lambda event: int(event["created"]))
            for event in told:
                yield opened(event, json.dumps(event, ensure_ascii=False))
            begin += STRETCH

    def _events_of(self, types: tuple[str, ...], made: dict[str, int]) -> Iterator[dict[str, Any]]:
        after: dict[str, str] = {}
        while True:
            page = self._listed_events(types=list(types), created=made, limit=100, **after)
            yield from page["data"]
            if not page["has_more"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}

    def _listed_events(self, **asked: Any) -> dict[str, Any]:
        with translated():
            answer = self._client.raw_request("get", "/v1/events", **asked)
        found: dict[str, Any] = dict(answer.data)
        return found
