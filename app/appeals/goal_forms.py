"""The form of a goal."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.appeals import rules
from app.appeals.goals import Terms
from app.appeals.models import Goal
from app.appeals.rules import GoalKind
from app.giving.rules import whole_units
from app.money import NotAnAmount, parse
from config.newsroom import LANGUAGES

#: More patrons than this nobody has.
MOST_PATRONS = 10_000_000


class _GoalForm(FlaskForm):
    """What is to be reached, by which measure, until when. Titles are `title_en` and so on."""

    kind = RadioField(
        _l("What counts"),
        choices=[
            SelectChoice(GoalKind.PATRONS.value, _l("Patrons who give")),
            SelectChoice(GoalKind.MONTHLY.value, _l("Money a month from patrons")),
            SelectChoice(GoalKind.RAISED.value, _l("Money given since a day, less what went back")),
        ],
        default=GoalKind.PATRONS.value,
        validators=[DataRequired(_l("Choose what counts."))],
    )
    target = StringField(_l("Goal"), validators=[DataRequired(_l("Write what is to be reached."))])
    currency = SelectField(_l("Currency"))
    starts_on = DateField(_l("Counts from"), validators=[Optional()])
    ends_on = DateField(_l("Last day"), validators=[Optional()])
    is_shown = BooleanField(_l("Show it to readers"), default=True)

    def show(self, goal: Goal) -> None:
        """Fill in a goal as it stands."""
        self.kind.data, self.is_shown.data = goal.kind, goal.is_shown
        self.starts_on.data, self.ends_on.data = goal.starts_on, goal.ends_on
        self.currency.data = goal.currency or self.currency.data
        money = goal.currency and rules.typed(goal.target, goal.currency)
        self.target.data = money or str(goal.target)
        for code in LANGUAGES:
            self[f"title_{code}"].data = goal.titles.get(code, "")

    def validate_target(self, field: Field) -> None:
        """A number of patrons, or an amount."""
        self._reached(field)

    def validate_starts_on(self, field: Field) -> None:
        """What counts from a day needs one."""
        if self.kind.data == GoalKind.RAISED and field.data is None and not field.errors:
            raise ValidationError(_("Choose from which day gifts count."))

    def validate_ends_on(self, field: Field) -> None:
        """It ends after it began."""
        if field.data and not date(2000, 1, 1) <= field.data < date(2200, 1, 1):
            raise ValidationError(_("Check the year."))
        began = self.starts_on.data if self.kind.data == GoalKind.RAISED else None
        if field.data and began and field.data < began:
            raise ValidationError(_("The last day is before the first."))

    def validate_kind(self, field: Field) -> None:
        """A goal of any kind has a title in one language at least."""
        if field.data and not any(self[f"title_{code}"].data for code in LANGUAGES):
            raise ValidationError(_("Name the goal in one language at least."))

    def terms(self) -> Terms:
        """Return what was stated; for a valid form."""
        kind = GoalKind(self.kind.data)
        titles = {code: self[f"title_{code}"].data for code in LANGUAGES}
        return Terms(
            titles={code: title for code, title in titles.items() if title},
            kind=kind,
            target=self._reached(self.target),
            currency=None if kind is GoalKind.PATRONS else self.currency.data,
            starts_on=self.starts_on.data if kind is GoalKind.RAISED else None,
            ends_on=self.ends_on.data,
            is_shown=self.is_shown.data,
        )

    def _reached(self, field: Field) -> int:
        text = (field.data or "").strip()
        if self.kind.data == GoalKind.PATRONS:
            plain = "".join(text.split())
            if not plain.isdecimal() or not 0 < int(plain[:12]) <= MOST_PATRONS:
                raise ValidationError(_("Type a number of patrons, such as 500."))
            return int(plain)
        try:
            return parse(text, self.currency.data or "EUR").minor
        except (NotAnAmount, KeyError):
            example = "1500" if whole_units(self.currency.data or "EUR") else "7.50"
            raise ValidationError(
                _("Type an amount as a number, such as %(example)s.", example=example)
            ) from None


def goal_form(currencies: Sequence[str]) -> _GoalForm:
    """Return the form of a goal, with a title in each language."""

    class GoalForm(_GoalForm):
        pass

    for code, language in LANGUAGES.items():
        field: Any = StringField(
            _("Title, %(language)s", language=language),
            filters=[lambda text: " ".join((text or "").split())],
            validators=[Length(max=120, message=_l("Shorten the title to 120 characters."))],
        )
        setattr(GoalForm, f"title_{code}", field)
    form = GoalForm()
    form.currency.choices = [SelectChoice(code, code) for code in currencies]
    return form
