"""How far a share may be off, and whether two wordings can be told apart. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from math import lgamma, log, sqrt

#: Of a hundred such intervals ninety-five hold the true value.
Z = 1.959964
#: How often, of all comparisons, chance alone may ever make a difference.
FALSE = 0.05
#: How near to a half a share is expected to be: this many patrons of either wording, made up. It
#: finds a wording that makes half as many patrons again about the soonest.
EXPECTED = 10
#: By so much the bounds of a share may be off.
NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Between:
    """What lies between two bounds."""

    low: float
    high: float


def wilson(found: int, of: int) -> Between:
    """Return the 95 % interval of a share, `found` of `of`; all of 0 to 1 where nothing is known.

    It holds for one look. Wilson's score interval: E. B. Wilson, Probable Inference, the Law of
    Succession, and Statistical Inference, Journal of the American Statistical Association 22
    (1927), 209-212.
    """
    if of == 0:
        return Between(0.0, 1.0)
    share, square = found / of, Z * Z
    middle = share + square / (2 * of)
    reach = Z * sqrt(share * (1 - share) / of + square / (4 * of * of))
    whole = 1 + square / of
    return Between(max(0.0, (middle - reach) / whole), min(1.0, (middle + reach) / whole))


def told_apart(first: int, second: int) -> bool:
    """Whether the patrons of two wordings, drawn alike often, are more than chance would make.

    It may be asked as often as one likes, each day or after each patron: of comparisons without a
    difference no more than one of twenty is ever told apart. See `part`.
    """
    return _against(0.5, first, second) >= log(1 / FALSE)


def part(first: int, second: int) -> Between:
    """Return which part of both wordings' patrons is the second's, by a 95 % confidence sequence.

    Each view draws its wording by a fair coin, so a patron is the second's by the chance
    q = b / (a + b), where a and b are the shares of views that become patrons. For the true q the
    likelihood under a mixture of all q, over that under q, is a martingale that begins at 1; by
    Ville's inequality it ever reaches 20 with a chance of one in twenty at most. What is left of q
    below 20 therefore holds the true one at every look at once.

    The mixture is a Beta distribution: H. Robbins, Statistical Methods Related to the Law of the
    Iterated Logarithm, Annals of Mathematical Statistics 41 (1970), 1397-1409; for counts of
    conversions M. Lindon and A. Malek, Anytime-Valid Inference for Multinomial Count Data,
    Advances in Neural Information Processing Systems 35 (2022).
    """
    if first + second == 0:
        return Between(0.0, 1.0)
    found = second / (first + second)

    def is_out(q: float) -> bool:
        return _against(q, first, second) >= log(1 / FALSE)

    low = _edge(is_out, 0.0, found) if second else 0.0
    high = _edge(is_out, 1.0, found) if first else 1.0
    return Between(low, high)


def _against(q: float, first: int, second: int) -> float:
    """The logarithm of the mixture's likelihood over that of q."""
    mixed = _beta(EXPECTED + second, EXPECTED + first) - _beta(EXPECTED, EXPECTED)
    return mixed - second * log(q) - first * log(1 - q)


def _beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _edge(is_out: Callable[[float], bool], out: float, within: float) -> float:
    """Halve the way between what is out and what is within until they are near."""
    while abs(out - within) > NEAR:
        middle = (out + within) / 2
        out, within = (middle, within) if is_out(middle) else (out, middle)
    return out
