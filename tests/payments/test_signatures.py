"""What Stripe's own library signs and accepts, and what ours does."""

import pytest
import stripe

from app.payments.stripe_gateway.signatures import TOLERANCE, signed

AT = 1_785_749_400
BODY = '{"id": "evt_1", "object": "event", "name": "Їжак"}'
OLD, NEW = "whsec_old", "whsec_new"
HEADER = stripe.WebhookSignature.generate_signature_header(BODY, NEW, AT)
V1 = HEADER.partition("v1=")[2]


def ours(header: str, *, body: str = BODY, now: float = AT) -> bool:
    return signed(body.encode(), header, (OLD.encode(), NEW.encode()), now=now)


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_what_the_library_signs_with_any_of_our_secrets_is_accepted(secret: str) -> None:
    assert ours(stripe.WebhookSignature.generate_signature_header(BODY, secret, AT))


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        (HEADER, True),
        (f"{HEADER},v1=00", True),
        (f"t={AT},v1=00,v1={V1}", True),
        (f"v0={V1},t={AT},v1={V1}", True),
        (f"t={AT},v0={V1}", False),
        (f"t={AT}", False),
        (f"t={AT + 1},v1={V1}", False),
        (f"t=,v1={V1}", False),
        (f"t=x,v1={V1}", False),
        (f"t=-1,v1={V1}", False),
        (f"t={'1' * 5000},v1={V1}", False),
        (f"t={AT},v1=", False),
        (f"t={AT},v1={V1[:-1]}é", False),
        (f"v1={V1}", False),
        ("", False),
        ("nonsense", False),
    ],
)
def test_a_header_is_judged_as_the_library_judges_it(header: str, accepted: bool) -> None:
    assert ours(header) is accepted
    try:
        theirs = stripe.WebhookSignature.verify_header(BODY, header, NEW)
    except (ValueError, TypeError, stripe.SignatureVerificationError):
        theirs = False
    assert theirs is accepted


def test_a_body_changed_on_the_way_is_refused() -> None:
    assert not ours(HEADER, body=BODY + " ")


@pytest.mark.parametrize(
    ("now", "accepted"),
    [(AT + TOLERANCE, True), (AT + TOLERANCE + 1, False), (AT - 60, True)],
)
def test_an_event_is_accepted_for_five_minutes_after_it_was_signed(
    now: float, accepted: bool
) -> None:
    assert ours(HEADER, now=now) is accepted
