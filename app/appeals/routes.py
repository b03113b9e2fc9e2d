"""The pages on which staff write appeals, look at them as readers do, and compare wordings."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.appeals import appeals, comparison, feeds, words
from app.appeals.appeals import UnknownAppeal
from app.appeals.forms import appeal_form
from app.appeals.models import Appeal
from app.appeals.rules import VARIANTS
from app.clock import utcnow
from app.current import newsroom, settings
from app.giving.rules import Interval
from config.newsroom import LANGUAGES

bp = Blueprint("appeals", __name__, url_prefix="/staff/appeals")

#: Who writes appeals and goals, beside the owner.
WRITERS = (Role.FUNDRAISER,)


@bp.get("")
@staff_only(*WRITERS)
def index() -> ResponseReturnValue:
    """Every appeal, those that are on first. Fundraiser, owner."""
    now = utcnow()
    rows = [(each, words.state(each, now), words.audience(each)) for each in appeals.everything()]
    return render_template(
        "appeals/index.html", rows=rows, usual=newsroom().appeal, codes=list(LANGUAGES)
    )


@bp.route("/new", methods=["GET", "POST"])
@staff_only(*WRITERS)
def new() -> ResponseReturnValue:
    """Write an appeal, which is off until it is switched on."""
    form = appeal_form(settings().currencies)
    if form.validate_on_submit():
        made = appeals.add(form.terms(), by=current_account().id, now=utcnow())
        flash(_("The appeal is written. Look at it, then switch it on."))
        return redirect(url_for("appeals.preview", appeal_id=made.id), 303)
    return _form_page(form, None)


@bp.route("/<key:appeal_id>", methods=["GET", "POST"])
@staff_only(*WRITERS)
def edit(appeal_id: int) -> ResponseReturnValue:
    """Write an appeal anew."""
    appeal, form = _find(appeal_id), appeal_form(settings().currencies)
    if not form.is_submitted():
        form.show(appeal)
    elif form.validate():
        appeals.change(appeal_id, form.terms(), by=current_account().id, now=utcnow())
        flash(_("The appeal is changed."))
        return redirect(url_for("appeals.preview", appeal_id=appeal_id), 303)
    return _form_page(form, appeal)


@bp.post("/<key:appeal_id>/switch")
@staff_only(*WRITERS)
def switch(appeal_id: int) -> ResponseReturnValue:
    """Show an appeal from now on, or no more."""
    on = request.form.get("on") == "yes"
    _find(appeal_id)
    appeals.switch(appeal_id, on, by=current_account().id, now=utcnow())
    flash(
        _("The appeal is on. It is on the pages within two minutes.")
        if on
        else _("The appeal is off. It is gone from the pages within two minutes.")
    )
    return redirect(url_for("appeals.preview", appeal_id=appeal_id), 303)


@bp.get("/usual")
@staff_only(*WRITERS)
def usual() -> ResponseReturnValue:
    """What is shown where no appeal is written, as a reader sees it."""
    return render_template("appeals/preview.html", appeal=None, looks=_looks(None), state=None)


@bp.get("/<key:appeal_id>/preview")
@staff_only(*WRITERS)
def preview(appeal_id: int) -> ResponseReturnValue:
    """An appeal as a reader sees it, each wording in each language."""
    appeal = _find(appeal_id)
    return render_template(
        "appeals/preview.html",
        appeal=appeal,
        looks=_looks(appeal),
        state=words.state(appeal, utcnow()),
        audience=words.audience(appeal),
    )


@bp.get("/<key:appeal_id>/comparison")
@staff_only(*WRITERS)
def compare(appeal_id: int) -> ResponseReturnValue:
    """What came of each wording, and whether the difference can be told from chance."""
    appeal, now = _find(appeal_id), utcnow()
    found = comparison.outcomes(appeal, now=now)
    return render_template(
        "appeals/comparison.html",
        appeal=appeal,
        outcomes=found,
        names=words.wordings(),
        percent=words.percent,
        whole=words.whole,
        verdict=words.verdict(found),
        usual=words.whole(words.USUAL),
    )


def _looks(appeal: Appeal | None) -> list[dict[str, object]]:
    """What the element is given for each wording in each language, and the language's name."""
    found: list[dict[str, object]] = []
    for variant in VARIANTS if appeal else VARIANTS[:1]:
        for code, language in LANGUAGES.items():
            if appeal and code not in appeal.texts.get(variant, {}):
                continue
            with force_locale(code):
                told = feeds.written(appeal, None)
            told["variants"] = [told["variants"][VARIANTS.index(variant)]]
            heading = words.look(variant, language, many=bool(appeal and len(appeal.texts) > 1))
            found.append({"heading": heading, "told": told | {"preview": True, "label": heading}})
    return found


def _find(appeal_id: int) -> Appeal:
    try:
        return appeals.find(appeal_id)
    except UnknownAppeal:
        abort(404)


def _form_page(form: object, appeal: Appeal | None) -> ResponseReturnValue:
    page = render_template(
        "appeals/edit.html",
        form=form,
        appeal=appeal,
        variants=words.wordings(),
        languages_of=LANGUAGES,
        periods=[(period.value, words.period(period)) for period in Interval],
    )
    return page, 422 if form.errors else 200  # type: ignore[attr-defined]
