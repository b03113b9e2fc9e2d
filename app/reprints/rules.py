"""What a request to reprint may be, and how a permission is numbered. Pure."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

#: How long what was called spam is kept, should it be none.
SPAM_KEPT = timedelta(days=30)
#: How long what nobody decided about is kept; no year is longer.
UNANSWERED_KEPT = timedelta(days=366)

LONGEST_NAME = 120
LONGEST_ORGANISATION = 160
LONGEST_PLACE = 300
LONGEST_PURPOSE = 2000
LONGEST_TEXT = 2000
LONGEST_CREDIT = 300
MOST_ARTICLES = 20
LONGEST_ARTICLE = 500

#: Of the part of a number that nobody can guess: no sign is taken for another. 30 signs in eight
#: places are 39 bits.
SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_LENGTH = 8
NUMBER = re.compile(rf"RP-(\d{{4}})-(\d{{6,12}})-([{SIGNS}]{{{CHECK_LENGTH}}})")


class State(StrEnum):
    """What became of a request."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    #: No reader asked it; whoever did gets no answer.
    SPAM = "spam"


class Standing(StrEnum):
    """How a permission stands."""

    VALID = "valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Number:
    """The parts of a permission's number."""

    year: int
    serial: int
    check: str

    def __str__(self) -> str:
        return f"RP-{self.year}-{self.serial:06d}-{self.check}"


def read_number(text: str) -> Number | None:
    """Read a number as somebody typed it, in any case and with blanks; None where it is none."""
    found = NUMBER.fullmatch("".join(text.split()).upper())
    return Number(int(found[1]), int(found[2]), found[3]) if found else None


def standing(valid_until: date | None, *, withdrawn: bool, today: date) -> Standing:
    """Return how a permission stands on a day; the last day is one on which it holds."""
    if withdrawn:
        return Standing.WITHDRAWN
    if valid_until is not None and valid_until < today:
        return Standing.EXPIRED
    return Standing.VALID


def articles(text: str) -> tuple[str, ...]:
    """Return the articles that were typed, one on each line, each once."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))
