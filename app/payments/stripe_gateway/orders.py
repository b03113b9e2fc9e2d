"""A reader's order as the parameters of a page at Stripe."""

from stripe.params.checkout import SessionCreateParams

from app.payments.orders import CheckoutOrder
from app.payments.stripe_gateway.fields import APP

#: The intervals a gift may have; each has its product.
INTERVALS = ("once", "month", "year")
#: Stripe's pages speak no Ukrainian; the browser's language is the better guess there.
PAGE_LOCALES = {"en": "en"}


def session_params(order: CheckoutOrder) -> SessionCreateParams:
    """Return what `checkout.sessions.create` takes; our ids go onto the page and what it begins."""
    metadata = {"app": APP, "checkout_id": str(order.checkout_id)}
    if order.pledge_id is not None:
        metadata["pledge_id"] = str(order.pledge_id)
    if order.cover_minor:
        metadata["cover_minor"] = str(order.cover_minor)
    once = order.interval == "once"
    params: SessionCreateParams = {
        "mode": "payment" if once else "subscription",
        "client_reference_id": str(order.checkout_id),
        "customer_email": order.email,
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.amount.currency.lower(),
                    "product": product(order.interval),
                    "unit_amount": order.amount.minor,
                },
            }
        ],
        "metadata": metadata,
        "allowed_payment_method_types": ["card"],
        # The giver pays the amount and currency that our button said.
        "adaptive_pricing": {"enabled": False},
        "submit_type": "donate" if once else "subscribe",
        "locale": PAGE_LOCALES.get(order.locale, "auto"),
        "success_url": order.return_url,
        "cancel_url": order.cancel_url,
    }
    if order.confirmation:
        params["custom_text"] = {"submit": {"message": order.confirmation}}
    if once:
        params["customer_creation"] = "always"
        params["payment_intent_data"] = {"metadata": metadata, "description": order.description}
    else:
        params["line_items"][0]["price_data"]["recurring"] = {
            "interval": "year" if order.interval == "year" else "month",
            "interval_count": 1,
        }
        params["subscription_data"] = {
            "metadata": metadata,
            "description": order.description,
            "billing_mode": {"type": "flexible"},
        }
    return params


def product(interval: str) -> str:
    """Return the id of an interval's product: products are fixed, amounts are named inline."""
    return f"{APP}_{interval}"
