"""The forms of proposals and stories."""

from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.topics.rules import (
    LONGEST_LINK,
    LONGEST_REASON,
    LONGEST_TITLE,
    LONGEST_WHY,
    MOST_LINKS,
    SHORTEST_TITLE,
    SHORTEST_WHY,
)

NAMED, UNNAMED = "named", "unnamed"


def _one_line(value: str | None) -> str:
    return " ".join((value or "").split())


def _text(value: str | None) -> str:
    """Keep paragraphs, and of several empty lines one."""
    lines = [" ".join(line.split()) for line in (value or "").strip().splitlines()]
    kept = [line for i, line in enumerate(lines) if line or lines[i - 1]]
    return "\n".join(kept)


def is_link(text: str) -> bool:
    """Whether a text is an address on the web that shows where it leads: no user, no odd signs."""
    if len(text) > LONGEST_LINK or not text.isprintable() or set(text) & set(' \\<>"'):
        return False
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        _port = parts.port
    except (ValueError, UnicodeError):
        return False
    return parts.scheme in ("http", "https") and "." in host and "@" not in parts.netloc


class ProposalForm(FlaskForm):
    """A topic that a patron suggests."""

    title = StringField(
        _l("Topic"),
        filters=[_one_line],
        validators=[
            DataRequired(message=_l("Write the topic in one line.")),
            Length(min=SHORTEST_TITLE, message=_l("Say a little more: what is the topic about?")),
            Length(max=LONGEST_TITLE, message=_l("Keep the topic under 120 characters.")),
        ],
    )
    why = TextAreaField(
        _l("Why it matters"),
        filters=[_text],
        validators=[
            DataRequired(message=_l("Write why it matters, and to whom.")),
            Length(min=SHORTEST_WHY, message=_l("Write a sentence or two on why it matters.")),
            Length(max=LONGEST_WHY, message=_l("Keep this under 1,500 characters.")),
        ],
    )
    links = TextAreaField(_l("Links"))
    credit = RadioField(
        _l("How we name you"),
        validators=[InputRequired(message=_l("Choose how we name you."))],
    )
    #: One for each form, so that it makes one proposal however often it is sent.
    request_key = HiddenField()
    #: What resembles the title and was on the person's screen: see `similar.Found.keys`.
    seen = HiddenField(validators=[Length(max=1000)])

    def __init__(self, name: str) -> None:
        super().__init__()
        choices = [SelectChoice(UNNAMED, _("Without a name, as “a patron”"))]
        if name:
            choices.insert(0, SelectChoice(NAMED, _("By name: %(name)s", name=name)))
        self.credit.choices = choices

    @property
    def addresses(self) -> tuple[str, ...]:
        """Return the links that were typed, one on each line, each once."""
        return tuple(dict.fromkeys((self.links.data or "").split()))

    def validate_links(self, field: TextAreaField) -> None:
        """Few, and each one leads to the web."""
        field.data = "\n".join(self.addresses)
        if len(self.addresses) > MOST_LINKS:
            raise ValidationError(_("Leave the three most important links."))
        if not all(is_link(one) for one in self.addresses):
            raise ValidationError(
                _("Write each link as it stands in the browser, such as https://example.org/page.")
            )


class ReportForm(FlaskForm):
    """What is wrong with a proposal."""

    reason = TextAreaField(
        _l("What is wrong with it?"),
        filters=[_text],
        validators=[
            DataRequired(message=_l("Write what is wrong, so that we know what to look for.")),
            Length(max=LONGEST_REASON, message=_l("Keep this under 1,000 characters.")),
        ],
    )


class MoveForm(FlaskForm):
    """Where a proposal goes next; `seen` is where it stood on the page."""

    seen = HiddenField()
    reason = TextAreaField(
        _l("Reason, for everybody to read"),
        filters=[_text],
        validators=[Length(max=LONGEST_REASON, message=_l("Keep this under 1,000 characters."))],
    )


class HideForm(FlaskForm):
    """Why a proposal is hidden."""

    reason = TextAreaField(
        _l("Reason, for the author to read"),
        filters=[_text],
        validators=[
            DataRequired(message=_l("Write the reason; the author will see it.")),
            Length(max=LONGEST_REASON, message=_l("Keep this under 1,000 characters.")),
        ],
    )


class StoryForm(FlaskForm):
    """A story already published."""

    title = StringField(
        _l("Title"),
        filters=[_one_line],
        validators=[
            DataRequired(message=_l("Write the story's title.")),
            Length(max=200, message=_l("Keep the title under 200 characters.")),
        ],
    )
    url = StringField(
        _l("Address"),
        filters=[lambda value: (value or "").strip()],
        validators=[DataRequired(message=_l("Write the story's address."))],
    )
    published_on = DateField(
        _l("Published on"), validators=[DataRequired(message=_l("Choose the day."))]
    )

    def validate_url(self, field: StringField) -> None:
        """It leads to the web."""
        if not is_link(field.data):
            raise ValidationError(
                _("Write each link as it stands in the browser, such as https://example.org/page.")
            )
