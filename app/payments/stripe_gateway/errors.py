"""Stripe's errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe
import structlog

from app.payments.gateway import GatewayError, GatewayUnavailable, UnknownObject

log = structlog.get_logger()


@contextmanager
def translated() -> Iterator[None]:
    """Raise our words for Stripe's errors; log its request id, which its support asks for."""
    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise GatewayUnavailable(type(error).__name__) from error
    except stripe.StripeError as error:
        log.warning(
            "stripe_refused",
            request_id=error.request_id,
            status=error.http_status,
            code=error.code,
        )
        if error.http_status is None or error.http_status >= 500 or error.http_status == 409:
            raise GatewayUnavailable(type(error).__name__) from error
        kind = UnknownObject if error.code == "resource_missing" else GatewayError
        raise kind(f"{type(error).__name__} {error.code or ''}".strip()) from error


def is_repeated(error: stripe.StripeError) -> bool:
    """Whether Stripe gave the answer it keeps under the key: the same will never give another."""
    return (error.headers or {}).get("Idempotent-Replayed") == "true"
