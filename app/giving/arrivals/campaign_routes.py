"""The pages on which staff state campaigns."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import settings
from app.giving.arrivals import campaigns
from app.giving.arrivals.campaign_forms import CampaignForm
from app.giving.arrivals.campaigns import CampaignTaken, UnknownCampaign
from app.giving.models import Campaign

bp = Blueprint("campaigns", __name__, url_prefix="/staff/campaigns")

#: Who states campaigns, beside the owner.
KEEPERS = (Role.FUNDRAISER, Role.FINANCE)


@bp.get("")
@staff_only(*KEEPERS)
def index() -> ResponseReturnValue:
    """Every campaign, the newest first. Fundraiser, finance, owner."""
    return render_template("giving/campaigns.html", campaigns=campaigns.everything())


@bp.route("/new", methods=["GET", "POST"])
@staff_only(*KEEPERS)
def new() -> ResponseReturnValue:
    """State a campaign."""
    form = _form()
    if form.validate_on_submit():
        try:
            campaigns.add(form.terms(), by=current_account().id, now=utcnow())
        except CampaignTaken:
            _say_taken(form)
        else:
            flash(_("The campaign is stated. Its result is in the reports."))
            return _home()
    return _form_page(form, None)


@bp.route("/<key:campaign_id>", methods=["GET", "POST"])
@staff_only(*KEEPERS)
def edit(campaign_id: int) -> ResponseReturnValue:
    """State a campaign anew, such as its cost once it is known."""
    campaign = _find(campaign_id)
    form = _form(campaign.currency)
    if not form.is_submitted():
        form.show(campaign)
    elif form.validate():
        try:
            campaigns.change(campaign_id, form.terms(), by=current_account().id, now=utcnow())
        except CampaignTaken:
            _say_taken(form)
        else:
            flash(_("The campaign is changed."))
            return _home()
    return _form_page(form, campaign)


@bp.post("/<key:campaign_id>/remove")
@staff_only(*KEEPERS)
def remove(campaign_id: int) -> ResponseReturnValue:
    """Remove what was stated; how readers came stays."""
    _find(campaign_id)
    campaigns.remove(campaign_id, by=current_account().id, now=utcnow())
    flash(_("The campaign is removed. How readers came is kept."))
    return _home()


def _form(kept: str | None = None) -> CampaignForm:
    """The form; a campaign keeps its currency also where gifts are no longer taken in it."""
    form, offered = CampaignForm(), settings().currencies
    form.offer(offered if kept is None or kept in offered else (*offered, kept))
    return form


def _say_taken(form: CampaignForm) -> None:
    form.name.errors = [_("A campaign of this name runs on some of these days already.")]


def _find(campaign_id: int) -> Campaign:
    try:
        return campaigns.find(campaign_id)
    except UnknownCampaign:
        abort(404)


def _home() -> ResponseReturnValue:
    return redirect(url_for("campaigns.index"), 303)


def _form_page(form: CampaignForm, campaign: Campaign | None) -> ResponseReturnValue:
    page = render_template("giving/campaign.html", form=form, campaign=campaign)
    return page, 422 if form.errors else 200
