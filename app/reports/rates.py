"""Rates of exchange by month, and sums of several currencies turned into the newsroom's first.

A rate is what payments of the month were settled at, all of them together: what came to the balance
for what was paid. Where finance has set a rate for the month, that one counts. What is turned is
added exactly, as fractions, and rounded once.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from app.current import settings
from app.money import Money, exponent
from app.reports import cashbook, months, own_rates
from app.reports.cashbook import STRIPE
from app.reports.entries import GIFT
from app.reports.shape import Asked

#: Where a month has no rate, that of a month before it is taken, this many back at most.
BACK = 3
#: A currency's sums by the month whose rate they are turned at.
Parts = Mapping[tuple[date, str], int]


@dataclass(frozen=True, slots=True)
class Rate:
    """What a currency was worth in one month. `own` is one that the newsroom has set."""

    month: date
    currency: str
    into: str
    #: Minor units of `into` for one minor unit of `currency`, exact.
    minor: Fraction
    own: bool
    #: How many payments it was taken from; 0 of one that was set.
    payments: int = 0

    @property
    def whole(self) -> Decimal:
        """Whole units of `into` for one whole unit of `currency`, to ten digits."""
        exact = self.minor * Fraction(10) ** (exponent(self.currency) - exponent(self.into))
        return round(Decimal(exact.numerator) / Decimal(exact.denominator), 10)


@dataclass(frozen=True, slots=True)
class Together:
    """A sum of several currencies in one, exact; null where a rate is missing."""

    into: str
    exact: Fraction | None
    #: The rates that went in, and the months and currencies for which there is none.
    used: tuple[Rate, ...]
    missing: tuple[tuple[date, str], ...]

    def money(self, parts: int = 1) -> Money | None:
        """The sum, or one of so many equal parts of it; rounded now, halves to even."""
        return None if self.exact is None else Money(round(self.exact / parts), self.into)


@dataclass(frozen=True)
class Rates:
    """The rates of some months into one currency."""

    into: str
    by_month: Mapping[tuple[date, str], Rate] = field(default_factory=dict)

    def at(self, month: date, currency: str) -> Rate | None:
        """The rate of a month, or of the newest of the `BACK` months before it that has one."""
        for step in range(BACK + 1):
            found = self.by_month.get((months.following(month, -step), currency))
            if found is not None:
                return found
        return None

    def together(self, parts: Parts) -> Together:
        """Turn and add up sums in minor units, each at the rate of its month."""
        total, used, missing = Fraction(0), set(), set()
        for (month, currency), minor in parts.items():
            if currency == self.into:
                total += minor
            elif rate := self.at(month, currency):
                total += minor * rate.minor
                used.add(rate)
            elif minor:
                missing.add((month, currency))
        return Together(
            self.into,
            None if missing else total,
            tuple(sorted(used, key=lambda one: (one.currency, one.month))),
            tuple(sorted(missing)),
        )


def main_currency() -> str:
    """The currency that sums are turned into: the first the newsroom offers."""
    return settings().currencies[0]


def leading(counts: Mapping[str, int]) -> str | None:
    """Return the currency that a chart shows where none was asked for; null where there is none.

    The newsroom's own, or the one with the most of what is counted, which is no money: of that a
    larger number is only a smaller unit.
    """
    if (own := main_currency()) in counts:
        return own
    return max(sorted(counts), key=lambda code: counts[code], default=None)


def several(currencies: Iterable[str]) -> bool:
    """Whether there is anything to turn: of one currency its own sum is all there is."""
    return len(set(currencies)) > 1


def now_together(
    yearly: Sequence[Mapping[str, int]], now: datetime, zone: ZoneInfo
) -> list[Together | None]:
    """Turn sums by currency at the running month's rates; null where one has but one currency."""
    if not any(several(one) for one in yearly):
        return [None for _one in yearly]
    month = months.first_day(now, zone)
    rates = between(month, month, now, zone)
    return [
        rates.together({(month, currency): minor for currency, minor in one.items()})
        if several(one)
        else None
        for one in yearly
    ]


def of(asked: Asked) -> Rates:
    """Read the rates of the months that are asked for, and of those they may fall back on."""
    return between(asked.first, asked.last, asked.now, asked.zone)


def between(first: date, last: date, now: datetime, zone: ZoneInfo) -> Rates:
    """Read the rates from one month to another, and of those they may fall back on."""
    into = main_currency()
    since = months.following(first, -BACK)
    found = settled(Asked(since, last, now, zone), into)
    for (month, currency), own in own_rates.newest(into).items():
        if own.rate is not None and since <= month <= last:
            found[month, currency] = _set(month, currency, into, own.rate)
    return Rates(into, found)


def _set(month: date, currency: str, into: str, rate: Decimal) -> Rate:
    minor = Fraction(rate) * Fraction(10) ** (exponent(into) - exponent(currency))
    return Rate(month, currency, into, minor, own=True)


def settled(asked: Asked, into: str) -> dict[tuple[date, str], Rate]:
    """Read what payments of each month and currency were settled at, all of them together."""
    paid: defaultdict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in cashbook.by_month(asked):
        if (one.kind, one.source, one.settled_in) == (GIFT, STRIPE, into) and one.currency != into:
            sums = paid[one.month, one.currency]
            sums[0] += one.settled_minor
            sums[1] += one.amount_minor
            sums[2] += one.count
    return {
        (month, currency): Rate(
            month, currency, into, Fraction(moved, amount), own=False, payments=count
        )
        for (month, currency), (moved, amount, count) in paid.items()
        if moved > 0
    }
