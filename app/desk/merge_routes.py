"""Joining two accounts that are one person: find the other, see what moves, then yes."""

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.accounts import accounts
from app.accounts.access import current_account, staff_only
from app.clock import utcnow
from app.desk import merging
from app.desk.merging import CannotMerge, IsErased, IsStaff, SameAccount, VotesNow
from app.desk.people_routes import ACT, back, found
from app.giving.wishes import wish_words
from app.localisation import format_moment

bp = Blueprint("people_merge", __name__, url_prefix="/staff/people/<key:account_id>/merge")

MOST_FOUND, LONGEST_SEARCH = 20, 254


@bp.get("")
@staff_only(*ACT)
def choose(account_id: int) -> ResponseReturnValue:
    """Find the account that is the same person. Fundraiser, owner."""
    account = found(account_id)
    asked = "".join(letter for letter in request.args.get("q", "") if letter.isprintable())
    asked = asked.strip()[:LONGEST_SEARCH]
    hits = [one for one in accounts.search(asked, limit=MOST_FOUND) if one.id != account_id]
    return render_template("desk/merge.html", account=account, asked=asked, hits=hits)


@bp.route("/<key:merged_id>", methods=["GET", "POST"])
@staff_only(*ACT)
def merge(account_id: int, merged_id: int) -> ResponseReturnValue:
    """Say what moves to the account of this page, then merge the other into it. As above."""
    found(account_id)
    found(merged_id)
    if FlaskForm().validate_on_submit():
        try:
            merging.merge(account_id, merged_id, by=current_account().id, now=utcnow())
        except CannotMerge as obstacle:
            flash(why_not(obstacle), "warn")
            return _page(account_id, merged_id), 409
        flash(_("The two accounts are one now."))
        return back(account_id)
    return _page(account_id, merged_id)


def _page(account_id: int, merged_id: int) -> str:
    seen = merging.preview(account_id, merged_id)
    if isinstance(seen.obstacle, SameAccount):
        abort(404)
    return render_template(
        "desk/merge_confirm.html",
        seen=seen,
        why_not=why_not(seen.obstacle) if seen.obstacle else "",
        live=[wish_words.terms(pledge.amount, pledge.interval) for pledge in seen.live],
        other_way=url_for("people_merge.merge", account_id=merged_id, merged_id=account_id),
    )


def why_not(obstacle: CannotMerge) -> str:
    """Write why two accounts cannot be joined now, and what helps."""
    match obstacle:
        case IsStaff():
            return _(
                "One of the two belongs to a member of staff, and such accounts are not merged. "
                "Ask an owner to take the role away first."
            )
        case IsErased():
            return _(
                "The data of one of the two have been erased or are about to be, so they are not "
                "merged. Take the erasure back first, if the person wants that."
            )
        case VotesNow(both=True):
            return _(
                "Both accounts have voted in “%(title)s”, which is still open. Merge them after it "
                "closes on %(day)s; until then each ballot can still be changed.",
                title=obstacle.title,
                day=format_moment(obstacle.closes_at),
            )
        case VotesNow():
            return _(
                "The account to be merged has voted in “%(title)s”, which is still open: its "
                "person could vote a second time. Keep that account instead, or merge after the "
                "close on %(day)s.",
                title=obstacle.title,
                day=format_moment(obstacle.closes_at),
            )
    return _("One of the two was merged before.")
