"""The form of a gift."""

import uuid

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    StringField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length

from app.giving.rules import (
    CURRENCIES,
    AmountOutOfRange,
    Interval,
    check_amount,
    fee_cover,
    whole_units,
)
from app.letters import wordings
from app.letters.categories import Category
from app.localisation import format_money
from app.money import Money, NotAnAmount, parse
from app.shield.rules import is_disposable

#: The radio that opens the field for an amount of one's own.
OTHER = "other"


def _plain(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


class GiveForm(FlaskForm):
    """A gift: how often, how much, from whom.

    Once the form is valid, `money` holds the whole that is paid and `cover_minor` what of it is
    added to cover the fee.
    """

    gift_id = HiddenField()
    #: When it was handed out: `shield.stamps`.
    stamp = HiddenField()
    #: While the shield is up: what the browser is to work out, and what it found.
    proof_task = HiddenField()
    proof = HiddenField()
    currency = HiddenField()
    interval = RadioField(
        _l("How often"),
        choices=[
            SelectChoice(Interval.MONTH.value, _l("Monthly")),
            SelectChoice(Interval.YEAR.value, _l("Yearly")),
            SelectChoice(Interval.ONCE.value, _l("Once")),
        ],
        validate_choice=False,
        validators=[DataRequired(_l("Choose how often you want to give."))],
    )
    amount = RadioField(
        _l("Amount"),
        validate_choice=False,
        validators=[DataRequired(_l("Choose an amount."))],
    )
    other_amount = StringField(_l("Your amount"), filters=[_plain])
    cover = BooleanField(_l("Cover the card fee"))
    name = StringField(
        _l("Your name"),
        filters=[_plain],
        validators=[
            DataRequired(_l("Type your name; it stands on your receipt.")),
            Length(max=120, message=_l("Shorten your name to 120 characters.")),
        ],
    )
    email = EmailField(
        _l("E-mail"),
        filters=[_plain],
        validators=[
            DataRequired(_l("Type your e-mail address; your receipt goes there.")),
            Length(max=254, message=_l("This address is too long to be one.")),
            Email(
                _l("Check the address; it should look like name@example.org."),
                # Many mail servers take no other letters before the @.
                allow_smtputf8=False,
            ),
        ],
    )
    listed = BooleanField(_l("List my name among the patrons"))
    #: Never ticked beforehand: consent is what a person does.
    votes_letters = BooleanField(wordings.text(wordings.CURRENT[Category.VOTES]))
    #: People never see this field; robots fill it in.
    website = StringField(_l("Leave this field empty"))

    money: Money | None = None
    cover_minor = 0
    _raised = False

    def offer(self, currencies: tuple[str, ...], *, raised: bool = False) -> None:
        """Settle the currency and the amounts on the cards before the form is read or shown.

        `raised` says that the shield is up, which raises the least amount.
        """
        self._raised = raised
        if self.currency.data not in currencies:
            self.currency.data = currencies[0]
        if self.interval.data not in set(Interval):
            self.interval.data = Interval.MONTH.value if not self.is_submitted() else None
        three = CURRENCIES[self.currency.data].suggested(Interval(self.interval.data or "month"))
        self.amount.choices = [
            *(SelectChoice(_typed(m, self.currency.data), self._words(m)) for m in three),
            SelectChoice(OTHER, _("Other")),
        ]
        if not self.amount.data:
            self.amount.data = None if self.is_submitted() else self.amount.choices[0].value
        elif self.amount.data not in {choice.value for choice in self.amount.choices}:
            # The amount of a card that was suggested for another period is an amount all the same.
            self.other_amount.data, self.amount.data = self.amount.data, OTHER
        if not _is_uuid(self.gift_id.data):
            self.gift_id.data = str(uuid.uuid4())

    def validate_amount(self, field: RadioField) -> None:
        """Read the chosen card."""
        if field.data != OTHER:
            self._take(field.data)

    def validate_other_amount(self, field: StringField) -> None:
        """Read the typed amount where that card was chosen."""
        if self.amount.data == OTHER:
            self._take(field.data or "")

    def validate_email(self, field: EmailField) -> None:
        """Refuse an address that lasts minutes; receipts and ballots would go nowhere."""
        if field.data and is_disposable(field.data):
            raise ValidationError(
                _("Mail to this address is kept for minutes only. Use one that you keep, please.")
            )

    def validate_website(self, field: StringField) -> None:
        """Refuse who fills in what people do not see."""
        if field.data:
            raise ValidationError(_("Leave this field empty; it is a trap for robots."))

    def _take(self, text: str) -> None:
        currency = self.currency.data
        try:
            money = parse(text, currency)
            check_amount(money, raised=self._raised)
        except NotAnAmount:
            example = "1500" if whole_units(currency) else "7.50"
            raise ValidationError(
                _("Type an amount as a number, such as %(example)s.", example=example)
            ) from None
        except AmountOutOfRange as refused:
            raise ValidationError(
                _(
                    "Choose an amount from %(least)s to %(most)s.",
                    least=format_money(refused.least),
                    most=format_money(refused.most),
                )
            ) from None
        self.cover_minor = fee_cover(money).minor if self.cover.data else 0
        self.money = money + Money(self.cover_minor, currency)

    def chosen(self) -> Money | None:
        """Return the amount that is chosen so far, without a cover; None when there is none."""
        text = self.other_amount.data if self.amount.data == OTHER else self.amount.data
        try:
            return parse(text or "", self.currency.data)
        except NotAnAmount:
            return None

    def _words(self, minor: int) -> str:
        return format_money(Money(minor, self.currency.data))


def suggestions(currency: str) -> dict[str, list[tuple[str, str]]]:
    """Return for each period the cards' values and words, in one currency."""
    return {
        interval.value: [
            (_typed(minor, currency), format_money(Money(minor, currency)))
            for minor in CURRENCIES[currency].suggested(interval)
        ]
        for interval in Interval
    }


def _typed(minor: int, currency: str) -> str:
    """An amount as a person would type it: "5", "7.50"."""
    major = Money(minor, currency).major
    return str(int(major)) if major == int(major) else str(major)


def _is_uuid(text: str | None) -> bool:
    try:
        uuid.UUID(text or "")
    except ValueError:
        return False
    return True
