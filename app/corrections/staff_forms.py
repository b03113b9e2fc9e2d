"""The forms of the desk of corrections."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.corrections import notes
from app.corrections.forms import ArticleField, lines, one_line
from app.corrections.rules import (
    LONGEST_ANSWER,
    LONGEST_NOTE,
    LONGEST_REASON,
    LONGEST_TITLE,
    Kind,
)
from config.newsroom import LANGUAGES

TOO_LONG = _l("Shorten this to %(max)d characters.")


class AssignForm(FlaskForm):
    """Who sees to a group."""

    assignee = SelectField(_l("Who sees to it"))

    def __init__(self, editors: Sequence[tuple[int, str]]) -> None:
        super().__init__()
        self.assignee.choices = [
            SelectChoice("", _("Nobody yet")),
            *(SelectChoice(str(id_), name) for id_, name in editors),
        ]

    @property
    def assignee_id(self) -> int | None:
        """Return who was chosen; None for nobody."""
        return int(self.assignee.data) if self.assignee.data else None


class ReasonForm(FlaskForm):
    """Why a group is settled so, or opened again; `seen` is the state on the page."""

    seen = HiddenField()
    reason = TextAreaField(
        _l("Reason"), filters=[lines], validators=[Length(max=LONGEST_REASON, message=TOO_LONG)]
    )


class NoMistakeForm(ReasonForm):
    """Why the passage stays as it is."""

    def validate_reason(self, field: TextAreaField) -> None:
        """Whoever wrote is told why."""
        if not field.data:
            raise ValidationError(_("Write why it stays; whoever left an address may read it."))


class NoteForm(FlaskForm):
    """What the public log says of a correction; `seen` is what staff began from."""

    seen = HiddenField()
    kind = RadioField(
        _l("Kind"),
        choices=[
            SelectChoice(Kind.CORRECTION.value, _l("Correction: something was wrong")),
            SelectChoice(Kind.CLARIFICATION.value, _l("Clarification: it could be misread")),
        ],
        validators=[InputRequired(_l("Choose whether it was wrong or could be misread."))],
    )
    title = StringField(
        _l("Title of the article"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Write the article's title.")),
            Length(max=LONGEST_TITLE, message=TOO_LONG),
        ],
    )
    stood = TextAreaField(
        _l("What stood"),
        filters=[lines],
        validators=[
            DataRequired(_l("Write what the article said.")),
            Length(max=LONGEST_NOTE, message=TOO_LONG),
        ],
    )
    stands = TextAreaField(
        _l("What stands now"),
        filters=[lines],
        validators=[
            DataRequired(_l("Write what the article says now.")),
            Length(max=LONGEST_NOTE, message=TOO_LONG),
        ],
    )
    day = DateField(
        _l("Changed on"), validators=[DataRequired(_l("Choose the day it was changed."))]
    )
    language = RadioField(
        _l("Language of the note"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        validators=[InputRequired(_l("Choose the language you write in."))],
    )

    def __init__(self, today: date, **told: object) -> None:
        super().__init__(**told)
        self._today = today

    def validate_day(self, field: DateField) -> None:
        """It is done."""
        if field.data is not None and field.data > self._today:
            raise ValidationError(_("Correct the article first: this day is yet to come."))

    @property
    def draft(self) -> notes.Draft:
        """Return what was typed, once it is valid."""
        return notes.Draft(
            kind=Kind(self.kind.data),
            stood=self.stood.data,
            stands=self.stands.data,
            day=self.day.data,
            title=self.title.data,
            locale=self.language.data,
        )


class FoundForm(NoteForm):
    """A note about what the newsroom found itself."""

    article = ArticleField(_l("The article"), filters=[one_line])


class AnswerForm(FlaskForm):
    """An answer in each language that a reader waits in; the others are left out."""

    seen = HiddenField()
    text_en = TextAreaField(_l("Answer in English"), filters=[lines])
    text_uk = TextAreaField(_l("Answer in Ukrainian"), filters=[lines])

    def __init__(self, languages: Sequence[str], **told: object) -> None:
        super().__init__(**told)
        self._languages = languages
        for code in LANGUAGES:
            if code not in languages:
                delattr(self, f"text_{code}")

    def fields(self) -> list[tuple[str, TextAreaField]]:
        """Return each language and its field."""
        return [(code, self[f"text_{code}"]) for code in LANGUAGES if f"text_{code}" in self]

    def validate(self, extra_validators: object = None) -> bool:
        """Every language has its text, and none is a book."""
        fit = bool(super().validate(extra_validators))
        for _code, field in self.fields():
            if not field.data:
                field.errors = [_("Write the answer in this language too.")]
            elif len(field.data) > LONGEST_ANSWER:
                field.errors = [TOO_LONG % {"max": LONGEST_ANSWER}]
            fit = fit and not field.errors
        return fit

    @property
    def texts(self) -> dict[str, str]:
        """Return the answer by language."""
        return {code: field.data for code, field in self.fields()}
