"""What forms of rounds are made of: numbers, and when a result is published."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional


def stripped(value: str | None) -> str:
    """Return what was typed without blanks around it."""
    return (value or "").strip()


def number(value: object) -> int:
    """Return a number that was sent; -1, which nothing has, for anything else."""
    text = str(value)
    return int(text) if text.isdecimal() and len(text) <= len("99999") else -1


def numbered(value: object) -> int | None:
    """Return the id that was sent; None for anything else."""
    text = str(value or "")
    return int(text) if text.isdecimal() and 0 < len(text) < len(str(2**63)) else None


class NumberField(IntegerField):
    """A whole number, with words of ours for what is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed. Raises `ValueError` with words for the page."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a whole number.")) from None


#: When a result is published: at once, so many hours later, or when staff say so.
AT_ONCE, LATER, BY_HAND = "at_once", "later", "by_hand"
#: The keys that tie ballots to voters are destroyed after a week; a delay ends before.
MOST_HOURS = 144


def publish_choices() -> list[SelectChoice]:
    """Return the moments at which a result may be published."""
    return [
        SelectChoice(AT_ONCE, _l("As soon as it is counted")),
        SelectChoice(LATER, _l("Some hours after the count, so that you see it first")),
        SelectChoice(BY_HAND, _l("When you publish it")),
    ]


def hours_field() -> NumberField:
    """Return the field for the hours between count and publication."""
    return NumberField(
        _l("Hours between count and publication"),
        default=24,
        validators=[
            Optional(),
            NumberRange(1, MOST_HOURS, message=_l("Write a number from 1 to 144.")),
        ],
    )


def publish_after(moment: str, hours: int | None) -> int | None:
    """Return how many hours after the count a result is published; None: by hand."""
    return {AT_ONCE: 0, LATER: hours or 24}.get(moment)


def published_when(hours: int | None) -> dict[str, object]:
    """Return what the two fields show for a delay that is kept."""
    if hours is None:
        return {"publish": BY_HAND, "publish_hours": 24}
    return {"publish": LATER if hours else AT_ONCE, "publish_hours": hours or 24}
