"""The refusals of the API, in Stripe's words and numbers."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer other than 200: a status and the body's `error` object."""

    def __init__(self, status: int, type_: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"type": type_, "message": message}
        self.error |= {key: value for key, value in details.items() if value is not None}
        if "code" in self.error:
            self.error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.error['code']}"


def invalid(message: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    """Make a 400: the request is wrong."""
    return Refusal(400, "invalid_request_error", message, param=param, code=code)


def missing(noun: str, id_: str, *, param: str = "id") -> Refusal:
    """Say that there is no such object: a 404 for one in the path, a 400 for one in a parameter."""
    return Refusal(
        404 if param == "id" else 400,
        "invalid_request_error",
        f"No such {noun}: '{id_}'",
        param=param,
        code="resource_missing",
    )


def not_imitated(what: str, *, param: str | None = None) -> Refusal:
    """Make a 400 for what Stripe can do and this sandbox does not pretend to."""
    message = f"The sandbox does not imitate {what}. Stripe does; see docs/stripe-sandbox.md."
    return Refusal(400, "invalid_request_error", message, param=param, code="sandbox_not_imitated")


def declined(
    code: str, decline_code: str | None, message: str, *, charge: str, intent: dict[str, Any]
) -> Refusal:
    """Make a 402: the card was refused; it names the charge and shows the payment intent."""
    return Refusal(
        402,
        "card_error",
        message,
        code=code,
        decline_code=decline_code,
        charge=charge,
        payment_intent=intent,
    )
