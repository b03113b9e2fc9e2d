"""The forms by which staff run a round that is planned, open, or counted."""

from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from app.voting.fields import NumberField, hours_field, publish_after, published_when
from app.voting.forms import MOST_SEATS, MOST_TOPICS, ReasonForm, RoundForm
from app.voting.models import RollRule
from app.voting.moments import MomentField
from app.voting.monthly import Plan
from app.voting.plans import RoundTemplate
from app.voting.tally import Method, TieRule

#: The newsroom's own picks are few; nothing stands for no topic in the list of winners.
NOBODY = 0


class ExtensionForm(ReasonForm):
    """A later close, and why."""

    closes_at = MomentField(_l("New close"))

    def validate_closes_at(self, field: MomentField) -> None:
        """A close is named."""
        if field.data is None and not field.process_errors:
            raise ValidationError(_("Choose when the round closes."))


class ReminderForm(FlaskForm):
    """When who has not voted is reminded."""

    at = MomentField(_l("Send the reminder"))

    def validate_at(self, field: MomentField) -> None:
        """A time is named."""
        if field.data is None and not field.process_errors:
            raise ValidationError(_("Choose when the reminder goes out."))


class PickForm(ReasonForm):
    """A topic the newsroom takes up against the order."""

    number = SelectField(_l("Topic you take up"), coerce=int)
    instead_of = SelectField(_l("In the place of"), coerce=int)


class PictureForm(FlaskForm):
    """A picture of a topic."""

    picture = FileField(_l("Picture"))
    alt = StringField(
        _l("What the picture shows"),
        filters=[lambda value: (value or "").strip()],
        validators=[
            DataRequired(message=_l("Say what the picture shows, for who does not see it.")),
            Length(max=300, message=_l("Keep this under 300 characters.")),
        ],
    )


class MonthlyForm(FlaskForm):
    """The template of the monthly round. What a round is asked, it is asked in the same words."""

    is_on = BooleanField(_l("Draft a round each month"))
    title = StringField(
        _l("Question"),
        default=_l("What shall we look into in {month}?"),
        filters=[lambda value: str(value or "").strip()],
        validators=[
            DataRequired(message=_l("Write the question patrons answer.")),
            Length(max=180, message=_l("Keep the question under 180 characters.")),
        ],
    )
    intro = TextAreaField(
        _l("Introduction"),
        filters=[lambda value: (value or "").strip()],
        validators=[Length(max=2000, message=_l("Keep the introduction under 2,000 characters."))],
    )
    opens_day = NumberField(
        _l("Opens on day"),
        default=1,
        validators=[
            InputRequired(message=_l("Write a day of the month.")),
            NumberRange(1, 28, message=_l("Write a day from 1 to 28, which every month has.")),
        ],
    )
    opens_time = TimeField(
        _l("Opens at"),
        default=time(9),
        validators=[InputRequired(message=_l("Write a time, such as 09:00."))],
    )
    days_open = NumberField(
        _l("Days it is open"),
        default=7,
        validators=[
            InputRequired(message=_l("Write how many days it is open.")),
            NumberRange(1, 28, message=_l("Write a number from 1 to 28.")),
        ],
    )
    closes_time = TimeField(
        _l("Closes at"),
        default=time(20),
        validators=[InputRequired(message=_l("Write a time, such as 20:00."))],
    )
    most_topics = NumberField(
        _l("Topics it offers at most"),
        default=6,
        validators=[
            InputRequired(message=_l("Write how many topics it offers.")),
            NumberRange(2, MOST_TOPICS, message=_l("Write a number from 2 to 20.")),
        ],
    )
    carried = NumberField(
        _l("Of them, runners-up of the last round"),
        default=2,
        validators=[
            InputRequired(message=_l("Write how many runners-up come back; 0 for none.")),
            NumberRange(0, MOST_SEATS, message=_l("Write a number from 0 to 10.")),
        ],
    )
    max_choices = RoundForm.max_choices
    seats = RoundForm.seats
    method = RoundForm.method
    tie_rule = RoundForm.tie_rule
    roll_rule = RoundForm.roll_rule
    quorum = RoundForm.quorum
    publish = RoundForm.publish
    publish_hours = hours_field()
    opens_alone = BooleanField(_l("Its rounds open by themselves, looked at or not"))

    def validate_max_choices(self, field: NumberField) -> None:
        """A ballot of more ticks than topics would keep each of its rounds from opening."""
        if field.data and self.most_topics.data and field.data > self.most_topics.data:
            raise ValidationError(_("There are fewer topics than that."))

    def validate_seats(self, field: NumberField) -> None:
        """If all topics won, there would be nothing to vote on."""
        if field.data and self.most_topics.data and field.data >= self.most_topics.data:
            raise ValidationError(
                _("Take up fewer topics than you offer, or the vote decides nothing.")
            )

    def plan(self) -> Plan:
        """Return what was typed, once it is valid."""
        return Plan(
            is_on=self.is_on.data,
            opens_day=self.opens_day.data,
            opens_time=self.opens_time.data,
            days_open=self.days_open.data,
            closes_time=self.closes_time.data,
            title=self.title.data,
            intro=self.intro.data,
            method=Method(self.method.data),
            tie_rule=TieRule(self.tie_rule.data),
            roll_rule=RollRule(self.roll_rule.data),
            max_choices=self.max_choices.data,
            seats=self.seats.data,
            quorum=self.quorum.data,
            most_topics=self.most_topics.data,
            carried=self.carried.data,
            publish_after_hours=publish_after(self.publish.data, self.publish_hours.data),
            opens_alone=self.opens_alone.data,
        )


def typed_from(template: RoundTemplate | None) -> dict[str, Any] | None:
    """Return what the template's form begins with; None for the form's own suggestions."""
    if template is None:
        return None
    kept = {name: getattr(template, name) for name in Plan.__slots__}
    return kept | published_when(kept.pop("publish_after_hours"))
