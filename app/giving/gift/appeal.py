"""What the giving page shows besides its form: the appeal, the button, the fee, the questions."""

import re

from flask_babel import gettext as _

from app.current import newsroom
from app.giving import words
from app.giving.gift.forms import GiveForm, suggestions
from app.giving.rules import FEES, Interval, fee_cover, least_taken
from app.localisation import current_locale, format_money
from app.money import exponent


def context(form: GiveForm, *, raised: bool) -> dict[str, object]:
    """Return what `giving/give.html` needs besides the form and its addresses."""
    house, locale, currency = newsroom(), current_locale(), form.currency.data
    cards = suggestions(currency)
    share, fixed = FEES[currency]
    return {
        "appeal": {
            "headline": house.appeal.headline.within(locale),
            "text": house.appeal.text.within(locale),
            "lines": [line.within(locale) for line in house.appeal.pays_for],
        },
        "button_label": _button(form),
        "cover_label": _cover(form),
        "suggestions": cards,
        "unit": re.sub(r"[\d\s.,\u00a0\u202f]", "", cards["month"][0][1]),
        "fee": {"share": share, "fixed": fixed, "places": exponent(currency)},
        "least": format_money(least_taken(currency, raised=raised)) if raised else "",
        "questions": _questions(),
    }


def _button(form: GiveForm) -> str:
    """The button's words for what is now chosen: the whole that is paid, and how often."""
    amount = form.chosen()
    if amount is None or form.interval.data not in set(Interval):
        return _("Continue to payment")
    whole = amount + fee_cover(amount) if form.cover.data else amount
    return words.give(whole, Interval(form.interval.data))


def _cover(form: GiveForm) -> str:
    amount = form.chosen() or least_taken(form.currency.data, raised=True)
    return _(
        "Add %(cover)s to cover the card fee on %(amount)s",
        cover=format_money(fee_cover(amount)),
        amount=format_money(amount),
    )


def _questions() -> list[tuple[str, str]]:
    return [
        (
            _("How do I stop or change my gift?"),
            _(
                "Open “My pledge”: you sign in with your e-mail address, and it takes two clicks. "
                "There you also change the amount or pause, and every letter leads there."
            ),
        ),
        (
            _("What is the card fee?"),
            _(
                "What Stripe keeps of each payment. If you cover it, about the whole amount you "
                "chose reaches us. It is an estimate: the fee differs a little from card to card."
            ),
        ),
        (
            _("What do I get as a patron?"),
            _(
                "A vote: each month patrons choose topics for the newsroom to cover. The "
                "reporting itself stays open to everyone."
            ),
        ),
        (
            _("Is my payment safe?"),
            _(
                "You pay on the page of Stripe, a licensed payment company. Your card number "
                "never reaches us."
            ),
        ),
    ]
