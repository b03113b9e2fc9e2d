"""The pages on which staff state goals."""

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.appeals import feeds, goals, progress, words
from app.appeals.goal_forms import goal_form
from app.appeals.goals import UnknownGoal
from app.appeals.models import Goal
from app.appeals.routes import WRITERS
from app.clock import utcnow
from app.current import settings
from app.localisation import current_locale

bp = Blueprint("goals", __name__, url_prefix="/staff/goals")


@bp.get("")
@staff_only(*WRITERS)
def index() -> ResponseReturnValue:
    """Every goal and how far it is, the newest first. Fundraiser, owner."""
    now = utcnow()
    shown = goals.shown(None, now=now)
    rows = [_row(goal, now) | {"shown": goal is shown} for goal in goals.everything()]
    return render_template("appeals/goals.html", rows=rows)


def _row(goal: Goal, now: datetime) -> dict[str, object]:
    """A goal, how far it is and what of it is counted."""
    reached, over = progress.reached(goal, now=now), progress.ends(goal)
    ended = over is not None and over <= now
    return {
        "goal": goal,
        "title": feeds.within(goal.titles, current_locale()),
        "sentence": feeds.goal_sentence(goal, reached.value),
        "counted": words.counted(goal, others=reached.others, ended=ended),
        "ended": ended,
    }


@bp.route("/new", methods=["GET", "POST"])
@staff_only(*WRITERS)
def new() -> ResponseReturnValue:
    """State a goal."""
    form = goal_form(settings().currencies)
    if form.validate_on_submit():
        goals.add(form.terms(), by=current_account().id, now=utcnow())
        flash(_("The goal is stated. It is on the pages within two minutes."))
        return redirect(url_for("goals.index"), 303)
    page = render_template("appeals/goal.html", form=form, goal=None)
    return page, 422 if form.errors else 200


@bp.route("/<key:goal_id>", methods=["GET", "POST"])
@staff_only(*WRITERS)
def edit(goal_id: int) -> ResponseReturnValue:
    """State a goal anew, or show it no more."""
    goal, form = _find(goal_id), goal_form(settings().currencies)
    if not form.is_submitted():
        form.show(goal)
    elif form.validate():
        goals.change(goal_id, form.terms(), by=current_account().id, now=utcnow())
        flash(_("The goal is changed. It is on the pages within two minutes."))
        return redirect(url_for("goals.index"), 303)
    return render_template("appeals/goal.html", form=form, goal=goal), 422 if form.errors else 200


def _find(goal_id: int) -> Goal:
    try:
        return goals.find(goal_id)
    except UnknownGoal:
        abort(404)
