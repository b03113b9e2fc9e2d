"""Lines as staff decide about them: whose they are, booked, set aside, put back."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import accounts
from app.accounts.access import current_account, staff_only
from app.accounts.models import Account, Role
from app.bank import imports, lines, matching, words
from app.bank.forms import NEW, GiverForm
from app.bank.lines import Decided, Doubtful, UnknownLine
from app.bank.models import StatementLine
from app.bank.routes import bp
from app.clock import utcnow
from app.extensions import db
from app.giving.books.outside import Giver
from app.giving.models import Donation

#: People that a search shows, and lines that may be ticked together.
MOST_FOUND, MOST_TICKED = 10, 100
#: No name and no address is longer.
LONGEST_SEARCH = 254


@dataclass(frozen=True, slots=True)
class Choice:
    """A line and who gave it, as the page before the booking shows them."""

    line: StatementLine
    giver: Giver
    #: The giver's account; null for somebody new.
    account: Account | None


def _line(line_id: int) -> StatementLine:
    try:
        return lines.find(line_id)
    except UnknownLine:
        abort(404)


def _home() -> ResponseReturnValue:
    return redirect(url_for("bank_staff.index"), 303)


@bp.get("/lines/<key:line_id>")
@staff_only(Role.FINANCE)
def line(line_id: int) -> ResponseReturnValue:
    """One line, and who may have given it. Finance, owner."""
    return _line_page(_line(line_id), GiverForm())


def _line_page(found: StatementLine, form: GiverForm) -> ResponseReturnValue:
    asked = "".join(letter for letter in request.args.get("q", "") if letter.isprintable())
    asked = asked.strip()[:LONGEST_SEARCH]
    suggestions = matching.suggest([found])[found.id]
    if form.giver.data is None:
        form.giver.data = str(suggestions[0].account.id) if suggestions and not asked else ""
        form.name.data = found.payer
    shown = {one.account.id for one in suggestions}
    hits = [one for one in accounts.search(asked, limit=MOST_FOUND) if one.id not in shown]
    page = render_template(
        "bank/line.html",
        line=found,
        statement=imports.find(found.import_id),
        suggestions=suggestions,
        asked=asked,
        hits=hits,
        form=form,
        bookable=lines.bookable(found),
        words=words,
        new=NEW,
    )
    return page, 422 if form.errors else 200


@bp.post("/lines/<key:line_id>")
@staff_only(Role.FINANCE)
def choose(line_id: int) -> ResponseReturnValue:
    """Show the gift that a line would be, before it is booked."""
    found, form = _line(line_id), GiverForm()
    if not form.giver.data:
        form.giver.errors = [_("Choose who gave it.")]
        return _line_page(found, form)
    if not form.validate_on_submit() or not _known(form.giver.data):
        return _line_page(found, form)
    return _confirm([_choice(found, form.chosen())])


def _known(giver: str) -> bool:
    return giver == NEW or (giver.isdecimal() and _account(int(giver)) is not None)


def _account(account_id: int) -> Account | None:
    return db.session.get(Account, account_id) if account_id < 2**63 else None


def _choice(found: StatementLine, giver: Giver) -> Choice:
    if giver.account_id is not None:
        return Choice(found, giver, _account(giver.account_id))
    # An address that has an account means that account, whatever name was typed.
    known = accounts.find(giver.email) if giver.email else None
    return Choice(found, giver, known)


def _confirm(choices: list[Choice]) -> ResponseReturnValue:
    """Show what will be booked, what it comes to, and what may be there already."""
    waiting = [one for one in choices if lines.bookable(one.line)]
    if not waiting:
        flash(_("Somebody else has decided about these lines meanwhile."), "warn")
        return _home()
    doubts: dict[int, list[Donation]] = {
        key: list(found)
        for key, found in lines.doubts({one.line.id: one.giver for one in waiting}).items()
    }
    return render_template(
        "bank/confirm.html",
        choices=waiting,
        sums=imports.sums(one.line.amount for one in waiting),
        doubts=doubts,
        words=words,
        new=NEW,
    )


@bp.post("/ticked")
@staff_only(Role.FINANCE)
def ticked() -> ResponseReturnValue:
    """Set the ticked lines aside, or show what booking them comes to."""
    found = _ticked()
    if not found:
        flash(_("Tick the lines you mean."), "warn")
        return _home()
    if "set_aside" in request.form:
        return _set_aside([one.id for one in found])
    suggested = matching.suggest(found)
    choices = []
    for one in found:
        # Only whom the page has shown: a better match may have come meanwhile.
        shown = request.form.get(f"giver-{one.id}", "")
        account = next((s.account for s in suggested[one.id] if str(s.account.id) == shown), None)
        if account is not None:
            choices.append(Choice(one, Giver(account.id), account))
    if len(choices) < len(found):
        flash(_("Some of the ticked lines have no suggested giver. Choose one for each."), "warn")
    return _confirm(choices) if choices else _home()


def _ticked() -> list[StatementLine]:
    """The lines that were ticked and are there, each once."""
    asked = dict.fromkeys(request.form.getlist("line")[:MOST_TICKED])
    keys = [int(one) for one in asked if one.isdecimal() and len(one) < 19]
    return [found for found in (db.session.get(StatementLine, key) for key in keys) if found]


def _set_aside(keys: list[int]) -> ResponseReturnValue:
    number = lines.set_aside(keys, by=current_account().id, now=utcnow())
    flash(
        ngettext(
            "%(num)s line is set aside as no gift. You find it on its statement.",
            "%(num)s lines are set aside as no gifts. You find them on their statements.",
            number,
        )
    )
    return _home()


@bp.post("/book")
@staff_only(Role.FINANCE)
def book() -> ResponseReturnValue:
    """Book the lines of the page before as gifts: a person has said yes."""
    choices = []
    for one in _ticked():
        form = GiverForm(prefix=f"g{one.id}")
        if not form.validate() or not _known(form.giver.data or ""):
            abort(400)
        choices.append(_choice(one, form.chosen()))
    if not choices:
        return _home()
    try:
        booked = lines.book(
            {one.line.id: one.giver for one in choices},
            by=current_account().id,
            sure="sure" in request.form,
            now=utcnow(),
        )
    except Doubtful:
        flash(_("Some of these gifts may be in the ledger already. Look at them first."), "warn")
        return _confirm(choices)
    if booked.passed:
        flash(
            ngettext(
                "Somebody else has decided about %(num)s line meanwhile.",
                "Somebody else has decided about %(num)s lines meanwhile.",
                len(booked.passed),
            ),
            "warn",
        )
    if booked.donations:
        flash(
            ngettext(
                "%(num)s gift is booked; its receipt is on its way.",
                "%(num)s gifts are booked; their receipts are on their way.",
                len(booked.donations),
            )
        )
    return _home()


@bp.post("/lines/<key:line_id>/set-aside")
@staff_only(Role.FINANCE)
def set_aside(line_id: int) -> ResponseReturnValue:
    """Say that a line is no gift; it can be put back."""
    return _set_aside([_line(line_id).id])


@bp.post("/lines/<key:line_id>/put-back")
@staff_only(Role.FINANCE)
def put_back(line_id: int) -> ResponseReturnValue:
    """Let a line that was set aside wait again."""
    found = _line(line_id)
    try:
        lines.put_back(line_id, by=current_account().id, now=utcnow())
    except Decided:
        flash(_("Somebody else has decided about this line meanwhile."), "warn")
    else:
        flash(_("The line waits again."))
    return redirect(url_for("bank_staff.show", import_id=found.import_id), 303)
