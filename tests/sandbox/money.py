"""What a payment costs and what it settles to: small tables, whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

#: Currencies without minor units.
ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split()  # noqa: SIM905
)
#: Smallest charge, in minor units; about half a dollar.
_MINIMUM = {
    "usd": 50, "eur": 50, "gbp": 30, "chf": 50, "pln": 200, "czk": 1500, "sek": 300, "nok": 300,
    "dkk": 250, "jpy": 50, "huf": 17500, "ron": 200, "cad": 50, "aud": 50, "uah": 2000,
}  # fmt: skip
MAXIMUM = 99_999_999
#: Euros for one whole unit of a currency. Invented, and never changing: sums can be checked.
_RATES = {
    "eur": "1", "usd": "0.92", "gbp": "1.17", "chf": "1.05", "pln": "0.23", "czk": "0.04",
    "sek": "0.088", "nok": "0.086", "dkk": "0.134", "jpy": "0.0061", "huf": "0.0025",
    "ron": "0.2", "cad": "0.67", "aud": "0.61", "uah": "0.022",
}  # fmt: skip
SETTLEMENT = "eur"
#: What a dispute costs, won or lost, in euro cents.
DISPUTE_FEE = 1500
_SYMBOLS = {"eur": "€", "usd": "$", "gbp": "£", "uah": "₴", "jpy": "¥", "pln": "zł"}


@dataclass(frozen=True, slots=True)
class Settlement:
    """A charge as it reaches the balance, in minor units of the settlement currency."""

    amount: int
    fee: int
    net: int
    #: Settlement units for one unit charged; None when nothing was converted.
    rate: float | None


def minimum(currency: str) -> int:
    """Give the smallest amount that can be charged, in minor units."""
    return _MINIMUM.get(currency, 50)


def exponent(currency: str) -> int:
    """Give how many decimals a currency has: 2, or 0."""
    return 0 if currency in ZERO_DECIMAL else 2


def converted(amount: int, currency: str) -> int:
    """Convert an amount to euro cents."""
    cents = _rate(currency) * amount * 10 ** (2 - exponent(currency))
    return int(cents.quantize(Decimal(1), ROUND_HALF_UP))


def shown_rate(currency: str) -> float | None:
    """Give euro cents for one minor unit of a currency; None for euros."""
    if currency == SETTLEMENT:
        return None
    return float(_rate(currency) * 10 ** (2 - exponent(currency)))


def _rate(currency: str) -> Decimal:
    return Decimal(_RATES.get(currency, "1"))


def settle(amount: int, currency: str, brand: str) -> Settlement:
    """Convert to euros and take the fee.

    The fee is 1.5 % + 25 cents for euros; 3.5 % + 25 cents for other currencies, the
    conversion included; American Express costs one per cent more.
    """
    cents = converted(amount, currency)
    percent = Decimal("1.5") if currency == SETTLEMENT else Decimal("3.5")
    percent += 1 if brand == "amex" else 0
    fee = int((cents * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)) + 25
    return Settlement(cents, fee, cents - fee, shown_rate(currency))


def shown(amount: int, currency: str, locale: str) -> str:
    """Write an amount for a person: `€5.00`, or in Ukrainian `5,00 €`."""
    places = exponent(currency)
    number = f"{Decimal(amount).scaleb(-places):,.{places}f}"
    symbol = _SYMBOLS.get(currency, "")
    if locale == "uk":
        number = number.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
        return f"{number}\N{NO-BREAK SPACE}{symbol or currency.upper()}"
    if not symbol:
        return f"{currency.upper()}\N{NO-BREAK SPACE}{number}"
    return f"{symbol}{number}"
