"""Subscriptions asked for and changed, each answered with how its pledge then stands."""

import hashlib
import json
from datetime import datetime
from typing import cast
from urllib.parse import quote

import stripe
from stripe.params import SubscriptionUpdateParams

from app.clock import utcnow
from app.payments.facts import Reading
from app.payments.gateway import UnknownObject
from app.payments.stripe_gateway.calls import Calls, is_replayed, keyed
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import is_ours
from app.payments.stripe_gateway.light import lightened
from app.payments.stripe_gateway.pledge_facts import WITH_CARD, pledge_reading

#: The same, of each in a list.
EACH_WITH_CARD = [f"data.{path}" for path in WITH_CARD]


class Subscriptions(Calls):
    """What other parts of the gateway need of subscriptions."""

    def _subscription(self, subscription_id: str) -> Reading:
        asked_at = utcnow()
        return pledge_reading(self._found(subscription_id), asked_at)

    def _found(self, subscription_id: str) -> stripe.Subscription:
        """A subscription with its card, and of it what we read."""
        with translated():
            answer = self._client.raw_request(
                "get", f"/v1/subscriptions/{quote(subscription_id, safe='')}", expand=WITH_CARD
            )
            found = self._client.deserialize(lightened(answer.data), api_mode="V1")
        return cast(stripe.Subscription, found)

    def _of_customer(self, customer_id: str) -> tuple[datetime, list[stripe.Subscription]]:
        """The living subscriptions of ours that a customer has, and when they were asked for."""
        asked_at = utcnow()
        try:
            with translated():
                listed = self._client.v1.subscriptions.list(
                    {"customer": customer_id, "limit": 100, "expand": EACH_WITH_CARD}
                )
        except UnknownObject:
            # One that was deleted, of whom an older event tells late, has none any more.
            return asked_at, []
        return asked_at, [one for one in listed.data if is_ours(one)]

    def _customer(self, customer_id: str) -> Reading:
        asked_at, theirs = self._of_customer(customer_id)
        facts = [fact for one in theirs for fact in pledge_reading(one, asked_at).facts]
        return Reading(tuple(facts), ours=bool(facts))

    def _change(self, subscription_id: str, key: str, params: SubscriptionUpdateParams) -> Reading:
        """Change a subscription under a key of ours, one for each thing that is asked.

        A letter's link that is pressed again with another choice asks under the id it had before.
        """
        asked_at = utcnow()
        key = f"{key}:{_told_apart(params)}"
        asked: SubscriptionUpdateParams = {**params, "expand": WITH_CARD}
        with translated():
            changed = keyed(
                key,
                lambda options: self._client.v1.subscriptions.update(
                    subscription_id, asked, options
                ),
            )
        if is_replayed(changed):
            # What was true when it was first answered may not be so any more.
            return self._subscription(subscription_id)
        return pledge_reading(changed, asked_at)


def _told_apart(params: SubscriptionUpdateParams) -> str:
    """Return a short text that is the same for the same parameters."""
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:16]
