"""Two wordings beside each other: what is counted, and what may be said of the difference."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account, Role
from app.appeals import appeals, comparison, words
from app.appeals.comparison import Outcome
from app.appeals.models import Appeal
from app.clock import utcnow
from app.extensions import db
from app.giving.models import FunnelDay
from tests.appeals.wordings import AUGUST, an_appeal
from tests.builders import a_pledge, a_reader, a_staff_member, a_touch, signed_in

DECEMBER = AUGUST + timedelta(days=130)


def counts(tag: str, **steps: int) -> None:
    """Views and visits of one wording on one day."""
    for step, count in steps.items():
        db.session.add(
            FunnelDay(
                day=AUGUST.date(),
                step=step,
                language="en",
                device="phone",
                campaign="",
                article="night",
                appeal=tag,
                count=count,
            )
        )
    db.session.commit()


def joined(
    tag: str, at: datetime = AUGUST, *, who: Account | None = None, left: datetime | None = None
) -> Account:
    """Somebody became a patron after a wording, and may have left again."""
    who = who or a_reader()
    pledge = a_pledge(who, started_at=at, status="ended" if left else "active")
    pledge.ended_at = left
    a_touch(pledge, appeal=tag)
    return who


def told(appeal: Appeal) -> list[Outcome]:
    return comparison.outcomes(appeal, now=DECEMBER)


def test_each_wording_is_told_from_its_views_to_who_stayed(app: Flask) -> None:
    made = an_appeal(both=True)
    first, second = appeals.tags(made)
    counts(first, shown=900, seen=40, sent=9, opened=8)
    counts(second, shown=1100, seen=70)
    counts("usual", shown=5000, seen=50)
    joined(first)
    joined(first, left=AUGUST + timedelta(days=89))
    joined(first, left=AUGUST + timedelta(days=91))
    # Not old enough to say anything of.
    joined(first, DECEMBER - timedelta(days=89))
    joined("usual")
    found = told(made)
    assert found == [
        Outcome("a", 900, 40, 9, patrons=4, old=3, stayed=2),
        Outcome("b", 1100, 70, 0, patrons=0, old=0, stayed=0),
    ]


def test_somebody_with_two_pledges_is_one_patron(app: Flask) -> None:
    made = an_appeal(both=True)
    (first, _second) = appeals.tags(made)
    who = joined(first, left=AUGUST + timedelta(days=5))
    joined(first, AUGUST + timedelta(days=6), who=who)
    (one, _other) = told(made)
    assert (one.patrons, one.old, one.stayed) == (1, 1, 1)


def test_who_ended_one_pledge_and_began_another_is_still_a_patron(app: Flask) -> None:
    made = an_appeal(both=True)
    (first, _second) = appeals.tags(made)
    stays, pauses, returns = (
        joined(first, left=AUGUST + timedelta(days=days)) for days in (5, 30, 60)
    )
    # Nothing led to these but themselves.
    a_pledge(stays, started_at=AUGUST + timedelta(days=6))
    a_pledge(returns, started_at=AUGUST + timedelta(days=91))
    away = a_pledge(pauses, started_at=AUGUST + timedelta(days=31), status="ended")
    away.ended_at = AUGUST + timedelta(days=89)
    db.session.commit()
    (one, _other) = told(made)
    assert (one.patrons, one.old, one.stayed) == (3, 3, 1)


def test_who_came_by_both_wordings_counts_once_with_the_first(app: Flask) -> None:
    made = an_appeal(both=True)
    first, second = appeals.tags(made)
    who = joined(second, left=AUGUST + timedelta(days=5))
    joined(first, AUGUST + timedelta(days=6), who=who)
    assert [(one.patrons, one.stayed) for one in told(made)] == [(0, 0), (1, 1)]


def test_an_attempt_that_was_never_paid_makes_no_patron(app: Flask) -> None:
    made = an_appeal(both=True)
    pledge = a_pledge(a_reader(), started_at=None, status="pending")
    a_touch(pledge, appeal=appeals.tags(made)[0])
    assert told(made)[0].patrons == 0


def test_another_edition_is_counted_from_nought(app: Flask) -> None:
    made = an_appeal(both=True)
    joined(appeals.tags(made)[0])
    counts(appeals.tags(made)[0], shown=100)
    terms = appeals.Terms(made.name, {"a": made.texts["a"]}, {"EUR": {"month": [900]}})
    changed = appeals.change(made.id, terms, by=a_reader().id, now=DECEMBER)
    assert told(changed) == [Outcome("a", 0, 0, 0, 0, 0, 0)]


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (3, 9, "Too few readers"),
        (40, 44, "Too early to tell: of a hundred patrons that both wordings make, the second"),
        # Who looks once may call this a difference; who may look each day may not.
        (60, 90, "There are 150 patrons so far"),
        (40, 90, "The second wording makes more patrons: of a hundred that both make, between 55"),
        (90, 40, "The first wording makes more patrons: of a hundred that both make, between 55"),
    ],
)
def test_a_difference_is_claimed_only_where_chance_hardly_makes_it(
    app: Flask, first: int, second: int, says: str
) -> None:
    # How many views are told of changes nothing: anybody can tell of some.
    both = [
        Outcome(variant, shown, 0, 0, patrons, 0, 0)
        for variant, patrons, shown in (("a", first, 10000), ("b", second, 90))
    ]
    with app.test_request_context():
        assert says in words.verdict(both)
        assert words.verdict(both[:1]) == ""


def test_the_page_shows_denominators_bounds_and_what_it_is_not(client: FlaskClient) -> None:
    made = an_appeal(both=True)
    first, second = appeals.tags(made)
    counts(first, shown=10000)
    counts(second, shown=10000)
    long_ago = utcnow() - timedelta(days=100)
    for tag, patrons in ((first, 30), (second, 90)):
        for _one in range(patrons):
            joined(tag, long_ago)
    signed_in(client, a_staff_member(Role.FUNDRAISER))
    page = client.get(f"/staff/appeals/{made.id}/comparison").text
    for said in (
        "The second wording makes more patrons",
        "30 of 30",
        "0.30 %",
        "0.21 % to 0.43 %",
        "without a mark of the reader",
        "is mostly found by the time both have made 330",
    ):
        assert said in page
