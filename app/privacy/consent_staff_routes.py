"""Ending letters for somebody who asked our staff for it, by telephone or in a letter."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts import accounts, audit
from app.accounts.access import current_account, staff_only
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import db
from app.letters import consents, wordings
from app.letters.categories import Category
from app.letters.consents import Act, How, Said
from app.localisation import current_locale

bp = Blueprint("people_letters", __name__, url_prefix="/staff/people/<key:account_id>/letters")


class EndLettersForm(FlaskForm):
    """Which letters end, and how the person said so."""

    end = SelectMultipleField(
        _l("Letters to end"),
        option_widget=CheckboxInput(),
        widget=ListWidget(),
        validators=[DataRequired(_l("Choose which letters end."))],
    )
    reason = StringField(
        _l("How the person asked"),
        filters=[lambda text: " ".join(text.split()) if text else text],
        validators=[
            DataRequired(_l("Say how the person asked, such as “by telephone”.")),
            Length(max=200, message=_l("Keep this under 200 characters.")),
        ],
    )

    def offer(self, wanted: list[Category]) -> None:
        """Offer what the person gets now."""
        self.end.choices = [SelectChoice(each.value, str(wordings.title(each))) for each in wanted]


@bp.app_context_processor
def _on_pages_of_people() -> dict[str, object]:
    # A function: only a person's page asks the database for it.
    return {"letters_of": _titles}


def _titles(account_id: int) -> list[str]:
    """What letters a person gets that need their consent, in words."""
    return [str(wordings.title(each)) for each in consents.wanted(account_id)]


@bp.route("", methods=["GET", "POST"])
@staff_only(Role.FUNDRAISER)
def end(account_id: int) -> ResponseReturnValue:
    """End letters for a person who asked for it. Fundraiser, owner; nobody begins them here."""
    account = db.session.get(Account, account_id)
    if account is None or account.merged_into_id is not None:
        abort(404)
    form = EndLettersForm()
    form.offer(consents.wanted(account_id))
    if form.validate_on_submit():
        _end(account_id, [Category(each) for each in form.end.data or ()], form.reason.data or "")
        flash(_("These letters have ended."))
        return redirect(url_for("people.show", account_id=account_id), 303)
    page = render_template("privacy/letters_of.html", account=account, form=form)
    return page, 422 if form.errors else 200


def _end(account_id: int, categories: list[Category], reason: str) -> None:
    """Enter it in both logs, once; commits. Ended meanwhile by the person, nothing is entered."""
    account, now = accounts.locked(account_id), utcnow()
    said = Said(Act.WITHDRAWN, How.STAFF, now, current_locale())
    ended = [each for each in categories if consents.enter(account.id, each, said, now=now)]
    if ended:
        audit.note(
            current_account().id,
            "letters_ended",
            "account",
            account.id,
            account_id=account.id,
            now=now,
            what=[each.value for each in ended],
            reason=reason,
        )
    db.session.commit()
