"""Two wordings told apart: seldom by chance however often one looks, and where they do differ."""

from collections.abc import Iterator
from random import Random

import pytest

from app.appeals import words
from app.appeals.chances import part, told_apart

#: Comparisons that are played through, and on how many days each is looked at.
PLAYED = 1000
DAYS = 90


def looks(dice: Random, share: float) -> Iterator[tuple[int, int]]:
    """The patrons of both wordings at the end of each day; of `share` the second's."""
    first = second = 0
    for _day in range(DAYS):
        # Some days bring none and others a dozen: how many come is of no matter.
        for _patron in range(dice.randrange(13)):
            if dice.random() < share:
                second += 1
            else:
                first += 1
        yield first, second


def test_of_alike_wordings_looked_at_each_day_one_in_twenty_is_told_apart_at_most() -> None:
    dice = Random(20260803)
    found = sum(any(told_apart(*one) for one in looks(dice, 0.5)) for _one in range(PLAYED))
    assert found / PLAYED <= 0.05


@pytest.mark.parametrize("share", [0.4, 0.6])
def test_bounds_hold_the_true_part_at_every_look_at_once(share: float) -> None:
    dice = Random(20260804)
    missed = 0
    for _one in range(100):
        bounds = [part(*one) for one in looks(dice, share)]
        missed += any(not each.low <= share <= each.high for each in bounds)
    assert missed <= 5


def test_a_wording_that_makes_half_as_many_again_is_found_by_the_number_that_is_named() -> None:
    dice = Random(20260805)

    def is_found() -> bool:
        return any(told_apart(*one) for one in looks(dice, 1.5 / 2.5) if sum(one) <= words.USUAL)

    found = sum(is_found() for _one in range(PLAYED)) / PLAYED
    assert 0.75 <= found <= 0.9


def test_two_are_told_apart_where_a_half_is_out_of_bounds() -> None:
    for first in range(0, 200, 7):
        for second in range(0, 200, 7):
            bounds = part(first, second)
            within = bounds.low <= 0.5 <= bounds.high
            assert told_apart(first, second) is not within
            assert told_apart(first, second) is told_apart(second, first)


def test_bounds_are_those_of_the_mixture_added_up() -> None:
    """The Beta distribution in plain sums: its chance of what came, by what chance makes alone."""
    first, second = 40, 90
    steps = 20000
    parts = [(at + 0.5) / steps for at in range(steps)]
    weights = [q**9 * (1 - q) ** 9 for q in parts]
    mixed = sum(w * q**second * (1 - q) ** first for w, q in zip(weights, parts, strict=True))
    for q in (part(first, second).low, part(first, second).high):
        times = mixed / sum(weights) / (q**second * (1 - q) ** first)
        assert times == pytest.approx(20, rel=1e-3)
