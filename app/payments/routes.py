"""Where Stripe tells us what happened."""

import structlog
from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from app.clock import utcnow
from app.current import gateway, settings
from app.extensions import csrf, limiter
from app.payments import inbox
from app.payments.gateway import BadSignature

bp = Blueprint("payments", __name__)
log = structlog.get_logger()

#: Stripe's events are a few kilobytes; more than this is not one.
LARGEST_EVENT = 1024 * 1024


@bp.post("/webhooks/stripe")
@csrf.exempt
@limiter.exempt
def stripe_webhook() -> ResponseReturnValue:
    """Keep one event. Its signature is the authorisation.

    204 once the event is kept, now or before, and for what is not for us; 400 for what Stripe did
    not sign; 413 for what is too large. Anything else makes Stripe deliver it again.
    """
    request.max_content_length = LARGEST_EVENT
    try:
        envelope = gateway().verify(
            request.get_data(cache=False), request.headers.get("Stripe-Signature", "")
        )
    except BadSignature:
        return {"error": "signature"}, 400
    if envelope.foreign_account or envelope.livemode != settings().livemode:
        log.warning("event_not_for_us", event_id=envelope.event_id, type=envelope.type)
        return Response(status=204)
    inbox.keep(envelope, now=utcnow())
    return Response(status=204)
