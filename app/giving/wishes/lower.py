"""Smaller amounts to offer to whom a gift has become too much. Pure."""

from app.giving.rules import CURRENCIES
from app.money import Money, exponent

#: Up to a number of whole units, amounts are rounded down to steps of so many.
STEPS = ((10, 1), (100, 5), (200, 10), (1000, 50), (10_000, 100))
LARGEST_STEP = 500


def offers(amount: Money) -> list[Money]:
    """Return up to three plain amounts under this one, the largest first.

    Three quarters, a half and a quarter, in whole units and not under what is taken at all; none
    where the amount is the least already.
    """
    scale = 10 ** exponent(amount.currency)
    least = CURRENCIES[amount.currency].least
    found: list[Money] = []
    for quarters in (3, 2, 1):
        units = amount.minor * quarters // 4 // scale
        step = next((step for most, step in STEPS if units < most), LARGEST_STEP)
        minor = units // step * step * scale
        money = Money(max(minor, least), amount.currency)
        if money < amount and money not in found:
            found.append(money)
    return found
