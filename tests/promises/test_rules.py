"""How promises count: tables of days."""

from datetime import date

import pytest

from app.promises.rules import Standing, State, figures, standing

FIRST, BEFORE, AFTER = date(2026, 9, 10), date(2026, 9, 9), date(2026, 9, 11)


@pytest.mark.parametrize(
    ("state", "first_due_on", "published_on", "today", "counts_as"),
    [
        (State.CHOSEN, None, None, FIRST, Standing.UNDATED),
        (State.CHOSEN, FIRST, None, FIRST, Standing.NOT_DUE),
        (State.IN_WORK, FIRST, None, AFTER, Standing.LATE),
        (State.PUBLISHED, FIRST, BEFORE, AFTER, Standing.IN_TIME),
        (State.PUBLISHED, FIRST, FIRST, AFTER, Standing.IN_TIME),
        (State.PUBLISHED, FIRST, AFTER, AFTER, Standing.KEPT_LATE),
        (State.PUBLISHED, None, AFTER, AFTER, Standing.KEPT),
        (State.DROPPED, FIRST, None, BEFORE, Standing.DROPPED),
    ],
)
def test_a_promise_counts_by_the_first_date_that_was_named(
    state: State,
    first_due_on: date | None,
    published_on: date | None,
    today: date,
    counts_as: Standing,
) -> None:
    assert standing(state, first_due_on, published_on, today) == counts_as


def test_what_is_dropped_or_late_is_among_those_whose_time_has_come() -> None:
    found = figures([Standing.IN_TIME, Standing.LATE, Standing.DROPPED, Standing.NOT_DUE])
    assert (found.made, found.settled, found.published) == (4, 3, 1)
