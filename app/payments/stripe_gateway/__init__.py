"""Stripe. No other package imports its library."""

from app.payments.stripe_gateway.client import StripeGateway

__all__ = ["StripeGateway"]
