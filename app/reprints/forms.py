"""The forms of reprints."""

import uuid
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional

from app.addresses import readable
from app.reprints.rules import (
    LONGEST_ARTICLE,
    LONGEST_CREDIT,
    LONGEST_NAME,
    LONGEST_ORGANISATION,
    LONGEST_PLACE,
    LONGEST_PURPOSE,
    LONGEST_TEXT,
    MOST_ARTICLES,
    articles,
)
from app.shield.rules import is_disposable
from config.newsroom import LANGUAGES


def _line(value: str | None) -> str:
    return " ".join((value or "").split())


def _text(value: str | None) -> str:
    """Keep paragraphs, and of several empty lines one."""
    lines = [" ".join(line.split()) for line in (value or "").strip().splitlines()]
    return "\n".join(line for i, line in enumerate(lines) if line or lines[i - 1])


def _one_each(value: str | None) -> str:
    return "\n".join(articles(value or ""))


def _no_longer(most: int) -> Length:
    return Length(max=most, message=_l("Shorten this to %(max)d characters."))


def check_articles(_form: FlaskForm, field: TextAreaField) -> None:
    """Few, each in a line."""
    lines = articles(field.data)
    if len(lines) > MOST_ARTICLES:
        raise ValidationError(_("Name the twenty most important ones; write to us about more."))
    # A browser copies an address with escapes, of which a letter takes six signs.
    if any(len(readable(line)) > LONGEST_ARTICLE for line in lines):
        raise ValidationError(_("Write one article on each line: its link or its title."))


class AskForm(FlaskForm):
    """What somebody asks to reprint."""

    #: One for each form, so that it asks once however often it is sent.
    request_key = HiddenField()
    #: When it was handed out: `shield.stamps`.
    stamp = HiddenField()
    #: While the shield is up: what the browser is to work out, and what it found.
    proof_task = HiddenField()
    proof = HiddenField()
    name = StringField(
        _l("Your name"),
        filters=[_line],
        validators=[
            DataRequired(_l("Write your name, so that we know whom we answer.")),
            _no_longer(LONGEST_NAME),
        ],
    )
    organisation = StringField(
        _l("Organisation"), filters=[_line], validators=[_no_longer(LONGEST_ORGANISATION)]
    )
    email = EmailField(
        _l("E-mail"),
        filters=[_line],
        validators=[
            DataRequired(_l("Type your e-mail address; our answer goes there.")),
            Length(max=254, message=_l("This address is too long to be one.")),
            Email(
                _l("Check the address; it should look like name@example.org."),
                allow_smtputf8=False,
            ),
        ],
    )
    place = StringField(
        _l("Where will it appear?"),
        filters=[_line],
        validators=[
            DataRequired(_l("Write where it will appear: a site, a newspaper, a book.")),
            _no_longer(LONGEST_PLACE),
        ],
    )
    articles = TextAreaField(
        _l("Which articles?"),
        filters=[_one_each],
        validators=[
            DataRequired(_l("Name at least one article, by its link or its title.")),
            check_articles,
        ],
    )
    purpose = TextAreaField(
        _l("What for?"),
        filters=[_text],
        validators=[
            DataRequired(_l("Write in a sentence or two what you want to use it for.")),
            _no_longer(LONGEST_PURPOSE),
        ],
    )
    language = RadioField(
        _l("Answer me in"), choices=[SelectChoice(*one) for one in LANGUAGES.items()]
    )
    #: People never see this field; robots fill it in.
    website = StringField(_l("Leave this field empty"))

    @property
    def key(self) -> uuid.UUID | None:
        """The form's own key; None where it is not one."""
        try:
            return uuid.UUID(self.request_key.data or "")
        except ValueError:
            return None

    def validate_email(self, field: EmailField) -> None:
        """Refuse an address that lasts minutes; no answer would reach it."""
        if field.data and is_disposable(field.data):
            raise ValidationError(
                _("Mail to this address is kept for minutes only. Use one that you keep, please.")
            )

    def validate_website(self, field: StringField) -> None:
        """Refuse who fills in what people do not see."""
        if field.data:
            raise ValidationError(_("Leave this field empty; it is a trap for robots."))


class GrantForm(FlaskForm):
    """The terms of a permission."""

    holder = StringField(
        _l("Permitted to"),
        filters=[_line],
        validators=[
            DataRequired(_l("Write who may reprint it; everybody with the number reads it.")),
            _no_longer(LONGEST_PLACE),
        ],
    )
    place = StringField(
        _l("Where it may appear"),
        filters=[_line],
        validators=[
            DataRequired(_l("Write where it may appear.")),
            _no_longer(LONGEST_PLACE),
        ],
    )
    articles = TextAreaField(
        _l("Articles"),
        filters=[_one_each],
        validators=[
            DataRequired(_l("Name at least one article, by its link or its title.")),
            check_articles,
        ],
    )
    valid_until = DateField(_l("Valid until"), validators=[Optional()])
    credit_line = StringField(
        _l("What is to stand beside the text"),
        filters=[_line],
        validators=[
            DataRequired(_l("Write how we are to be named.")),
            _no_longer(LONGEST_CREDIT),
        ],
    )
    changes_allowed = BooleanField(_l("The text may be shortened or changed"))
    conditions = TextAreaField(
        _l("Further terms"), filters=[_text], validators=[_no_longer(LONGEST_TEXT)]
    )

    def __init__(self, today: date, **defaults: object) -> None:
        super().__init__(data=defaults)
        self._today = today

    def validate_valid_until(self, field: DateField) -> None:
        """It is not over before it begins."""
        if field.data is not None and field.data < self._today:
            raise ValidationError(_("Choose a day from today on, or none for no end."))


class RefuseForm(FlaskForm):
    """Why a request is refused."""

    reason = TextAreaField(
        _l("Reason, for who asked to read"),
        filters=[_text],
        validators=[
            DataRequired(_l("Write the reason; it stands in the letter.")),
            _no_longer(LONGEST_TEXT),
        ],
    )


class WithdrawForm(FlaskForm):
    """Why a permission is withdrawn."""

    reason = TextAreaField(
        _l("Reason, for everybody to read"),
        filters=[_text],
        validators=[
            DataRequired(_l("Write the reason; everybody reads it.")),
            _no_longer(LONGEST_TEXT),
        ],
    )
