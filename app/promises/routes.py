"""What came of it, for everybody: every promise, one promise, and letters for who wants them."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from app.accounts.access import current_account
from app.clock import utcnow
from app.extensions import limiter
from app.promises import followers, lists, words
from app.promises.promises import UnknownPromise
from app.promises.rules import OPEN, PUBLISHED, Standing, State
from app.topics import words as topic_words

bp = Blueprint("promises", __name__, url_prefix="/promises")


@bp.get("")
def index() -> ResponseReturnValue:
    """You asked, we covered: every promise and how it was kept; with `round`, that round's."""
    slug = request.args.get("round") or None
    if slug is not None and not slug.isprintable():
        abort(404)
    found = lists.rows(now=utcnow(), slug=slug)
    figures = lists.figures(found)
    return render_template(
        "promises/index.html",
        round=found[0].round if slug and found else None,
        asked=slug,
        late=[row for row in found if row.standing is Standing.LATE],
        under_way=[
            row for row in found if row.promise.state in OPEN and row.standing is not Standing.LATE
        ],
        published=[row for row in found if row.standing in PUBLISHED],
        dropped=[row for row in found if row.promise.state == State.DROPPED],
        figures=figures,
        wants=_wants(),
        words=words,
    )


@bp.get("/<key:promise_id>")
def show(promise_id: int) -> ResponseReturnValue:
    """One promise: the vote it comes from, who suggested it, what happened, the story."""
    try:
        story = lists.story(promise_id, now=utcnow())
    except UnknownPromise:
        abort(404)
    result, number = story.result, story.row.promise.number
    return render_template(
        "promises/show.html",
        story=story,
        promise=story.row.promise,
        round=story.row.round,
        credit=topic_words.credit(story.credit) if story.credit else "",
        votes=result.outcome.approvals.get(number) if result else None,
        ballots=result.outcome.ballots if result else None,
        pick=next((one for one in result.picks if one.number == number), None) if result else None,
        record=words.record(story.record),
        wants=_wants(),
        words=words,
        State=State,
    )


def _wants() -> bool | None:
    """Whether the reader wants letters about published stories; None for who is signed out."""
    return followers.wants(current_user.id) if current_user.is_authenticated else None


@bp.get("/letters")
@login_required
def letters() -> ResponseReturnValue:
    """Choose whether to be told of published stories."""
    return render_template("promises/letters.html", wants=followers.wants(current_account().id))


@bp.post("/letters")
@login_required
@limiter.limit("30 per minute")
def choose() -> ResponseReturnValue:
    """Be told of published stories from now on, or no longer."""
    wanted = request.form.get("wanted") == "1"
    followers.choose(current_account().id, wanted, now=utcnow())
    if wanted:
        flash(_("We will write to you when the story behind a vote you took part in is published."))
    else:
        flash(_("We will not write to you about published stories any more."))
    return redirect(url_for(".letters"), 303)
