"""Money: a whole number of minor units and a currency, never a float.

The number of minor units in a major one follows ISO 4217 as Stripe applies it
(https://docs.stripe.com/currencies): two decimals, except for the currencies in `ZERO_DECIMAL`.
"""

from dataclasses import dataclass
from decimal import Decimal

#: Currencies whose smallest unit is the unit itself.
ZERO_DECIMAL = frozenset(
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA"]
    + ["PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]
)
#: No amount anybody gives has more digits.
LONGEST = 20


class CurrencyMismatch(ValueError):
    """Two amounts in different currencies were about to be added or compared."""


class NotAnAmount(ValueError):
    """A text does not name an amount of money in the given currency."""


def exponent(currency: str) -> int:
    """Number of decimal places of `currency`, an upper-case ISO 4217 code."""
    return 0 if currency in ZERO_DECIMAL else 2


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents, kopiykas, yen) and its upper-case ISO 4217 currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError(f"minor units are whole numbers, not {self.minor!r}")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError(f"not an upper-case ISO 4217 code: {self.currency!r}")

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def __le__(self, other: "Money") -> bool:
        self._same_currency(other)
        return self.minor <= other.minor

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} are never added")


def parse(text: str, currency: str) -> Money:
    """Read what a person typed ("5", "5.50", "7,5", "1 000") as money.

    A comma or a point separates decimals; blanks separate thousands. Raises `NotAnAmount`
    for anything else, for more decimals than the currency has, and for what is not positive.
    """
    whole, _, decimals = "".join(text.split()).replace(",", ".").partition(".")
    digits, places = whole + decimals, exponent(currency)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > LONGEST:
        raise NotAnAmount(text)
    # "5,000" is five thousand to some and five to others: nobody is to give the other amount.
    if len(decimals) > places:
        raise NotAnAmount(text)
    minor = int(whole + decimals.ljust(places, "0"))
    if not 0 < minor < 10**12:
        raise NotAnAmount(text)
    return Money(minor, currency)
