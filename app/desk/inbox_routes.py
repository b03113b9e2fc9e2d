"""The inbox: every event Stripe has told, what came of it, and its body."""

import json

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.desk import inbox, payment_words, person
from app.desk.inbox import Question, State, UnknownEvent
from app.extensions import limiter

bp = Blueprint("desk_inbox", __name__, url_prefix="/staff/inbox")

#: No id and no type of Stripe's is longer.
LONGEST = 255


@bp.get("")
@staff_only(Role.FINANCE)
def index() -> ResponseReturnValue:
    """Every event, the newest first. Finance, owner."""
    asked = _asked()
    return render_template(
        "desk/inbox.html",
        asked=asked,
        page=inbox.page(asked),
        more_url=lambda before: url_for(
            "desk_inbox.index",
            state=asked.state,
            type=asked.type or None,
            q=asked.text or None,
            before=before,
        ),
        counts=inbox.counts(),
        types=inbox.types(),
        State=State,
        state_of=inbox.state_of,
        words=payment_words,
    )


def _asked() -> Question:
    state = request.args.get("state", "")
    return Question(
        state=State(state) if state in set(State) else None,
        type=request.args.get("type", "")[:LONGEST],
        text=request.args.get("q", "").strip()[:LONGEST],
        before=request.args.get("before", "")[:LONGEST],
    )


@bp.get("/<event_id>")
@staff_only(Role.FINANCE)
def show(event_id: str) -> ResponseReturnValue:
    """One event, its body behind a button. Finance, owner."""
    return _page(event_id, body=None)


@bp.post("/<event_id>/body")
@staff_only(Role.FINANCE)
def body(event_id: str) -> ResponseReturnValue:
    """One event with its body; that it was read is noted. Finance, owner."""
    try:
        event = inbox.look(event_id, current_account().id, now=utcnow())
    except UnknownEvent:
        abort(404)
    return _page(event_id, body=json.dumps(event.body, indent=2, ensure_ascii=False))


def _page(event_id: str, body: str | None) -> ResponseReturnValue:
    try:
        event = inbox.find(event_id)
    except UnknownEvent:
        abort(404)
    return render_template(
        "desk/event.html",
        event=event,
        body=body,
        state=inbox.state_of(event),
        words=payment_words,
        person_id=person.of_stripe(event.stripe_object_id),
    )


@bp.post("/<event_id>/again")
@staff_only(Role.FINANCE)
@limiter.limit("120 per hour")
def again(event_id: str) -> ResponseReturnValue:
    """Settle an event again. Finance, owner."""
    try:
        inbox.settle_again(event_id, current_account().id, now=utcnow())
    except UnknownEvent:
        abort(404)
    flash(_("The event will be settled again within seconds. Reload this page to see."))
    return redirect(url_for("desk_inbox.show", event_id=event_id), 303)


@bp.post("/again")
@staff_only(Role.FINANCE)
@limiter.limit("20 per hour")
def all_again() -> ResponseReturnValue:
    """Settle every failed event again. Finance, owner."""
    count = inbox.settle_failed_again(current_account().id, now=utcnow())
    flash(
        ngettext("%(num)s event will be tried again.", "%(num)s events will be tried again.", count)
    )
    return redirect(url_for("desk_inbox.index"), 303)
