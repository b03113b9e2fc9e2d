"""The test cards, and what each of them does when it is charged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decline:
    """Why a bank said no: Stripe's codes and the sentence shown to the buyer."""

    code: str
    decline_code: str | None
    message: str

    @property
    def hard(self) -> bool:
        """Whether trying the same card again without its owner is pointless."""
        return self.reason in _HARD

    @property
    def reason(self) -> str:
        """The most exact of the codes."""
        return self.decline_code or self.code


@dataclass(frozen=True, slots=True)
class Card:
    """A test card: what is printed on it and how it behaves."""

    number: str
    brand: str
    country: str = "US"
    funding: str = "credit"
    #: Refused whenever the buyer is present.
    now: Decline | None = None
    #: Refused at every later charge without the buyer.
    later: Decline | None = None
    #: "never", "once" (then later charges pass) or "always" (later charges need the buyer).
    secure: str = "never"
    #: What follows some minutes after each charge: "dispute", "inquiry" or "fraud_warning".
    trouble: str = ""
    #: The reason given in the dispute.
    reason: str = "fraudulent"
    #: How a refund ends some minutes later: "" (at once and for good), "pending" (it
    #: succeeds only then) or "fails" (what had succeeded fails).
    refunds: str = ""
    #: One line for the list of cards to try.
    tale: str = "pays"

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


_HARD = {
    "authentication_required", "highest_risk_level", "incorrect_number", "lost_card",
    "pickup_card", "revocation_of_all_authorizations", "revocation_of_authorization",
    "stolen_card", "transaction_not_allowed",
}  # fmt: skip
_GENERIC = "Your card was declined."
_INSUFFICIENT = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
_PLAIN = Decline("card_declined", "generic_decline", _GENERIC)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
EXPIRED = Decline("expired_card", None, "Your card has expired.")
#: For a number that is well made but no test card.
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card.",
)

_PROCESSING = "An error occurred while processing your card. Try again in a little bit."
_VELOCITY = (
    "Your card was declined for making repeated attempts too frequently or exceeding its "
    "amount limit."
)
#: Numbers of this sandbox alone: the first payment passes, what comes later is refused so.
_LATER = [
    Card(number, "visa", later=decline, tale=f"pays once; renewals: {decline.reason}")
    for number, decline in (
        ("4000990000000012", _INSUFFICIENT),
        ("4000990000000020", EXPIRED),
        ("4000990000000038", Decline("card_declined", "do_not_honor", _GENERIC)),
        ("4000990000000046", Decline("card_declined", "lost_card", _GENERIC)),
        ("4000990000000053", Decline("card_declined", "stolen_card", _GENERIC)),
        ("4000990000000061", Decline("card_declined", "card_velocity_exceeded", _VELOCITY)),
        ("4000990000000079", Decline("processing_error", None, _PROCESSING)),
    )
]

CARDS = {
    card.number: card
    for card in (
        Card("4242424242424242", "visa"),
        Card("5555555555554444", "mastercard"),
        Card("378282246310005", "amex"),
        Card("4000002760000016", "visa", "DE", "debit", tale="pays, a German debit card"),
        Card("4000000000000002", "visa", now=_PLAIN, tale="is declined"),
        Card("4000000000009995", "visa", now=_INSUFFICIENT, tale="has insufficient funds"),
        Card(
            "4000000000009987",
            "visa",
            now=Decline("card_declined", "lost_card", _GENERIC),
            tale="was reported lost",
        ),
        Card(
            "4000000000009979",
            "visa",
            now=Decline("card_declined", "stolen_card", _GENERIC),
            tale="was reported stolen",
        ),
        Card(
            "4000000000000069",
            "visa",
            now=EXPIRED,
            tale="has expired",
        ),
        Card(
            "4000000000000127",
            "visa",
            now=Decline("incorrect_cvc", None, "Your card's security code is incorrect."),
            tale="is given with a wrong security code",
        ),
        Card(
            "4000000000000119",
            "visa",
            now=Decline("processing_error", None, _PROCESSING),
            tale="meets a processing error",
        ),
        Card(
            "4000000000006975",
            "visa",
            now=Decline("card_declined", "card_velocity_exceeded", _VELOCITY),
            tale="was used too often",
        ),
        Card(
            "4100000000000019",
            "visa",
            now=Decline("card_declined", "fraudulent", _GENERIC),
            tale="is blocked as too risky",
        ),
        Card("4000000000000341", "visa", later=_PLAIN, tale="pays once; every renewal is declined"),
        *_LATER,
        Card("4000002500003155", "visa", secure="once", tale="asks for 3-D Secure once"),
        Card(
            "4000002760003184",
            "visa",
            secure="always",
            later=AUTHENTICATION_REQUIRED,
            tale="asks for 3-D Secure every time; renewals need the buyer",
        ),
        Card(
            "4000008260003178",
            "visa",
            secure="once",
            later=_INSUFFICIENT,
            tale="asks for 3-D Secure once; renewals find insufficient funds",
        ),
        Card(
            "4000008400001629",
            "visa",
            secure="once",
            now=_PLAIN,
            tale="asks for 3-D Secure and is then declined",
        ),
        Card("4000000000003220", "visa", secure="once", tale="asks for 3-D Secure 2"),
        Card("4000000000003063", "visa", secure="once", tale="asks for 3-D Secure"),
        Card("4000000000003055", "visa", tale="pays; 3-D Secure is possible and not asked for"),
        Card("4000003800000446", "visa", tale="pays; was set up for later payments"),
        Card(
            "4000008400001280",
            "visa",
            secure="once",
            now=Decline("processing_error", None, _PROCESSING),
            tale="asks for 3-D Secure, which then meets an error",
        ),
        Card("4000000000000259", "visa", trouble="dispute", tale="pays; disputed as fraudulent"),
        Card(
            "4000000000002685",
            "visa",
            trouble="dispute",
            reason="product_not_received",
            tale="pays; disputed as not received",
        ),
        Card("4000000000001976", "visa", trouble="inquiry", tale="pays; the bank inquires"),
        Card("4000000000005423", "visa", trouble="fraud_warning", tale="pays; an early warning"),
        Card("4000000000007726", "visa", refunds="pending", tale="pays; refunds take minutes"),
        Card("4000000000005126", "visa", refunds="fails", tale="pays; refunds fail later"),
    )
}

#: Ready-made payment methods that may be attached by name.
NAMED = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_createDisputeProductNotReceived": "4000000000002685",
    "pm_card_createDisputeInquiry": "4000000000001976",
    "pm_card_createIssuerFraudRecord": "4000000000005423",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}


def well_made(number: str) -> bool:
    """Tell whether a number could be a card's: 13 to 19 digits with a right last one (Luhn)."""
    if not (number.isascii() and number.isdigit() and 13 <= len(number) <= 19):
        return False
    total = 0
    for at, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
