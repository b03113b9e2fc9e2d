"""The forms of gifts outside Stripe and of statements."""

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional

from app.bank import words
from app.bank.columns import Column, Mapping
from app.bank.figures import Mark, Order
from app.bank.imports import Preview
from app.bank.tables import Encoding
from app.giving.books.outside import OLDEST, Gift, Giver, Source
from app.giving.rules import CURRENCIES, whole_units
from app.money import Money, NotAnAmount, parse
from config.newsroom import LANGUAGES

#: The choice of a person who has no account yet.
NEW = "new"
#: The choice of a column that a file does not have.
ABSENT = -1


def _plain(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


class GiverForm(FlaskForm):
    """Who gave: an account, or somebody new with a name and perhaps an address."""

    giver = HiddenField()
    name = StringField(
        _l("Name"),
        filters=[_plain],
        validators=[Length(max=120, message=_l("Shorten the name to 120 characters."))],
    )
    email = EmailField(
        _l("E-mail"),
        filters=[_plain],
        validators=[
            Optional(),
            Length(max=254, message=_l("This address is too long to be one.")),
            Email(
                _l("Check the address; it should look like name@example.org."),
                allow_smtputf8=False,
            ),
        ],
    )
    locale = SelectField(
        _l("Language of the receipt"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        default=next(iter(LANGUAGES)),
    )

    def validate_name(self, field: StringField) -> None:
        """Somebody new has a name; an account has its own."""
        if self.giver.data == NEW and not field.data:
            raise ValidationError(_("Type the name; it stands on the receipt."))

    def chosen(self) -> Giver:
        """Return who was chosen; for a valid form."""
        if self.giver.data != NEW:
            return Giver(int(self.giver.data))
        return Giver(None, self.name.data or "", self.email.data or "", self.locale.data)


class GiftForm(GiverForm):
    """A gift outside Stripe. `money` holds the amount once the form is valid."""

    source = RadioField(
        _l("How it came"),
        choices=[
            SelectChoice(Source.BANK.value, _l("Bank transfer")),
            SelectChoice(Source.CASH.value, _l("Cash")),
            SelectChoice(Source.OTHER.value, _l("Another way")),
        ],
        default=Source.BANK.value,
        validators=[DataRequired(_l("Choose how it came."))],
    )
    amount = StringField(
        _l("Amount"), filters=[_plain], validators=[DataRequired(_l("Type the amount."))]
    )
    currency = SelectField(
        _l("Currency"), choices=[SelectChoice(code, code) for code in CURRENCIES]
    )
    received_on = DateField(
        _l("Day it was received"),
        validators=[DataRequired(_l("Write the day as year, month, day: 2026-08-14."))],
    )
    reference = StringField(
        _l("Reference"),
        filters=[_plain],
        validators=[Length(max=140, message=_l("Shorten the reference to 140 characters."))],
    )
    note = TextAreaField(
        _l("Note for staff"),
        validators=[Length(max=1000, message=_l("Keep the note under 1,000 characters."))],
    )
    sure = BooleanField(_l("This is another gift; enter it as well"))
    #: How many entries like it stood beside that box.
    like = HiddenField()

    money: Money | None = None
    #: Today in the newsroom's zone; set before the form is validated.
    today: date = date.max

    @property
    def seen(self) -> int:
        """Return how many entries like it whoever is sure has seen."""
        said = self.like.data or ""
        return int(said) if said.isdecimal() and len(said) < 9 else 0

    def validate_amount(self, field: StringField) -> None:
        """Read the amount in its currency."""
        if self.currency.data not in CURRENCIES:
            return
        try:
            self.money = parse(field.data or "", self.currency.data)
        except NotAnAmount:
            example = "1500" if whole_units(self.currency.data) else "7.50"
            raise ValidationError(
                _("Type an amount as a number, such as %(example)s.", example=example)
            ) from None

    def validate_received_on(self, field: DateField) -> None:
        """A gift that was received was received by today."""
        if field.data and field.data > self.today:
            raise ValidationError(_("This day is in the future. Enter a gift once it is there."))
        if field.data and field.data < self.today - OLDEST:
            raise ValidationError(_("This day is more than ten years ago. Check the year."))

    def gift(self) -> Gift:
        """Return the gift; for a valid form."""
        assert self.money is not None, "the form is valid"
        return Gift(
            self.chosen(),
            Source(self.source.data),
            self.money,
            self.received_on.data,
            self.reference.data or "",
            (self.note.data or "").strip(),
        )


class ReasonForm(FlaskForm):
    """Why a gift is taken back."""

    reason = StringField(
        _l("Reason"),
        filters=[_plain],
        validators=[
            DataRequired(_l("Write why it is taken back; it stays in the ledger.")),
            Length(max=200, message=_l("Keep the reason under 200 characters.")),
        ],
    )


class UploadForm(FlaskForm):
    """A statement to upload."""

    file = FileField(
        _l("Statement"), validators=[FileRequired(_l("Choose the file you got from the bank."))]
    )


class MappingForm(FlaskForm):
    """How a table is read: which column holds what. `offer` fills in what a preview has."""

    currency = SelectField(_l("Currency where no column names one"))
    mark = SelectField(_l("Before the decimals stands"))
    order = SelectField(_l("Days are written as"))
    encoding = SelectField(_l("Letters are written in"))
    #: How the lines that stand on the page were read; taking others than those is no yes.
    seen = HiddenField()

    day = SelectField(coerce=int)
    amount = SelectField(coerce=int)
    currency_column = SelectField(coerce=int)
    payer = SelectField(coerce=int)
    account = SelectField(coerce=int)
    text = SelectField(coerce=int)
    reference = SelectField(coerce=int)
    direction = SelectField(coerce=int)
    state = SelectField(coerce=int)

    def offer(self, found: Preview) -> None:
        """Fill in the choices, and what was guessed where nothing was chosen."""
        assert found.table is not None
        assert found.mapping is not None
        headings = [
            SelectChoice(place, heading or _("(column %(number)s)", number=place + 1))
            for place, heading in enumerate(found.table.heading)
        ]
        for one in Column:
            field = self.column(one)
            field.label.text = words.column(one)
            field.choices = [SelectChoice(ABSENT, _("– not in this file –")), *headings]
            if not self.is_submitted():
                field.data = found.mapping.columns.get(one, ABSENT)
        codes = dict.fromkeys((*CURRENCIES, found.mapping.currency))
        self.currency.choices = [SelectChoice(code, code) for code in codes]
        self.mark.choices = _choices(Mark, words.mark)
        self.order.choices = _choices(Order, words.order)
        self.encoding.choices = _choices(Encoding, words.encoding)
        if not self.is_submitted():
            self.currency.data = found.mapping.currency
            self.mark.data, self.order.data = found.mapping.mark.value, found.mapping.order.value
            self.encoding.data = found.encoding.value if found.encoding else None

    def column(self, one: Column) -> SelectField:
        """Return the field of a column."""
        name = "currency_column" if one is Column.CURRENCY else one.value
        return getattr(self, name)

    def validate_day(self, field: SelectField) -> None:
        """Without a day there is no line."""
        if field.data in (None, ABSENT):
            raise ValidationError(_("Choose the column of the day."))

    def validate_amount(self, field: SelectField) -> None:
        """Without an amount there is no line."""
        if field.data in (None, ABSENT):
            raise ValidationError(_("Choose the column of the amount."))

    def said(self) -> str:
        """Write down every choice, to tell whether any was changed."""
        columns = [f"{one}={self.column(one).data}" for one in Column]
        rest = (self.currency.data, self.mark.data, self.order.data, self.encoding.data)
        return " ".join((*columns, *map(str, rest)))

    def mapping(self) -> Mapping:
        """Return how the table is to be read; for a valid form."""
        places = {one: self.column(one).data for one in Column}
        return Mapping(
            {one: place for one, place in places.items() if place not in (None, ABSENT)},
            self.currency.data,
            Mark(self.mark.data),
            Order(self.order.data),
        )


def _choices(enum: Iterable[str], say: object) -> list[SelectChoice]:
    assert callable(say)
    return [SelectChoice(str(one), say(one)) for one in enum]
