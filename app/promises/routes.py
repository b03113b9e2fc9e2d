"""What came of it, for everybody: every promise, one promise, and letters for who wants them."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.clock import utcnow
from app.letters import consents
from app.promises import lists, words
from app.promises.letters import PUBLISHED as LETTER
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
    return consents.lets(LETTER, current_user.id) if current_user.is_authenticated else None


@bp.get("/letters")
def letters() -> ResponseReturnValue:
    """Lead on to where one chooses letters; this address stands in earlier ones."""
    return redirect(url_for("privacy.letters"))
