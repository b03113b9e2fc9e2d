"""What staff decide after the count: when it is published, between level topics, own picks."""

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.voting import picks, results, round_words
from app.voting.forms import DecisionForm
from app.voting.staff_forms import NOBODY, PickForm
from app.voting.staff_pages import found, to_round

bp = Blueprint("voting_staff_result", __name__, url_prefix="/staff/rounds")


@bp.post("/<key:round_id>/publish")
@staff_only(Role.EDITOR)
def publish(round_id: int) -> ResponseReturnValue:
    """Make a count public now."""
    found(round_id)
    if results.publish(round_id, by=current_account().id, now=utcnow()):
        flash(_("The result is public, and everybody who voted gets a letter."))
    return to_round(round_id)


@bp.route("/<key:round_id>/pick", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def pick(round_id: int) -> ResponseReturnValue:
    """Take up a topic against the order, with a reason everybody can read."""
    round_, form = found(round_id), PickForm()
    outcome = picks.counted(round_)
    if outcome is None:
        return to_round(round_id)
    titles = {topic.number: topic.title for topic in round_.topics if not topic.withdrawn_at}
    form.number.choices = [(n, t) for n, t in titles.items() if n not in outcome.winners]
    form.instead_of.choices = [
        (NOBODY, _("Nothing: it is taken up as well")),
        *((n, titles[n]) for n in outcome.winners if n in titles),
    ]
    if form.validate_on_submit():
        try:
            picks.take_up(
                round_id,
                form.number.data,
                form.instead_of.data or None,
                form.reason.data,
                by=current_account().id,
                now=utcnow(),
            )
        except picks.NotToBePicked:
            form.number.errors = [_("This topic is taken up already, or is still to be decided.")]
        else:
            flash(_("Your choice and its reason stand beside the result."))
            return to_round(round_id)
    page = render_template(
        "voting/staff_pick.html",
        form=form,
        round=round_,
        order=round_words.counted(round_, outcome),
    )
    return page, 422 if form.errors else 200


@bp.route("/<key:round_id>/decide", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def decide(round_id: int) -> ResponseReturnValue:
    """Choose between topics that are level, with a reason everybody can read."""
    round_, form, now = found(round_id), DecisionForm(), utcnow()
    public = results.published(round_.slug or "", now=now)
    if public is None or not public.outcome.undecided or public.decided:
        return to_round(round_id)
    if form.validate_on_submit():
        try:
            picks.decide(
                round_.slug or "",
                form.numbers.data or [],
                form.reason.data,
                by=current_account().id,
                now=now,
            )
        except picks.NotToBeDecided:
            form.numbers.errors = [_("Choose as many topics as there are places left.")]
        else:
            flash(_("Your choice is published."))
            return to_round(round_id)
    level = [topic for topic in round_.topics if topic.number in public.outcome.undecided]
    page = render_template(
        "voting/staff_decide.html",
        form=form,
        round=round_,
        level=level,
        places=public.outcome.undecided_seats,
    )
    return page, 422 if form.errors else 200
