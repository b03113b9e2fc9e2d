"""The form of a campaign."""

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.giving.arrivals import touches
from app.giving.arrivals.campaigns import Terms
from app.giving.models import Campaign
from app.giving.rules import CURRENCIES, whole_units
from app.money import Money, NotAnAmount, parse


class CampaignForm(FlaskForm):
    """What staff state of a campaign; a goal is optional, and no cost is none."""

    name = StringField(
        _l("Name in links"),
        validators=[
            DataRequired(_l("Write the name as it stands in links.")),
            Length(max=80, message=_l("Shorten the name to 80 characters.")),
        ],
    )
    starts_on = DateField(
        _l("First day"),
        validators=[DataRequired(_l("Write the day as year, month, day: 2026-08-14."))],
    )
    ends_on = DateField(
        _l("Last day"),
        validators=[DataRequired(_l("Write the day as year, month, day: 2026-08-14."))],
    )
    currency = SelectField(_l("Currency of goal and cost"))
    goal = StringField(_l("Goal"))
    cost = StringField(_l("Cost"))

    def offer(self, currencies: tuple[str, ...]) -> None:
        """Set the currencies that may be chosen."""
        self.currency.choices = [SelectChoice(code, code) for code in currencies]

    def show(self, campaign: Campaign) -> None:
        """Fill in a campaign as it stands."""
        self.name.data, self.currency.data = campaign.name, campaign.currency
        self.starts_on.data, self.ends_on.data = campaign.starts_on, campaign.ends_on
        self.goal.data = str(campaign.goal.major) if campaign.goal else ""
        self.cost.data = str(campaign.cost.major) if campaign.cost_minor else ""

    def validate_name(self, field: Field) -> None:
        """A name that links would not carry as it is written would never be found."""
        plain = " ".join((field.data or "").split()).lower()
        if touches.clean("campaign", plain) != plain:
            raise ValidationError(_("Write a shorter name: links carry no more of it."))
        field.data = plain

    def validate_ends_on(self, field: Field) -> None:
        """The last day is not before the first."""
        if field.data and self.starts_on.data and field.data < self.starts_on.data:
            raise ValidationError(_("The last day is before the first."))
        if field.data and not date(2000, 1, 1) <= field.data < date(2200, 1, 1):
            raise ValidationError(_("Check the year."))

    def validate_goal(self, field: Field) -> None:
        """A goal is an amount, or left empty."""
        self._amount(field)

    def validate_cost(self, field: Field) -> None:
        """A cost is an amount; nothing or zero for none."""
        self._amount(field)

    def terms(self) -> Terms:
        """Return what was stated; for a valid form."""
        return Terms(
            self.name.data,
            self.starts_on.data,
            self.ends_on.data,
            self._amount(self.goal),
            self._amount(self.cost) or Money(0, self.currency.data),
        )

    def _amount(self, field: Field) -> Money | None:
        currency, text = self.currency.data, (field.data or "").strip()
        if currency not in CURRENCIES or not text.strip("0.,"):
            return None
        try:
            return parse(text, currency)
        except NotAnAmount:
            example = "1500" if whole_units(currency) else "7.50"
            raise ValidationError(
                _("Type an amount as a number, such as %(example)s.", example=example)
            ) from None
