"""How far a share may be off, and whether two can be told apart. Pure."""

from dataclasses import dataclass
from math import sqrt

#: Of a hundred such intervals ninety-five hold the true value.
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between two bounds."""

    low: float
    high: float


def wilson(found: int, of: int) -> Between:
    """Return the 95 % interval of a share, `found` of `of`; all of 0 to 1 where nothing is known.

    Wilson's score interval: E. B. Wilson, Probable Inference, the Law of Succession, and
    Statistical Inference, Journal of the American Statistical Association 22 (1927), 209-212.
    """
    if of == 0:
        return Between(0.0, 1.0)
    share, square = found / of, Z * Z
    middle = share + square / (2 * of)
    reach = Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    whole = 1 + square / of
    return Between(max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole))


def difference(first: tuple[int, int], second: tuple[int, int]) -> Between:
    """Return the 95 % interval of the second share less the first; each is found, of how many.

    Newcombe's interval from two score intervals, his method 10: R. G. Newcombe, Interval Estimation
    for the Difference between Independent Proportions, Statistics in Medicine 17 (1998), 873-890.
    """
    (a, of_a), (b, of_b) = first, second
    if of_a == 0 or of_b == 0:
        return Between(-1.0, 1.0)
    p, q = a / of_a, b / of_b
    one, other = wilson(a, of_a), wilson(b, of_b)
    low = q - p - sqrt((q - other.low) ** 2 + (one.high - p) ** 2)
    high = q - p + sqrt((other.high - q) ** 2 + (p - one.low) ** 2)
    return Between(low, high)


def told_apart(of: Between) -> bool:
    """Whether a difference is more than chance alone would make in nineteen of twenty cases."""
    return of.low > 0 or of.high < 0
