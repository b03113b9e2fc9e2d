"""How long people stay: the share still there after each month, from closed months only. Pure.

The product of the shares that stayed in each month (Kaplan and Meier 1958): who has not been here
long enough for a month says nothing about it, and all that is known of the newest people counts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

#: Nothing is said of later months.
HORIZON = 36
#: A month of fewer people than this is the end of what can be said.
LEAST = 20


@dataclass(frozen=True, slots=True)
class Lasted:
    """People seen for so many whole months, who left by the end of month `left` (null: have not).

    One who left in the month that is not whole yet counts as not having left.
    """

    seen: int
    left: int | None
    people: int


@dataclass(frozen=True, slots=True)
class Step:
    """One month: how many were there at its start and are seen to its end, and who of them left."""

    month: int
    at_risk: int
    lost: int
    #: The share of all who came that is still there after it.
    stays: Decimal


def steps(lasted: Iterable[Lasted]) -> list[Step]:
    """Follow people month by month, from the first to the last that enough were seen for."""
    # How many are looked at up to each month, as its last, and how many left in each.
    last, losses = Counter[int](), Counter[int]()
    for one in lasted:
        if one.left is None or one.left > one.seen:
            last[min(one.seen, HORIZON)] += one.people
        else:
            last[min(one.left, HORIZON)] += one.people
            losses[one.left] += one.people
    found: list[Step] = []
    stays = Decimal(1)
    at_risk = sum(last.values())
    for month in range(1, HORIZON + 1):
        at_risk -= last[month - 1]
        if at_risk < LEAST:
            break
        lost = losses[month]
        stays *= Decimal(at_risk - lost) / at_risk
        found.append(Step(month, at_risk, lost, stays))
    return found


def gifts(found: Iterable[Step], every: int) -> Decimal:
    """Return how many gifts, one each `every` months, somebody is to give within the horizon.

    The first on coming, each further one where they are still there; none beyond what was seen.
    """
    later = (step.stays for step in found if step.month % every == 0 and step.month < HORIZON)
    return sum(later, Decimal(1))
