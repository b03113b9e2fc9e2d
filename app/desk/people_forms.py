"""The forms of the pages about one person."""

import uuid

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
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

from app.desk import wish_lines
from app.giving.models import Pledge
from app.giving.reversals import reversal_words
from app.giving.rules import (
    AmountOutOfRange,
    Interval,
    LeaveReason,
    RefundReason,
    check_amount,
    whole_units,
)
from app.giving.wishes import changes
from app.giving.wishes.wish_forms import typed
from app.localisation import format_day, format_money
from app.money import Money, NotAnAmount, parse
from config.newsroom import LANGUAGES

#: The reasons that a member of staff may give for a refund.
REASONS = (
    RefundReason.ASKED_FOR,
    RefundReason.DUPLICATE,
    RefundReason.MISTAKE,
    RefundReason.FRAUD,
)


def _plain(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


def _amount(text: str | None, currency: str) -> Money:
    """Read a typed amount; tells beside the field where it is none."""
    try:
        return parse(text or "", currency)
    except NotAnAmount:
        example = "1500" if whole_units(currency) else "7.50"
        raise ValidationError(
            _("Type an amount as a number, such as %(example)s.", example=example)
        ) from None


class NoteForm(FlaskForm):
    """A note about a person."""

    text = TextAreaField(
        _l("Note"),
        filters=[lambda text: text.strip() if text else text],
        validators=[
            DataRequired(_l("Write what you want to remember.")),
            Length(max=2000, message=_l("Shorten this to 2,000 characters.")),
        ],
    )


class CorrectionForm(FlaskForm):
    """Name, address and language of a person, as staff correct them."""

    name = StringField(
        _l("Name"),
        filters=[_plain],
        validators=[
            DataRequired(_l("Type the name; it stands on receipts.")),
            Length(max=120, message=_l("Shorten the name to 120 characters.")),
        ],
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
        _l("Language of pages and letters"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )


class RefundForm(FlaskForm):
    """What goes back of a gift, and why. `money` holds the amount once the form is valid."""

    amount = StringField(
        _l("Amount"), filters=[_plain], validators=[DataRequired(_l("Type the amount."))]
    )
    reason = RadioField(_l("Why"), validators=[DataRequired(_l("Choose why it goes back."))])
    note = TextAreaField(
        _l("A few words to the giver"),
        validators=[Length(max=1000, message=_l("Keep this under 1,000 characters."))],
    )
    tells = BooleanField(_l("Tell the giver by letter"), default=True)
    ends_pledge = BooleanField(_l("End the pledge too"))
    #: Names the refund before it is asked for, so that a form sent twice asks once.
    refund_id = HiddenField()

    money: Money | None = None
    _left = Money(0, "EUR")

    def offer(self, left: Money) -> None:
        """Settle what may go back before the form is read or shown."""
        self._left = left
        self.reason.choices = [
            SelectChoice(one.value, reversal_words.reason_label(one)) for one in REASONS
        ]
        if not self.is_submitted():
            self.amount.data, self.refund_id.data = typed(left), str(uuid.uuid4())

    def validate_amount(self, field: StringField) -> None:
        """Something goes back, and no more than is left."""
        money = _amount(field.data, self._left.currency)
        if money.minor <= 0 or not money <= self._left:
            most = format_money(self._left)
            raise ValidationError(_("Choose an amount of up to %(most)s.", most=most))
        self.money = money

    @property
    def key(self) -> uuid.UUID:
        """The refund's id; a new one where the form brings none."""
        try:
            return uuid.UUID(self.refund_id.data or "")
        except ValueError:
            return uuid.uuid4()


class EndForm(FlaskForm):
    """When a pledge is to end, and why."""

    when = RadioField(_l("When"), validators=[DataRequired(_l("Choose when it ends."))])
    reason = SelectField(_l("Why the patron leaves"), validators=[Optional()])
    comment = TextAreaField(
        _l("What the patron said"),
        validators=[Length(max=2000, message=_l("Shorten this to 2,000 characters."))],
    )

    def offer(self, pledge: Pledge, *, at_once: bool) -> None:
        """Settle the days; `at_once` where there is no paid time to end with."""
        self.reason.choices = [
            SelectChoice("", _("Not said")),
            *(SelectChoice(key.value, said) for key, said in wish_lines.reasons()),
        ]
        days = [SelectChoice("now", _("At once; nothing that was given goes back"))]
        if not at_once and pledge.paid_until is not None:
            day = format_day(pledge.paid_until)
            days.insert(0, SelectChoice("end", _("On %(day)s, when what was paid ends", day=day)))
        self.when.choices = days
        self.when.data = self.when.data or days[0].value

    @property
    def why(self) -> LeaveReason | None:
        """The reason that was chosen; None where none was said."""
        return LeaveReason(self.reason.data) if self.reason.data else None


class TermsForm(FlaskForm):
    """Another amount, another period. `money` holds the amount once the form is valid."""

    amount = StringField(
        _l("Amount"), filters=[_plain], validators=[DataRequired(_l("Type the amount."))]
    )
    interval = RadioField(_l("How often"), validators=[DataRequired(_l("Choose how often."))])
    cover = BooleanField(_l("Cover the card fee on top"))

    #: The amount without what covers the fee.
    money: Money | None = None
    _currency = "EUR"

    def offer(self, pledge: Pledge, *, may_move: bool) -> None:
        """Settle what may be chosen before the form is read or shown."""
        self._currency = pledge.currency
        both = [
            SelectChoice(Interval.MONTH.value, _("Each month")),
            SelectChoice(Interval.YEAR.value, _("Each year")),
        ]
        self.interval.choices = [one for one in both if may_move or one.value == pledge.interval]
        if not self.is_submitted():
            net = pledge.amount_minor - pledge.cover_minor
            self.amount.data = typed(Money(net, pledge.currency))
            self.interval.data = pledge.interval
            self.cover.data = pledge.cover_minor > 0

    def validate_amount(self, field: StringField) -> None:
        """The amount is one that is taken in its currency."""
        money = _amount(field.data, self._currency)
        try:
            check_amount(money)
        except AmountOutOfRange as refused:
            raise ValidationError(
                _(
                    "Choose an amount from %(least)s to %(most)s.",
                    least=format_money(refused.least),
                    most=format_money(refused.most),
                )
            ) from None
        self.money = money

    @property
    def whole(self) -> tuple[Money, int]:
        """The whole that is paid, and what of it covers the fee; for a valid form."""
        assert self.money is not None, "the form is valid"
        return changes.with_cover(self.money, covers=bool(self.cover.data))
