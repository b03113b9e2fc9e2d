"""The forms of rounds and ballots."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from app.clock import utcnow
from app.voting.fields import (
    AT_ONCE,
    NumberField,
    hours_field,
    number,
    numbered,
    publish_after,
    publish_choices,
    published_when,
    stripped,
)
from app.voting.models import Receipts, RollRule, Round
from app.voting.moments import MomentField
from app.voting.rounds import LEAST_TOPICS, RoundDraft, TopicDraft
from app.voting.tally import Method, TieRule

#: Rows for topics on an empty form.
ROWS = 4
MOST_TOPICS = 20
MOST_SEATS = 10


class TopicForm(Form):
    """One topic of a draft."""

    title = StringField(
        _l("Topic"),
        filters=[stripped],
        validators=[Length(max=200, message=_l("Keep the topic under 200 characters."))],
    )
    summary = TextAreaField(
        _l("What it is about"),
        filters=[stripped],
        validators=[Length(max=1000, message=_l("Keep this under 1,000 characters."))],
    )
    credit = StringField(
        _l("Credit"),
        filters=[stripped],
        validators=[Length(max=200, message=_l("Keep the credit under 200 characters."))],
    )
    #: Its number in the draft as it was saved, and the patrons' proposal it goes back to.
    kept = HiddenField(filters=[numbered])
    proposal = HiddenField(filters=[numbered])

    def validate_title(self, field: StringField) -> None:
        """A summary needs its topic; a row left empty is passed over."""
        if self.summary.data and not field.data:
            raise ValidationError(_("Name the topic, or empty what it is about."))


class RoundForm(FlaskForm):
    """A draft of a round."""

    title = StringField(
        _l("Question"),
        filters=[stripped],
        validators=[
            DataRequired(message=_l("Write the question patrons answer.")),
            Length(max=200, message=_l("Keep the question under 200 characters.")),
        ],
    )
    intro = TextAreaField(
        _l("Introduction"),
        filters=[stripped],
        validators=[Length(max=2000, message=_l("Keep the introduction under 2,000 characters."))],
    )
    topics = FieldList(FormField(TopicForm), min_entries=ROWS, max_entries=MOST_TOPICS)
    max_choices = NumberField(
        _l("Ticks on one ballot"),
        default=3,
        validators=[
            InputRequired(message=_l("Write how many topics one patron may tick.")),
            NumberRange(1, MOST_TOPICS, message=_l("Write a number from 1 to 20.")),
        ],
    )
    seats = NumberField(
        _l("Topics you take up"),
        default=1,
        validators=[
            InputRequired(message=_l("Write how many topics you promise to take up.")),
            NumberRange(1, MOST_SEATS, message=_l("Write a number from 1 to 10.")),
        ],
    )
    method = RadioField(
        _l("How ballots are counted"),
        default=Method.MOST_WANTED.value,
        choices=[
            SelectChoice(
                Method.MOST_WANTED.value, _l("Most wanted: the topics with the most ticks win")
            ),
            SelectChoice(
                Method.SHARE_THE_WINS.value,
                _l("Share the wins: who has seen one topic win counts less for the next"),
            ),
        ],
        validators=[InputRequired(message=_l("Choose how ballots are counted."))],
    )
    tie_rule = RadioField(
        _l("When topics are level"),
        default=TieRule.LOT.value,
        choices=[
            SelectChoice(
                TieRule.LOT.value, _l("A lot decides, which anybody can check afterwards")
            ),
            SelectChoice(TieRule.INCLUDE_ALL.value, _l("You take up all of them")),
            SelectChoice(TieRule.STAFF_DECIDES.value, _l("You choose between them and say why")),
        ],
        validators=[InputRequired(message=_l("Choose what happens when topics are level."))],
    )
    roll_rule = RadioField(
        _l("Who may vote"),
        default=RollRule.PATRON_WHEN_CASTING.value,
        choices=[
            SelectChoice(RollRule.PATRON_WHEN_CASTING.value, _l("Every patron, new ones at once")),
            SelectChoice(
                RollRule.PATRON_BEFORE_OPENING.value, _l("Who was a patron before it opened")
            ),
        ],
        validators=[InputRequired(message=_l("Choose who may vote."))],
    )
    receipts = RadioField(
        _l("What is published of ballots"),
        default=Receipts.WITH_CHOICES.value,
        choices=[
            SelectChoice(
                Receipts.WITH_CHOICES.value,
                _l("Each ballot beside its code: who has the code can show how it was cast"),
            ),
            SelectChoice(
                Receipts.INCLUSION_ONLY.value,
                _l("Codes in one list, ballots in another: for topics that are delicate"),
            ),
        ],
        validators=[InputRequired(message=_l("Choose what is published of ballots."))],
    )
    publish = RadioField(
        _l("When the result is published"),
        default=AT_ONCE,
        choices=publish_choices(),
        validators=[InputRequired(message=_l("Choose when the result is published."))],
    )
    publish_hours = hours_field()
    quorum = NumberField(
        _l("Least number of ballots"),
        validators=[Optional(), NumberRange(1, 10_000_000, message=_l("Write a number above 0."))],
    )
    opens_at = MomentField(_l("Opens"))
    closes_at = MomentField(_l("Closes"))

    def drafts(self) -> tuple[TopicDraft, ...]:
        """Return the topics that were named."""
        rows = (entry.form for entry in self.topics)
        return tuple(
            TopicDraft(
                row.title.data,
                row.summary.data,
                credit=row.credit.data,
                proposal_id=row.proposal.data,
                kept=row.kept.data,
            )
            for row in rows
            if row.title.data
        )

    def validate_topics(self, field: FieldList) -> None:
        """A vote needs a choice, and every row must be right."""
        if any(entry.errors for entry in field):
            raise ValidationError(_("Correct the topics marked below."))
        if len(self.drafts()) < LEAST_TOPICS:
            raise ValidationError(_("Name at least two topics."))

    def validate_max_choices(self, field: NumberField) -> None:
        """Nobody can tick more topics than there are."""
        offered = len(self.drafts())
        if offered >= LEAST_TOPICS and field.data and field.data > offered:
            raise ValidationError(_("There are fewer topics than that."))

    def validate_seats(self, field: NumberField) -> None:
        """If all topics won, there would be nothing to vote on."""
        offered = len(self.drafts())
        if offered >= LEAST_TOPICS and field.data and field.data >= offered:
            raise ValidationError(
                _("Take up fewer topics than you offer, or the vote decides nothing.")
            )

    def validate_closes_at(self, field: MomentField) -> None:
        """It closes, later than now and than it opens."""
        if field.process_errors:
            return
        if field.data is None:
            raise ValidationError(_("Choose when the round closes."))
        if field.data <= utcnow():
            raise ValidationError(_("This time has passed. Choose a later one."))
        if self.opens_at.data and field.data <= self.opens_at.data:
            raise ValidationError(_("The round must close after it opens."))

    def draft(self) -> RoundDraft:
        """Return what was typed, once it is valid."""
        assert self.closes_at.data is not None, "validated"
        return RoundDraft(
            title=self.title.data,
            intro=self.intro.data,
            topics=self.drafts(),
            opens_at=self.opens_at.data,
            closes_at=self.closes_at.data,
            max_choices=self.max_choices.data,
            seats=self.seats.data,
            method=Method(self.method.data),
            tie_rule=TieRule(self.tie_rule.data),
            quorum=self.quorum.data,
            roll_rule=RollRule(self.roll_rule.data),
            receipts=Receipts(self.receipts.data),
            publish_after_hours=publish_after(self.publish.data, self.publish_hours.data),
        )


def typed_from(round_: Round) -> Mapping[str, Any]:
    """Return what the form of a draft begins with."""
    names = ("title", "intro", "max_choices", "seats", "method", "tie_rule", "roll_rule", "quorum")
    kept = {name: getattr(round_, name) for name in (*names, "opens_at", "closes_at", "receipts")}
    topics = [
        {
            "title": topic.title,
            "summary": topic.summary,
            "credit": topic.credit,
            "kept": topic.number,
            "proposal": topic.proposal_id,
        }
        for topic in round_.topics
    ]
    return kept | published_when(round_.publish_after_hours) | {"topics": topics}


class ReasonForm(FlaskForm):
    """A reason that everybody may read."""

    reason = TextAreaField(
        _l("Reason, for everybody to read"),
        filters=[stripped],
        validators=[
            DataRequired(message=_l("Write the reason; readers will see it.")),
            Length(max=1000, message=_l("Keep the reason under 1,000 characters.")),
        ],
    )


class DecisionForm(ReasonForm):
    """Which of level topics the newsroom takes up."""

    numbers = SelectMultipleField(_l("Topics"), coerce=number, validate_choice=False)


class BallotForm(FlaskForm):
    """One ballot: topic numbers, and the version of the ballot that the page has shown."""

    choices = SelectMultipleField(_l("Topics"), coerce=number, validate_choice=False)
    none = BooleanField(_l("None of these"))
    version = HiddenField(filters=[lambda value: max(number(value or 0), 0)])
