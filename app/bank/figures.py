"""Amounts and days as banks write them in tables. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.bank.statement import Trouble, Unreadable


class Mark(StrEnum):
    """What stands before the decimals."""

    COMMA = "comma"
    POINT = "point"

    @property
    def sign(self) -> str:
        """The sign itself."""
        return "," if self is Mark.COMMA else "."

    @property
    def other(self) -> "Mark":
        """The one that then groups the thousands."""
        return Mark.POINT if self is Mark.COMMA else Mark.COMMA


class Order(StrEnum):
    """In which order a day is written. A year of four digits in front is read as such anyway."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


#: No amount has more digits and marks.
LONGEST = 24
#: Minus signs, as typesetters and spreadsheets write them.
MINUS = str.maketrans(dict.fromkeys("\u2212\u2012\u2013", "-"))
#: What groups thousands beside the two marks: blanks of any width, apostrophes.
GROUPING = re.compile(r"[\s'\u2019]")
#: A currency before or after the figure: "EUR", "€", "zł", "грн."; letters and signs, no digit.
CURRENCY = re.compile(
    r"^[^\W\d_]{1,3}\.?(?=[+\-(\d])|^[$€£¥₴]|(?<=[\d)\-])[^\W\d_]{1,4}\.?$|[$€£¥₴]$"
)
DAY = re.compile(r"(\d{1,4})[./\-](\d{1,2})[./\-](\d{1,4})(?=$|[\sT,])", re.ASCII)
COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})$", re.ASCII)


def amount(text: str, mark: Mark) -> Decimal:
    """Read a figure with its sign ("1 234,50", "-12.00 EUR", "(5,00)"). Raises `Unreadable`."""
    figure = GROUPING.sub("", unicodedata.normalize("NFKC", text).translate(MINUS))
    figure = CURRENCY.sub("", CURRENCY.sub("", figure, count=1), count=1)
    minus, figure = _signed(figure)
    group = re.escape(mark.other.sign)
    shape = rf"(\d+|\d{{1,3}}(?:{group}\d{{3}})+)(?:{re.escape(mark.sign)}(\d+))?"
    found = re.fullmatch(shape, figure[:LONGEST], re.ASCII)
    if found is None or len(figure) > LONGEST:
        raise Unreadable(Trouble.AMOUNT, text)
    whole = found[1].replace(mark.other.sign, "")
    value = Decimal(f"{whole}.{found[2] or '0'}")
    return -value if minus else value


def _signed(figure: str) -> tuple[bool, str]:
    """Part a figure from its sign, in front, behind, or as brackets."""
    if figure.startswith("(") and figure.endswith(")"):
        return True, figure[1:-1]
    if figure[:1] in ("-", "+"):
        return figure[0] == "-", figure[1:]
    if figure[-1:] in ("-", "+"):
        return figure[-1] == "-", figure[:-1]
    return False, figure


def guess_mark(texts: Iterable[str]) -> Mark:
    """Return what stands before the decimals in a column of figures.

    "1,234" alone says nothing; where a whole column says no more, three digits are thousands.
    """
    votes: Counter[Mark] = Counter()
    leaning: Counter[Mark] = Counter()
    for text in texts:
        figure = re.sub(r"[^\d.,]", "", text).strip(".,")
        marks = [letter for letter in figure if letter in ".,"]
        if not marks:
            continue
        last = Mark.COMMA if marks[-1] == "," else Mark.POINT
        decimals = len(figure) - figure.rindex(marks[-1]) - 1
        if len(set(marks)) == 2 or (len(marks) == 1 and decimals != 3):
            votes[last] += 1
        elif len(marks) > 1:
            votes[last.other] += 1
        else:
            leaning[last.other] += 1
    best = (votes or leaning or Counter({Mark.POINT: 1})).most_common(1)
    return best[0][0]


def day(text: str, order: Order) -> date:
    """Read a day, whatever time stands behind it. Raises `Unreadable`."""
    found = DAY.match(text.strip()) or COMPACT_DAY.match(text.strip())
    if found is None:
        raise Unreadable(Trouble.DAY, text)
    first, second, third = found.groups()
    if len(first) == 4:
        year, month, day_ = first, second, third
    elif order is Order.MONTH_FIRST:
        month, day_, year = first, second, third
    else:
        day_, month, year = first, second, third
    if len(year) not in (2, 4):
        raise Unreadable(Trouble.DAY, text)
    try:
        return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day_))
    except ValueError:
        raise Unreadable(Trouble.DAY, text) from None


def guess_order(texts: Iterable[str]) -> Order:
    """Return in which order a column writes its days; the day first where nothing tells."""
    for text in texts:
        found = DAY.match(text.strip())
        if found and len(found[1]) <= 2 and int(found[2]) > 12:
            return Order.MONTH_FIRST
        if found and len(found[1]) <= 2 and int(found[1]) > 12:
            return Order.DAY_FIRST
    return Order.DAY_FIRST
