"""Rounds as readers and patrons see them: what is open, one's ballot, what came of it."""

from collections.abc import Collection
from datetime import datetime

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app import jobs
from app.clock import utcnow
from app.extensions import limiter, network_of_reader
from app.giving.arrivals import visits as arrivals
from app.jobs import Job
from app.voting import (
    ballots,
    casting,
    pictures,
    results,
    round_words,
    secrecy,
    short_road,
    visits,
    words,
)
from app.voting.ballots import Mine
from app.voting.forms import BallotForm
from app.voting.models import RollRule
from app.voting.rounds import UnknownRound
from app.voting.visits import Stage, Visit

bp = Blueprint("voting", __name__, url_prefix="/vote")

#: The round that a reader who is becoming a patron came from.
CAME_FROM = "vote_next"


@bp.after_request
def _keep_private(answer: Response) -> Response:
    """A ballot or receipt is not to be found in the cache of a browser that others use."""
    if current_user.is_authenticated:
        answer.cache_control.no_store = True
    return answer


def _account_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def _voter() -> str:
    return f"voter:{_account_id() or network_of_reader()}"


def _find(slug: str) -> Visit:
    visit = visits.visit(slug, _account_id(), now=utcnow())
    if visit is None:
        abort(404)
    if visit.stage is Stage.COUNTING:
        # The beat may be late; whoever reads asks for the count, and does not wait for it.
        jobs.enqueue(Job.TURN_ROUNDS)
    return visit


@bp.get("")
def index() -> ResponseReturnValue:
    """All rounds: the open ones first."""
    known = visits.visits(_account_id(), now=utcnow())
    return render_template(
        "voting/index.html",
        open_rounds=[visit for visit in known if visit.stage is Stage.OPEN],
        coming=[visit for visit in known if visit.stage is Stage.COMING],
        closed_rounds=[v for v in known if v.stage in (Stage.COUNTING, Stage.PUBLISHED)],
        may_vote=any(visit.may_vote for visit in known if visit.stage is Stage.OPEN),
        is_staff=current_user.is_authenticated and current_user.is_staff,
    )


@bp.get("/<slug>")
def ballot(slug: str) -> ResponseReturnValue:
    """One's ballot in an open round; for who may not vote, its topics and how to join."""
    visit = _find(slug)
    # Who comes by an article and becomes a patron in order to vote came by that article.
    arrivals.arrived()
    if visit.stage is Stage.PUBLISHED:
        return redirect(url_for("voting.result", slug=slug))
    if visit.stage is not Stage.OPEN:
        return _stage_page(visit)
    if not visit.may_vote:
        return _invitation(visit)
    form = BallotForm(formdata=None)
    mine = ballots.mine(visit.round, current_user.id)
    return _ballot_page(visit, form, mine, mine.choices)


@bp.post("/<slug>")
@limiter.limit("20 per minute", key_func=_voter)
def cast(slug: str) -> ResponseReturnValue:
    """Cast or change a ballot; what cannot be accepted is kept on the page and explained.

    Ballots with which nothing is wrong do not come here: `short_road` casts them.
    """
    if not current_user.is_authenticated:
        flash(_("Your ballot was not cast: you are signed out. Sign in and tick again."), "warn")
        here = url_for("voting.ballot", slug=slug)
        return redirect(url_for("accounts.sign_in", next=here), 303)
    form = BallotForm()
    form.validate()
    ticked = form.choices.data or []
    if bool(ticked) == form.none.data:
        return _refused(
            slug,
            form,
            _("Tick topics or “None of these”, not both.")
            if ticked
            else _("Tick a topic, or “None of these”."),
        )
    try:
        accepted = casting.cast(
            current_user.id, slug, ticked, seen_version=form.version.data, now=utcnow()
        )
    except UnknownRound:
        abort(404)
    except casting.RoundClosed as closed:
        return _too_late(slug, closed, ticked)
    except casting.NotOnRoll:
        return _invitation(_find(slug), refused=True)
    except casting.ChangedElsewhere:
        return _changed_elsewhere(slug, form)
    except casting.UnknownTopic:
        error = _("A topic you ticked is not offered any more. Look through your ticks.")
    except casting.TooManyChoices as many:
        error = ngettext(
            "You ticked %(given)s topics; choose up to %(num)s topic.",
            "You ticked %(given)s topics; choose up to %(num)s topics.",
            many.most,
            given=many.given,
        )
    else:
        return short_road.thank(slug, accepted)
    return _refused(slug, form, error)


def _refused(slug: str, form: BallotForm, error: str) -> ResponseReturnValue:
    """Show what was ticked and what is wrong with it; where the round is over, say that instead."""
    ticked = form.choices.data or []
    form.choices.errors = [error]
    visit = _find(slug)
    if visit.stage is not Stage.OPEN:
        return _too_late(slug, casting.RoundClosed(utcnow()), ticked)
    if not visit.may_vote:
        return _invitation(visit, refused=True)
    mine = ballots.mine(visit.round, current_user.id)
    # What was shown to the voter stays what the next attempt is held against.
    return _ballot_page(visit, form, Mine(mine.choices, form.version.data), ticked), 422


@bp.get("/pictures/<key:picture_id>")
def picture(picture_id: int) -> ResponseReturnValue:
    """The picture of a topic. Public from the opening on; it never changes."""
    shown = pictures.find(picture_id, drafts=False)
    if shown is None:
        abort(404)
    g.is_uploaded = True
    return Response(shown.body, content_type=shown.content_type)


@bp.get("/<slug>/result")
def result(slug: str) -> ResponseReturnValue:
    """Who won, with every count, and how it was counted."""
    found = results.published(slug, now=utcnow())
    if found is None:
        return redirect(url_for("voting.ballot", slug=slug))
    return render_template("voting/result.html", **words.result(found))


def _ballot_page(
    visit: Visit,
    form: BallotForm,
    mine: Mine,
    ticked: Collection[int],
    elsewhere: Collection[str] | None = None,
) -> str:
    """The ballot with ticks as given, held against the version of `mine`.

    `elsewhere`: titles ticked in another window meanwhile, where there was one.
    """
    form.version.data = mine.version
    offered = [topic for topic in visit.round.topics if topic.withdrawn_at is None]
    by_name = request.args.get("order") == "az"
    order = (
        words.alphabetical(offered)
        if by_name
        else secrecy.shuffled(offered, visit.round.id, current_user.id)
    )
    return render_template(
        "voting/ballot.html",
        form=form,
        round=visit.round,
        topics=[(topic, topic.number in ticked) for topic in order],
        withdrawn=[topic for topic in visit.round.topics if topic.withdrawn_at],
        has_voted=visit.has_voted,
        by_name=by_name,
        elsewhere=elsewhere,
        none_ticked=form.none.data
        if form.is_submitted()
        else bool(mine.version and not mine.choices),
        credits=round_words.suggested(visit.round),
        notes=round_words.notes(visit.round),
        clock=utcnow(),
        counting=words.rules(visit.round),
        commitment=(visit.round.seed_commit or b"").hex(),
    )


def _changed_elsewhere(slug: str, form: BallotForm) -> ResponseReturnValue:
    """Show both: what the ballot holds now, and what this window wanted, kept as ticks."""
    visit = _find(slug)
    mine = ballots.mine(visit.round, current_user.id)
    held = words.titles(visit.round, mine.choices)
    return _ballot_page(visit, form, mine, form.choices.data or [], held), 409


def _too_late(
    slug: str, closed: casting.RoundClosed, ticked: Collection[int]
) -> ResponseReturnValue:
    """Say plainly that a ballot was not accepted, what it said, and what counts instead."""
    visit = _find(slug)
    refused = words.titles(visit.round, ticked)
    return _stage_page(visit, refused_at=closed.at, refused=refused), 409


def _stage_page(
    visit: Visit, refused_at: datetime | None = None, refused: Collection[str] = ()
) -> str:
    return render_template(
        "voting/stage.html",
        round=visit.round,
        stage=visit.stage.value,
        has_voted=visit.has_voted,
        refused_at=words.to_the_second(refused_at) if refused_at else None,
        closed_at=words.to_the_second(visit.round.closes_at),
        refused=refused,
    )


def _invitation(visit: Visit, *, refused: bool = False) -> ResponseReturnValue:
    """The topics for who may not vote, and what to do about it."""
    # After paying, the way leads straight back here.
    session[CAME_FROM] = visit.round.slug
    page = render_template(
        "voting/invitation.html",
        round=visit.round,
        topics=secrecy.shuffled(
            [topic for topic in visit.round.topics if topic.withdrawn_at is None],
            visit.round.id,
            _account_id() or 0,
        ),
        is_staff=current_user.is_authenticated and current_user.is_staff,
        credits=round_words.suggested(visit.round),
        notes=round_words.notes(visit.round),
        only_earlier_patrons=visit.round.roll_rule == RollRule.PATRON_BEFORE_OPENING,
        refused=refused,
    )
    return page, 403 if refused else 200
