"""The forms of wishes: other terms, a pause, leaving."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.giving.gift import forms
from app.giving.models import Pledge
from app.giving.rules import (
    CURRENCIES,
    AmountOutOfRange,
    Interval,
    check_amount,
    whole_units,
)
from app.giving.wishes import changes, cycles, wish_words
from app.localisation import format_day, format_money
from app.money import Money, NotAnAmount, parse

LONGEST_COMMENT = 2000


def typed(amount: Money) -> str:
    """Return an amount as a person would type it: "5", "7.50"."""
    major = amount.major
    return str(int(major)) if major == int(major) else str(major)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Terms a patron has chosen. `amount` is the whole that is paid."""

    amount: Money
    interval: Interval
    cover_minor: int
    #: The amount without the cover, as it is typed: "7.50".
    typed: str

    @property
    def cover(self) -> Money:
        """What of the amount covers the fee."""
        return Money(self.cover_minor, self.amount.currency)


class ChangeForm(FlaskForm):
    """Another amount, another period. `wanted` holds them once the form is valid."""

    interval = HiddenField()
    amount = RadioField(
        _l("Amount"),
        validate_choice=False,
        validators=[DataRequired(_l("Choose an amount."))],
    )
    other_amount = StringField(_l("Your amount"))
    cover = BooleanField(_l("Cover the card fee"))

    wanted: Wanted | None = None
    _currency = ""

    def offer(self, pledge: Pledge, interval: Interval) -> None:
        """Settle the period and the amounts on the cards before the form is read or shown."""
        self._currency, self.interval.data = pledge.currency, interval.value
        minors = set(CURRENCIES[pledge.currency].suggested(interval))
        now_minor = pledge.amount_minor - pledge.cover_minor
        if interval == pledge.interval:
            minors.add(now_minor)
        self.amount.choices = [
            *(SelectChoice(self._typed(minor), self._words(minor)) for minor in sorted(minors)),
            SelectChoice(forms.OTHER, _("Other")),
        ]
        if not self.is_submitted():
            if interval == pledge.interval and not self.amount.data:
                self.amount.data = self._typed(now_minor)
            if not self.amount.data:
                self.amount.data = self.amount.choices[0].value
            self.cover.data = self.cover.data or pledge.cover_minor > 0

    def example(self, pledge: Pledge) -> Money:
        """Return the amount to show the fee of: the chosen card's, else what is given now."""
        try:
            return parse(self.amount.data or "", self._currency)
        except NotAnAmount:
            return Money(pledge.amount_minor - pledge.cover_minor, self._currency)

    def validate_amount(self, field: RadioField) -> None:
        """Read the chosen card."""
        if field.data != forms.OTHER:
            self._take(field.data)

    def validate_other_amount(self, field: StringField) -> None:
        """Read the typed amount where that card was chosen."""
        if self.amount.data == forms.OTHER:
            self._take(field.data or "")

    def _take(self, text: str) -> None:
        currency = self._currency
        try:
            money = parse(text, currency)
            check_amount(money)
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
        amount, cover_minor = changes.with_cover(money, covers=bool(self.cover.data))
        interval = Interval(self.interval.data)
        self.wanted = Wanted(amount, interval, cover_minor, self._typed(money.minor))

    def _typed(self, minor: int) -> str:
        return typed(Money(minor, self._currency))

    def _words(self, minor: int) -> str:
        return format_money(Money(minor, self._currency))


class PauseForm(FlaskForm):
    """How long no money is to be taken."""

    months = RadioField(
        _l("For how long"),
        coerce=int,
        validators=[DataRequired(_l("Choose how long the pause lasts."))],
    )

    def offer(self, pledge: Pledge) -> None:
        """Write beside each pause when money is taken again."""
        self.months.choices = [
            SelectChoice(number, wish_words.pause(pledge, number)) for number in cycles.PAUSES
        ]
        if not self.is_submitted() and self.months.data is None:
            self.months.data = cycles.PAUSES[0]


class LeaveForm(FlaskForm):
    """Why and when to leave; nothing of it need be said."""

    reason = RadioField(_l("Why are you leaving?"), validators=[Optional()])
    comment = TextAreaField(
        _l("Anything you want to tell us"),
        validators=[
            Optional(),
            Length(max=LONGEST_COMMENT, message=_l("Shorten this to 2,000 characters.")),
        ],
    )
    when = RadioField(_l("When"), validators=[Optional()])

    def offer(self, pledge: Pledge, *, at_once: bool) -> None:
        """Settle the reasons and the days; `at_once` where there is no paid time to end with."""
        self.reason.choices = [SelectChoice(key.value, said) for key, said in wish_words.reasons()]
        days = [SelectChoice("now", _("Today"))]
        if not at_once and pledge.paid_until is not None:
            day = format_day(pledge.paid_until)
            days.insert(0, SelectChoice("end", _("On %(day)s, when what you paid ends", day=day)))
        self.when.choices = days
        self.when.data = self.when.data or days[0].value
