"""The form in which a reader tells of a mistake, on an article's page or here."""

import uuid

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError

from app import sites
from app.corrections import articles
from app.corrections.articles import Article
from app.corrections.passages import Passage
from app.corrections.rules import (
    LONGEST_COMMENT,
    LONGEST_CONTEXT,
    LONGEST_PASSAGE,
    LONGEST_TITLE,
    has_link,
)
from app.current import newsroom


def _shown(value: str | None) -> str:
    """Leave out what no page shows, such as what steers a terminal."""
    return "".join(sign for sign in value or "" if sign.isprintable() or sign.isspace())


def one_line(value: str | None) -> str:
    """Write a text in one line."""
    return " ".join(_shown(value).split())


def lines(value: str | None) -> str:
    """Keep paragraphs, and of several empty lines one."""
    found = [" ".join(line.split()) for line in _shown(value).strip().splitlines()]
    return "\n".join(line for i, line in enumerate(found) if line or found[i - 1])


def _around(value: str | None) -> str:
    """Keep the spaces at the ends of what stands around a passage: they part words."""
    return " ".join(_shown(value).replace("\n", " ").split(" "))


class ArticleField(StringField):
    """The address of an article of the newsroom's own sites; `article` once it is valid."""

    article: Article | None = None

    def pre_validate(self, _form: FlaskForm) -> None:
        """Read the address. Raises `ValidationError`."""
        self.article = articles.read(self.data or "")
        if self.article is None or not sites.is_ours(self.article.url):
            raise ValidationError(
                _(
                    "Copy the article's address from the browser, such as %(example)s/article.",
                    example=newsroom().website,
                )
            )


class CorrectionForm(FlaskForm):
    """What is wrong, and where."""

    #: One for each form, so that it is taken once however often it is sent.
    request_key = HiddenField()
    #: When it was handed out: `shield.stamps`.
    stamp = HiddenField()
    #: While the shield is up: what the browser is to work out, and what it found.
    proof_task = HiddenField()
    proof = HiddenField()
    article = ArticleField(_l("The article"), filters=[one_line])
    quote = TextAreaField(
        _l("The words that are wrong"),
        filters=[one_line],
        validators=[
            DataRequired(_l("Copy the words that are wrong, so that we find them.")),
            Length(max=LONGEST_PASSAGE, message=_l("Shorten this to %(max)d characters.")),
        ],
    )
    comment = TextAreaField(
        _l("What is wrong?"),
        filters=[lines],
        validators=[Length(max=LONGEST_COMMENT, message=_l("Shorten this to %(max)d characters."))],
    )
    email = EmailField(
        _l("E-mail"),
        filters=[one_line],
        validators=[
            Optional(),
            Length(max=254, message=_l("This address is too long to be one.")),
            Email(
                _l("Check the address; it should look like name@example.org."),
                # Many mail servers take no other letters before the @.
                allow_smtputf8=False,
            ),
        ],
    )
    #: People never see this field; robots fill it in.
    website = StringField(_l("Leave this field empty"))

    def validate_comment(self, field: TextAreaField) -> None:
        """Without addresses: what is sent to sell something lives by them."""
        if has_link(field.data or ""):
            raise ValidationError(
                _("Leave links out, please; name what they lead to in words instead.")
            )

    def validate_website(self, field: StringField) -> None:
        """Refuse who fills in what people do not see."""
        if field.data:
            raise ValidationError(_("Leave this field empty; it is a trap for robots."))

    @property
    def key(self) -> uuid.UUID:
        """Return the form's own id; a fresh one where it came without."""
        try:
            return uuid.UUID(self.request_key.data or "")
        except ValueError:
            return uuid.uuid4()

    @property
    def passage(self) -> Passage:
        """Return what was typed as the passage."""
        return Passage(self.quote.data)


class SentForm(CorrectionForm):
    """The same as an article's own page sends it, with what stands around the passage."""

    class Meta:
        """No page of ours handed it out, so it carries no token: whose page it was is checked."""

        csrf = False

    title = StringField(filters=[one_line, lambda value: value[:LONGEST_TITLE]])
    prefix = StringField(filters=[_around, lambda value: value[-LONGEST_CONTEXT:]])
    suffix = StringField(filters=[_around, lambda value: value[:LONGEST_CONTEXT]])

    @property
    def passage(self) -> Passage:
        """Return what was highlighted."""
        return Passage(self.quote.data, self.prefix.data, self.suffix.data)
