"""The forms of signing in and of one's own account."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Regexp

from config.newsroom import LANGUAGES


def _one_line(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


def _digits(text: str | None) -> str | None:
    """A code without the blanks and hyphens that letters and apps put into it."""
    return "".join(text.replace("-", "").split()) if text else text


class SignInForm(FlaskForm):
    """Where the letter goes."""

    email = EmailField(
        _l("E-mail"),
        filters=[_one_line],
        validators=[
            DataRequired(_l("Type your e-mail address; the letter goes there.")),
            Length(max=254, message=_l("This address is too long to be one.")),
            Email(
                _l("Check the address; it should look like name@example.org."),
                allow_smtputf8=False,
            ),
        ],
    )


class CodeForm(FlaskForm):
    """Six digits, from a letter or an app."""

    code = StringField(
        _l("Code"),
        filters=[_digits],
        validators=[
            DataRequired(_l("Type the six digits.")),
            Regexp(r"^[0-9]{6}$", message=_l("The code has six digits and nothing else.")),
        ],
    )


class SecondFactorForm(FlaskForm):
    """Six digits from an app, or a recovery code."""

    code = StringField(
        _l("Code"),
        filters=[_one_line],
        validators=[
            DataRequired(_l("Type the six digits, or a recovery code.")),
            Length(max=40, message=_l("This is neither six digits nor a recovery code.")),
        ],
    )


class AccountForm(FlaskForm):
    """What a person decides about the own account."""

    name = StringField(
        _l("Your name"),
        filters=[_one_line],
        validators=[
            DataRequired(_l("Type your name; it stands on your receipts.")),
            Length(max=120, message=_l("Shorten your name to 120 characters.")),
        ],
    )
    locale = SelectField(
        _l("Language of pages and letters"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        validators=[DataRequired(_l("Choose a language."))],
    )
    listed = RadioField(
        _l("In public"),
        choices=[
            SelectChoice("anonymous", _l("I stay anonymous")),
            SelectChoice("listed", _l("My name is on the list of patrons")),
        ],
        validators=[DataRequired(_l("Choose whether you are named."))],
    )
    receipt_letters = RadioField(
        _l("Receipts by e-mail"),
        choices=[
            SelectChoice("each", _l("A letter for each gift")),
            SelectChoice("yearly", _l("One letter a year, in January, with all gifts of the year")),
        ],
        validators=[DataRequired(_l("Choose which letters you want."))],
    )
    monday_letter = BooleanField(_l("Send me the week's figures on Monday morning"))
