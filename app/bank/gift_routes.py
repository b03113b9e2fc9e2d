"""Gifts outside Stripe as staff enter them, see them and take them back."""

from datetime import datetime

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import accounts
from app.accounts.access import current_account, staff_only
from app.accounts.models import Account, Role
from app.bank import lines, words
from app.bank.forms import NEW, GiftForm, ReasonForm
from app.clock import utcnow
from app.current import settings, zone
from app.extensions import db
from app.giving.books import outside, receipts
from app.giving.books.outside import EnteredBefore, NotOutside, TakenBack
from app.giving.models import Donation

bp = Blueprint("gifts_staff", __name__, url_prefix="/staff/gifts")

#: Who enters gifts, beside the owner.
WRITERS = (Role.FUNDRAISER, Role.FINANCE)
MOST_FOUND, NEWEST, LONGEST_SEARCH = 10, 100, 254


@bp.get("")
@staff_only(*WRITERS)
def index() -> ResponseReturnValue:
    """The gifts outside Stripe that were entered last. Fundraiser, finance, owner."""
    return render_template("bank/gifts.html", gifts=outside.latest(NEWEST), words=words)


@bp.get("/new")
@staff_only(*WRITERS)
def new() -> ResponseReturnValue:
    """Find who gave, then fill in the gift. Fundraiser, finance, owner."""
    giver = request.args.get("giver", "")
    if giver:
        form = _form(utcnow())
        form.giver.data, form.currency.data = giver, settings().currencies[0]
        form.received_on.data = form.today
        return _form_page(form)
    asked = "".join(letter for letter in request.args.get("q", "") if letter.isprintable())
    asked = asked.strip()[:LONGEST_SEARCH]
    hits = accounts.search(asked, limit=MOST_FOUND)
    return render_template("bank/giver.html", asked=asked, hits=hits, new=NEW)


@bp.post("/new")
@staff_only(*WRITERS)
def enter() -> ResponseReturnValue:
    """Show a gift before it is entered; enter it once a person has said yes."""
    now = utcnow()
    form = _form(now)
    if not form.validate_on_submit() or "change" in request.form:
        return _form_page(form)
    _giver(form)
    if "yes" not in request.form:
        return _confirm_page(form)
    try:
        donation = outside.enter(
            form.gift(),
            by=current_account().id,
            sure=bool(form.sure.data),
            like=form.seen,
            now=now,
        )
    except EnteredBefore:
        return _confirm_page(form)
    flash(_("The gift is entered."))
    return redirect(url_for("gifts_staff.show", donation_id=donation.id), 303)


def _form(now: datetime) -> GiftForm:
    form = GiftForm()
    form.today = now.astimezone(zone()).date()
    return form


def _giver(form: GiftForm) -> Account | None:
    """The account of a form; null for somebody new. 404 for one that is not there."""
    giver = form.giver.data or ""
    if giver == NEW:
        return accounts.find(form.email.data) if form.email.data else None
    account = None
    if giver.isdecimal() and len(giver) < 19:
        account = db.session.get(Account, int(giver))
    if account is None:
        abort(404)
    return account


def _form_page(form: GiftForm) -> ResponseReturnValue:
    account = None if form.giver.data == NEW else _giver(form)
    page = render_template("bank/gift.html", form=form, account=account)
    return page, 422 if form.errors else 200


def _confirm_page(form: GiftForm) -> ResponseReturnValue:
    account = _giver(form)
    gift = form.gift()
    twins = outside.twins(gift)
    form.sure.data, form.like.data = False, str(len(twins))
    return render_template(
        "bank/gift_confirm.html", form=form, account=account, gift=gift, twins=twins, words=words
    )


def _find(donation_id: int) -> tuple[Donation, Account]:
    try:
        return outside.find(donation_id)
    except NotOutside:
        abort(404)


@bp.get("/<key:donation_id>")
@staff_only(*WRITERS)
def show(donation_id: int) -> ResponseReturnValue:
    """One gift outside Stripe, with its receipt. Fundraiser, finance, owner."""
    donation, account = _find(donation_id)
    found = receipts.find(donation_id)
    return render_template(
        "bank/gift_entered.html",
        donation=donation,
        account=account,
        receipt=found[0] if found else None,
        by=db.session.get(Account, donation.entered_by_id),
        counter=outside.correction(donation_id),
        line=lines.of_donation(donation_id),
        words=words,
    )


@bp.get("/<key:donation_id>/receipt.pdf")
@staff_only(*WRITERS)
def receipt(donation_id: int) -> ResponseReturnValue:
    """Download the receipt of a gift outside Stripe. Fundraiser, finance, owner."""
    _find(donation_id)
    found = receipts.find(donation_id)
    if found is None:
        abort(404)
    return Response(
        receipts.pdf(*found),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="receipt-{found[0].reference}.pdf"'},
    )


@bp.route("/<key:donation_id>/take-back", methods=["GET", "POST"])
@staff_only(Role.FINANCE)
def take_back(donation_id: int) -> ResponseReturnValue:
    """Take a gift that was entered by mistake back, with a reason. Finance, owner."""
    donation, account = _find(donation_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            line = lines.take_back(
                donation_id, form.reason.data, by=current_account().id, now=utcnow()
            )
        except TakenBack:
            flash(_("This gift was taken back before."), "warn")
        else:
            flash(
                _("The gift is taken back. Its bank line waits again.")
                if line
                else _("The gift is taken back.")
            )
        return redirect(url_for("gifts_staff.show", donation_id=donation_id), 303)
    page = render_template(
        "bank/take_back.html", form=form, donation=donation, account=account, words=words
    )
    return page, 422 if form.errors else 200
