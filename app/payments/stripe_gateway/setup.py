"""What must stand at Stripe before the first gift: products, page for cards, webhook."""

from email.utils import parsedate_to_datetime
from typing import Any

import stripe

from app.clock import utcnow
from app.payments.gateway import GatewayError
from app.payments.orders import Inspection, Preparation, Prepared
from app.payments.stripe_gateway.cards import Cards
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import APP
from app.payments.stripe_gateway.kinds import ENABLED
from app.payments.stripe_gateway.orders import INTERVALS, product

#: Deliveries are in this version: the one our library speaks.
VERSION: str = stripe.api_version


class Setup(Cards):
    """What is made once and looked at often. Making it again mends what has changed."""

    def prepare(self, wanted: Preparation) -> Prepared:
        """See `PaymentGateway`."""
        with translated():
            for interval, name in wanted.product_names.items():
                self._prepare_product(product(interval), name)
            card_page = self._prepare_card_page(wanted.site_url)
            webhook, secret = self._prepare_webhook(wanted.webhook_url)
        self._card_page = card_page
        products = tuple(product(interval) for interval in wanted.product_names)
        return Prepared(products, card_page, webhook, secret)

    def _prepare_product(self, product_id: str, name: str) -> None:
        """Make a product under an id of ours; one that was put away is taken out again."""
        try:
            self._client.v1.products.create(
                {"id": product_id, "name": name, "metadata": {"app": APP}}
            )
        except stripe.InvalidRequestError as error:
            if error.code != "resource_already_exists":
                raise
            if not self._client.v1.products.retrieve(product_id).active:
                self._client.v1.products.update(product_id, {"active": True})

    def _prepare_card_page(self, site_url: str) -> str:
        """Make the page for cards; everything else about a pledge is asked on our own pages."""
        made = self._find_card_page()
        if made is None:
            made = self._client.v1.billing_portal.configurations.create(
                {
                    "default_return_url": f"{site_url}/pledge",
                    "features": {
                        "payment_method_update": {"enabled": True},
                        "invoice_history": {"enabled": True},
                    },
                    "metadata": {"app": APP},
                }
            ).id
        else:
            self._client.v1.billing_portal.configurations.update(
                made, {"default_return_url": f"{site_url}/pledge"}
            )
        return made

    def _prepare_webhook(self, url: str) -> tuple[str, str | None]:
        """Make the webhook, or let the one there is deliver what we read.

        A version cannot be changed: one of another version is left beside the new one, until staff
        have put the new secret in place and take the old one away.
        """
        endpoints = self._client.v1.webhook_endpoints
        # The library lists each type it knows by name; ours are held against it by a test.
        events: Any = list(ENABLED)
        found = self._webhook(url)
        if found is None or found.api_version != VERSION:
            made = endpoints.create(
                {
                    "url": url,
                    "enabled_events": events,
                    "api_version": VERSION,  # type: ignore[typeddict-item]
                    "metadata": {"app": APP},
                }
            )
            return made.id, made.secret
        lacking = _lacking(found)
        if lacking or found.status != "enabled":
            events = [*found.enabled_events, *lacking]
            endpoints.update(found.id, {"enabled_events": events, "disabled": False})
        return found.id, None

    def _webhook(self, url: str) -> stripe.WebhookEndpoint | None:
        """The webhook at an address; of several the one in our version, and enabled."""
        every = self._client.v1.webhook_endpoints.list({"limit": 100}).auto_paging_iter()
        ours = [one for one in every if one.url == url]
        ours.sort(key=lambda one: (one.api_version == VERSION, one.status == "enabled"))
        return ours[-1] if ours else None

    def inspect(self, webhook_url: str) -> Inspection:
        """See `PaymentGateway`. A person waits for it, so Stripe has less time to answer."""
        hurried = self.hurried()
        try:
            with translated():
                products = hurried._client.v1.products.list(
                    {"ids": [product(interval) for interval in INTERVALS], "limit": 100}
                )
                clock_ahead = _clock_ahead(products)
                webhook = hurried._webhook(webhook_url)
            card_page = hurried._find_card_page() is not None
        except GatewayError as error:
            return _nothing_seen(str(error))
        there = {one.id for one in products.data if one.active}
        return Inspection(
            reachable=True,
            error=None,
            products_missing=tuple(one for one in INTERVALS if product(one) not in there),
            card_page=card_page,
            webhook_found=webhook is not None,
            webhook_enabled=webhook is not None and webhook.status == "enabled",
            webhook_version=webhook.api_version if webhook else None,
            wanted_version=VERSION,
            events_missing=tuple(_lacking(webhook)) if webhook else ENABLED,
            clock_ahead=clock_ahead,
        )


def _lacking(webhook: stripe.WebhookEndpoint) -> list[str]:
    if "*" in webhook.enabled_events:
        return []
    return [type_ for type_ in ENABLED if type_ not in webhook.enabled_events]


def _clock_ahead(answer: stripe.ListObject[stripe.Product]) -> float | None:
    """By how much our clock is ahead of the moment an answer was given."""
    headers = answer.last_response.headers if answer.last_response else {}
    try:
        answered_at = parsedate_to_datetime(headers["Date"])
    except (KeyError, ValueError):
        return None
    return (utcnow() - answered_at).total_seconds()


def _nothing_seen(error: str) -> Inspection:
    return Inspection(
        reachable=False,
        error=error,
        products_missing=(),
        card_page=False,
        webhook_found=False,
        webhook_enabled=False,
        webhook_version=None,
        wanted_version=VERSION,
        events_missing=(),
    )
