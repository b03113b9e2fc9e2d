"""The page of other ways to support, and the pages on which staff keep it."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.giving.books import references
from app.giving.gift.routes import bp as readers
from app.giving.models import OtherWay
from app.giving.ways import other_ways
from app.giving.ways.other_way_forms import WayForm
from app.giving.ways.other_ways import UnknownWay
from app.localisation import current_locale

bp = Blueprint("other_ways_staff", __name__, url_prefix="/staff/other-ways")

#: Who keeps the page, beside the owner.
KEEPERS = (Role.FUNDRAISER, Role.FINANCE)


@readers.get("/other-ways", endpoint="other_ways")
def page() -> ResponseReturnValue:
    """Ways to support that do not lead through this site. Public."""
    locale = current_locale()
    reference = None
    if current_user.is_authenticated:
        reference = references.of_account(current_user.id)
    return render_template(
        "giving/other_ways.html",
        ways=[
            (
                way,
                other_ways.within(way.titles, locale),
                other_ways.within(way.texts, locale),
                other_ways.details(way),
                other_ways.code(way) is not None,
            )
            for way in other_ways.shown()
        ],
        reference=reference,
    )


@readers.get("/other-ways/<key:way_id>.svg", endpoint="other_way_code")
def code(way_id: int) -> ResponseReturnValue:
    """The QR code of a way that readers see. Public."""
    way = _find(way_id)
    picture = other_ways.code(way) if way.hidden_at is None else None
    if picture is None:
        abort(404)
    return Response(picture, mimetype="image/svg+xml")


def _find(way_id: int) -> OtherWay:
    try:
        return other_ways.find(way_id)
    except UnknownWay:
        abort(404)


def _home() -> ResponseReturnValue:
    return redirect(url_for("other_ways_staff.index"), 303)


@bp.get("")
@staff_only(*KEEPERS)
def index() -> ResponseReturnValue:
    """Every way, from the top. Fundraiser, finance, owner."""
    locale = current_locale()
    ways = [(way, other_ways.within(way.titles, locale)) for way in other_ways.everything()]
    return render_template("giving/staff_other_ways.html", ways=ways)


@bp.route("/new", methods=["GET", "POST"])
@staff_only(*KEEPERS)
def new() -> ResponseReturnValue:
    """Add a way."""
    form = WayForm()
    if form.validate_on_submit():
        other_ways.add(form.words(), by=current_account().id, now=utcnow())
        flash(_("The way is added. Readers see it."))
        return _home()
    return _form_page(form, None)


@bp.route("/<key:way_id>", methods=["GET", "POST"])
@staff_only(*KEEPERS)
def edit(way_id: int) -> ResponseReturnValue:
    """Write a way anew."""
    way, form = _find(way_id), WayForm()
    if not form.is_submitted():
        form.show(way)
    elif form.validate():
        other_ways.change(way_id, form.words(), by=current_account().id, now=utcnow())
        flash(_("The way is changed."))
        return _home()
    return _form_page(form, way)


def _form_page(form: WayForm, way: OtherWay | None) -> ResponseReturnValue:
    page = render_template("giving/staff_other_way.html", form=form, way=way)
    return page, 422 if form.errors else 200


@bp.post("/<key:way_id>/<any(up, down):direction>")
@staff_only(*KEEPERS)
def move(way_id: int, direction: str) -> ResponseReturnValue:
    """Move a way up or down."""
    _find(way_id)
    other_ways.move(way_id, up=direction == "up", by=current_account().id, now=utcnow())
    return _home()


@bp.post("/<key:way_id>/<any(hide, show):act>")
@staff_only(*KEEPERS)
def hide(way_id: int, act: str) -> ResponseReturnValue:
    """Hide a way from readers, or show it again."""
    _find(way_id)
    other_ways.hide(way_id, hidden=act == "hide", by=current_account().id, now=utcnow())
    flash(_("Readers do not see it now.") if act == "hide" else _("Readers see it again."))
    return _home()
