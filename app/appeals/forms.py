"""The forms by which staff write appeals and goals."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, Form, FormField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from app.addresses import readable
from app.appeals import rules
from app.appeals.appeals import Terms
from app.appeals.models import Appeal
from app.appeals.rules import VARIANTS
from app.giving.rules import AmountOutOfRange, Interval, check_amount
from app.localisation import format_money
from app.money import Money, NotAnAmount, parse
from app.voting.moments import MomentField
from config.newsroom import LANGUAGES

#: How many amounts are offered at most: more are a list to read and not a choice.
MOST_AMOUNTS = 4
#: How many names of articles or sections one appeal may have.
MOST_NAMES = 200


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


class WordsForm(Form):
    """One wording in one language; all empty for none."""

    headline = StringField(
        _l("Headline"),
        filters=[_plain],
        validators=[Length(max=120, message=_l("Shorten the headline to 120 characters."))],
    )
    text = TextAreaField(
        _l("Text"),
        filters=[_plain],
        validators=[Length(max=600, message=_l("Shorten the text to 600 characters."))],
    )
    button = StringField(
        _l("Words of the button"),
        filters=[_plain],
        validators=[Length(max=40, message=_l("Shorten the button to 40 characters."))],
    )

    def validate_headline(self, field: Field) -> None:
        """A wording has a headline and a text, or nothing at all."""
        if not field.data and (self.text.data or self.button.data):
            raise ValidationError(_("Write a headline too."))

    def validate_text(self, field: Field) -> None:
        """A wording has a headline and a text, or nothing at all."""
        if not field.data and (self.headline.data or self.button.data):
            raise ValidationError(_("Write a text too."))

    @property
    def words(self) -> dict[str, str] | None:
        """What is written; None where nothing is."""
        return dict(self.data) if self.headline.data else None


class _AppealForm(FlaskForm):
    """What an appeal says, to whom, and when. Wordings are `a_en`, amounts `EUR_month`."""

    name = StringField(
        _l("Name"),
        filters=[_plain],
        validators=[
            DataRequired(_l("Name the appeal, so that colleagues find it.")),
            Length(max=80, message=_l("Shorten the name to 80 characters.")),
        ],
    )
    # As they are known where readers come from; see `giving.arrivals.touches.named`.
    articles = TextAreaField(_l("Articles"), filters=[lambda value: readable(value or "")])
    sections = TextAreaField(_l("Sections"))
    from_at = MomentField(_l("From"))
    until_at = MomentField(_l("Until"))
    currencies: Sequence[str] = ()

    def validate_articles(self, field: Field) -> None:
        """Names as the site's pages have them."""
        self._names(field, 500)

    def validate_sections(self, field: Field) -> None:
        """Names as the site's pages have them."""
        self._names(field, 100)

    def validate_until_at(self, field: Field) -> None:
        """An appeal begins before it ends."""
        if field.data and self.from_at.data and field.data <= self.from_at.data:
            raise ValidationError(_("It would end before it begins."))

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Check each field, and that two wordings are written in the same languages."""
        fit = super().validate(extra_validators)
        first, second = (
            {code for code in LANGUAGES if self.wording(variant, code).words}
            for variant in VARIANTS
        )
        if not first:
            self.wording("a", next(iter(LANGUAGES))).headline.errors = [
                _("Write the appeal in one language at least.")
            ]
        for code in LANGUAGES:
            if second and code in first ^ second:
                variant = "b" if code in first else "a"
                self.wording(variant, code).headline.errors = [
                    _("Two wordings are compared, so write both in the same languages.")
                ]
                fit = False
        return fit and bool(first)

    def problems(self) -> list[tuple[str, str]]:
        """Return what is to be corrected: the id of each field and the words."""
        flat = [
            each for field in self for each in (field if field.type == "FormField" else [field])
        ]
        return [(field.id, str(error)) for field in flat for error in field.errors]

    def wording(self, variant: str, code: str) -> WordsForm:
        """Return the fields of one wording in one language."""
        found: WordsForm = self[f"{variant}_{code}"].form
        return found

    def amounts(self) -> Iterator[tuple[str, Interval, Field]]:
        """Return every field of amounts with its currency and period."""
        for currency in self.currencies:
            for period in Interval:
                yield currency, period, self[f"{currency}_{period.value}"]

    def show(self, appeal: Appeal) -> None:
        """Fill in an appeal as it stands."""
        self.name.data = appeal.name
        self.articles.data = rules.written(appeal.articles)
        self.sections.data = rules.written(appeal.sections)
        self.from_at.data, self.until_at.data = appeal.from_at, appeal.until_at
        for variant, by_language in appeal.texts.items():
            for code, words in by_language.items():
                for name, text in words.items():
                    self.wording(variant, code)[name].data = text
        for currency, period, field in self.amounts():
            minors = appeal.amounts.get(currency, {}).get(period, ())
            field.data = " ".join(rules.typed(minor, currency) for minor in minors)

    def terms(self) -> Terms:
        """Return what was stated; for a valid form."""
        texts = {
            variant: {
                code: words
                for code in LANGUAGES
                if (words := self.wording(variant, code).words) is not None
            }
            for variant in VARIANTS
        }
        amounts: dict[str, dict[str, list[int]]] = {}
        for currency, period, field in self.amounts():
            if minors := read_amounts(field.data or "", currency):
                amounts.setdefault(currency, {})[period.value] = minors
        return Terms(
            name=self.name.data,
            texts={variant: told for variant, told in texts.items() if told},
            amounts=amounts,
            articles=rules.names(self.articles.data or ""),
            sections=rules.names(self.sections.data or ""),
            from_at=self.from_at.data,
            until_at=self.until_at.data,
        )

    def _names(self, field: Field, longest: int) -> None:
        found = rules.names(field.data or "")
        if len(found) > MOST_NAMES:
            raise ValidationError(_("Name %(most)s at most.", most=MOST_NAMES))
        if any(len(name) > longest for name in found):
            raise ValidationError(_("Shorten each name to %(most)s characters.", most=longest))


def appeal_form(currencies: Sequence[str]) -> _AppealForm:
    """Return the form of an appeal, with amounts in the newsroom's currencies."""

    class AppealForm(_AppealForm):
        pass

    AppealForm.currencies = currencies
    for variant in VARIANTS:
        for code in LANGUAGES:
            setattr(AppealForm, f"{variant}_{code}", FormField(WordsForm))
    for currency in currencies:
        for period in Interval:
            field = StringField(validators=[_Amounts(currency)], filters=[_plain])
            setattr(AppealForm, f"{currency}_{period.value}", field)
    return AppealForm()


def read_amounts(text: str, currency: str) -> list[int]:
    """Read amounts with spaces or semicolons between them. Raises `NotAnAmount`."""
    return [parse(each, currency).minor for each in text.replace(";", " ").split()]


class _Amounts:
    """Amounts that are taken in a currency, or none for the usual ones."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def __call__(self, _form: Form, field: Field) -> None:
        try:
            minors = read_amounts(field.data or "", self.currency)
            for minor in minors:
                check_amount(Money(minor, self.currency))
        except NotAnAmount:
            raise ValidationError(_("Type amounts as numbers, such as 5 10 20.")) from None
        except AmountOutOfRange as refused:
            raise ValidationError(
                _(
                    "Choose an amount from %(least)s to %(most)s.",
                    least=format_money(refused.least),
                    most=format_money(refused.most),
                )
            ) from None
        if len(minors) > MOST_AMOUNTS or len(set(minors)) != len(minors):
            raise ValidationError(_("Offer up to %(most)s different amounts.", most=MOST_AMOUNTS))
