"""The form of another way to support."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from app.giving.models import OtherWay
from app.giving.ways import other_ways
from app.giving.ways.other_ways import Kind, Words


def _plain(text: str | None) -> str | None:
    return " ".join(text.split()) if text else text


class WayForm(FlaskForm):
    """One way, in both languages; a language left empty shows the other."""

    kind = RadioField(
        _l("What it is"),
        choices=[
            SelectChoice(Kind.BANK.value, _l("A bank account")),
            SelectChoice(Kind.PAYPAL.value, _l("PayPal")),
            SelectChoice(Kind.CRYPTO.value, _l("Crypto")),
            SelectChoice(Kind.MAIL.value, _l("By post")),
            SelectChoice(Kind.OTHER.value, _l("Something else")),
        ],
        validators=[DataRequired(_l("Choose what it is."))],
    )
    title_en = StringField(
        _l("Title in English"),
        filters=[_plain],
        validators=[Length(max=120, message=_l("Shorten the title to 120 characters."))],
    )
    title_uk = StringField(
        _l("Title in Ukrainian"),
        filters=[_plain],
        validators=[Length(max=120, message=_l("Shorten the title to 120 characters."))],
    )
    text_en = TextAreaField(
        _l("Text in English"),
        validators=[Length(max=2000, message=_l("Keep the text under 2,000 characters."))],
    )
    text_uk = TextAreaField(
        _l("Text in Ukrainian"),
        validators=[Length(max=2000, message=_l("Keep the text under 2,000 characters."))],
    )
    details = TextAreaField(
        _l("Lines to copy"),
        validators=[Length(max=2000, message=_l("Keep the lines under 2,000 characters."))],
    )

    def validate_title_en(self, field: StringField) -> None:
        """One title is enough, in whichever language."""
        if not field.data and not self.title_uk.data:
            raise ValidationError(_("Write a title in one of the languages."))

    def validate_details(self, field: TextAreaField) -> None:
        """An IBAN with a slip in it would send a gift to nobody, or to somebody else."""
        for wrong in other_ways.slips(field.data or ""):
            raise ValidationError(
                _("The check digits of %(iban)s are wrong. Compare it again.", iban=wrong)
            )

    def show(self, way: OtherWay) -> None:
        """Fill in a way as it stands."""
        self.kind.data, self.details.data = way.kind, way.details
        self.title_en.data, self.title_uk.data = way.titles.get("en"), way.titles.get("uk")
        self.text_en.data, self.text_uk.data = way.texts.get("en"), way.texts.get("uk")

    def words(self) -> Words:
        """Return what was written; for a valid form."""
        return Words(
            Kind(self.kind.data),
            {"en": self.title_en.data or "", "uk": self.title_uk.data or ""},
            {"en": (self.text_en.data or "").strip(), "uk": (self.text_uk.data or "").strip()},
            "\n".join(line.strip() for line in (self.details.data or "").splitlines()),
        )
