"""The forms of promises."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, StopValidation, ValidationError

from app.promises.rules import LONGEST_TEXT
from app.topics.forms import StoryForm


def _text(value: str | None) -> str:
    """Keep paragraphs, and of several empty lines one."""
    lines = [" ".join(line.split()) for line in (value or "").strip().splitlines()]
    return "\n".join(line for i, line in enumerate(lines) if line or lines[i - 1])


def _not_taken_away(form: "PlanForm", field: DateField) -> None:
    """A day that was named may be moved. Stands before `Optional`, which asks no further."""
    if form.dated is not None and not any(field.raw_data or ()):
        raise StopValidation(_("A date that readers know can be moved, not taken away."))


class PlanForm(FlaskForm):
    """Who sees to a promise, and by when."""

    editor = SelectField(_l("Who sees to it"))
    due_on = DateField(_l("Promised for"), validators=[_not_taken_away, Optional()])

    def __init__(self, editors: list[tuple[int, str]], dated: date | None) -> None:
        super().__init__()
        self.editor.choices = [
            SelectChoice("", _("Nobody yet")),
            *(SelectChoice(str(id_), name) for id_, name in editors),
        ]
        self.dated = dated

    @property
    def editor_id(self) -> int | None:
        """Return who was chosen; None for nobody."""
        return int(self.editor.data) if self.editor.data else None


class UpdateForm(FlaskForm):
    """What staff tell readers about a promise."""

    text = TextAreaField(
        _l("What is new"),
        filters=[_text],
        validators=[
            DataRequired(message=_l("Write what is new; everybody reads it.")),
            Length(max=LONGEST_TEXT, message=_l("Keep this under 2,000 characters.")),
        ],
    )


class ReasonForm(FlaskForm):
    """Why a promise is dropped or its state put right; `seen` is the state on the page."""

    seen = HiddenField()
    text = TextAreaField(
        _l("Reason, for everybody to read"),
        filters=[_text],
        validators=[
            DataRequired(message=_l("Write the reason; everybody reads it.")),
            Length(max=LONGEST_TEXT, message=_l("Keep this under 2,000 characters.")),
        ],
    )


class PublishForm(StoryForm):
    """The published story behind a promise."""

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    def validate_published_on(self, field: DateField) -> None:
        """It is out."""
        if field.data is not None and field.data > self._today:
            raise ValidationError(_("Enter the story once it is out: this day is yet to come."))
