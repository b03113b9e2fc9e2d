"""Reprints as staff decide about them: the register, granting, refusing, withdrawing, spam."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import audit
from app.accounts.access import current_account, staff_only
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.current import newsroom, zone
from app.export import Cell, lines
from app.extensions import db
from app.reprints import lists, permissions, requests, rules, words
from app.reprints.forms import GrantForm, RefuseForm, WithdrawForm
from app.reprints.lists import LONGEST_SEARCH, Filter, Question, Row
from app.reprints.models import ReprintRequest
from app.reprints.permissions import SUBJECT, Decided, Terms
from app.reprints.requests import UnknownRequest
from app.reprints.rules import State

bp = Blueprint("reprints_staff", __name__, url_prefix="/staff")

#: For how long a permission holds unless staff choose another day.
USUAL = timedelta(days=365)


def asked(args: Mapping[str, str]) -> Question:
    """Read what the register is asked for; what nobody offered is passed over."""
    text = "".join(letter for letter in args.get("q", "") if letter.isprintable())
    number = args.get("page", "1")
    return Question(
        filter=next((each for each in Filter if each == args.get("filter")), None),
        text=text.strip()[:LONGEST_SEARCH],
        number=int(number) if number.isdecimal() and len(number) < len("1000000") else 1,
    )


def kept(question: Question) -> dict[str, Any]:
    """Return what an address says to ask the same again, its page left out."""
    said = {"q": question.text, "filter": question.filter.value if question.filter else ""}
    return {key: value for key, value in said.items() if value}


@bp.get("/reprints")
@staff_only(Role.EDITOR)
def index() -> ResponseReturnValue:
    """The register, who waits the longest first. Editor, owner."""
    question, now = asked(request.args), utcnow()
    return render_template(
        "reprints/staff_index.html",
        asked=question,
        kept=kept(question),
        page=lists.page(question, now=now),
        url=lambda number: url_for(".index", **{**kept(question), "page": number}),
        filters=words.filters(),
        counts=lists.counts(now=now),
        tag=lambda row: words.tag(row, now=now),
    )


@bp.get("/reprints.csv")
@staff_only(Role.EDITOR)
def download() -> ResponseReturnValue:
    """The register as a file; that it was downloaded is entered. Editor, owner."""
    question, now = asked(request.args), utcnow()
    rows = [_cells(row, now) for row in lists.every(question, now=now)]
    audit.note(current_account().id, "reprints_downloaded", SUBJECT, "all", now=now, rows=len(rows))
    db.session.commit()
    day = now.astimezone(zone()).date()
    return Response(
        "".join(lines([_heads(), *rows])),
        mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="reprints-{day}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _heads() -> list[Cell]:
    return [
        _("Asked on"),
        _("State"),
        _("Name"),
        _("Organisation"),
        _("E-mail"),
        _("Where it appears"),
        _("Articles"),
        _("Number"),
        _("Decided on"),
        _("Valid until"),
    ]


def _cells(row: Row, now: datetime) -> list[Cell]:
    one, granted = row.request, row.permission
    return [
        _day(one.asked_at),
        words.tag(row, now=now)[0],
        one.name,
        one.organisation,
        row.email,
        granted.place if granted else one.place,
        granted.articles if granted else one.articles,
        granted.number if granted else "",
        _day(one.decided_at) if one.decided_at else None,
        granted.valid_until if granted else None,
    ]


def _day(moment: datetime) -> date:
    return moment.astimezone(zone()).date()


@bp.get("/reprints/<key:request_id>")
@staff_only(Role.EDITOR)
def show(request_id: int) -> ResponseReturnValue:
    """One request and what was decided. Editor, owner."""
    one, now = _find(request_id), utcnow()
    account = db.session.get_one(Account, one.account_id)
    row = Row(one, account.email, permissions.of(request_id))
    decider = db.session.get(Account, one.decided_by_id) if one.decided_by_id else None
    return render_template(
        "reprints/staff_request.html",
        row=row,
        tag=words.tag(row, now=now),
        decider=decider.name if decider else "",
        articles=words.articles(rules.articles(one.articles)),
        permitted=words.articles(rules.articles(row.permission.articles if row.permission else "")),
        words=words,
        State=State,
        kept=rules.SPAM_KEPT,
    )


@bp.route("/reprints/<key:request_id>/grant", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def grant(request_id: int) -> ResponseReturnValue:
    """Grant a request with terms; the answer goes by letter. Editor, owner."""
    one, now = _find(request_id), utcnow()
    if one.state != State.OPEN:
        return _overtaken(request_id)
    form = GrantForm(_day(now), **_proposed(one, now))
    if form.validate_on_submit():
        terms = Terms(
            holder=form.holder.data,
            place=form.place.data,
            articles=form.articles.data,
            valid_until=form.valid_until.data,
            credit_line=form.credit_line.data,
            changes_allowed=form.changes_allowed.data,
            conditions=form.conditions.data,
        )
        try:
            permissions.grant(request_id, terms, by=current_account().id, now=now)
        except Decided:
            return _overtaken(request_id)
        flash(_("Granted. The letter with the number is on its way."))
        return _to(request_id)
    page = render_template("reprints/staff_grant.html", form=form, one=one)
    return page, 422 if form.errors else 200


def _proposed(one: ReprintRequest, now: datetime) -> dict[str, object]:
    """The terms that staff begin with, in the words and the language of who asked."""
    house = newsroom()
    return {
        "holder": one.organisation or one.name,
        "place": one.place,
        "articles": one.articles,
        "valid_until": _day(now) + USUAL,
        "credit_line": f"{house.name.within(one.locale)}, {house.website}",
    }


@bp.route("/reprints/<key:request_id>/refuse", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def refuse(request_id: int) -> ResponseReturnValue:
    """Refuse a request with a reason; the answer goes by letter. Editor, owner."""
    one, form = _find(request_id), RefuseForm()
    if one.state != State.OPEN:
        return _overtaken(request_id)
    if form.validate_on_submit():
        try:
            permissions.refuse(request_id, form.reason.data, by=current_account().id, now=utcnow())
        except Decided:
            return _overtaken(request_id)
        flash(_("Refused. The letter with your reason is on its way."))
        return _to(request_id)
    page = render_template("reprints/staff_reason.html", form=form, one=one, act="refuse")
    return page, 422 if form.errors else 200


@bp.post("/reprints/<key:request_id>/<any(spam, reopen):act>")
@staff_only(Role.EDITOR)
def sort(request_id: int, act: str) -> ResponseReturnValue:
    """Call a request spam, which nobody is told of, or take that back. Editor, owner."""
    _find(request_id)
    by, now = current_account().id, utcnow()
    try:
        if act == "spam":
            permissions.spam(request_id, by=by, now=now)
            flash(_("No letter goes out. You find it under “Spam”, should you be wrong."))
        else:
            permissions.reopen(request_id, by=by, now=now)
            flash(_("It waits for an answer again."))
    except Decided:
        return _overtaken(request_id)
    return _to(request_id)


@bp.route("/reprints/<key:request_id>/withdraw", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def withdraw(request_id: int) -> ResponseReturnValue:
    """Withdraw a permission with a public reason; its holder is told. Editor, owner."""
    one, form = _find(request_id), WithdrawForm()
    permission = permissions.of(request_id)
    if permission is None or permission.withdrawn_at is not None:
        return _overtaken(request_id)
    if form.validate_on_submit():
        try:
            permissions.withdraw(
                request_id, form.reason.data, by=current_account().id, now=utcnow()
            )
        except Decided:
            return _overtaken(request_id)
        flash(_("Withdrawn. Its page says so, and a letter tells whoever asked."))
        return _to(request_id)
    page = render_template(
        "reprints/staff_reason.html", form=form, one=one, act="withdraw", permission=permission
    )
    return page, 422 if form.errors else 200


def _find(request_id: int) -> ReprintRequest:
    try:
        return requests.find(request_id)
    except UnknownRequest:
        abort(404)


def _to(request_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", request_id=request_id), 303)


def _overtaken(request_id: int) -> ResponseReturnValue:
    flash(_("Nothing was changed: somebody else has decided about it meanwhile."), "warn")
    return _to(request_id)
