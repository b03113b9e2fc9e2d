"""Whatever is paid, fails, goes back or is wished, every figure is what a slow recount finds.

`pytest --hypothesis-profile=hunt` tells many more stories, other ones each time.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.extensions import db
from app.giving.books import movement_checks
from app.reports.catalogue import REPORTS
from app.reports.rollups import following
from app.reports.rollups.catalogue import ROLLUPS
from config.settings import Settings
from tests.builders import a_staff_member
from tests.conftest import _empty
from tests.reports.lives import asked
from tests.reports.money_lives import live
from tests.reports.money_stories import Story, stories
from tests.reports.oracles import campaigns, catalogue, raised, voting
from tests.reports.stories import FEW, NOW


@pytest.fixture(autouse=True)
def yearly_money_spread(application: Flask, settings: Settings) -> Iterator[None]:
    """A newsroom that spreads yearly gifts over their year."""
    spread = settings.model_copy(update={"deferred_income": "on"})
    application.extensions["settings"] = spread
    yield
    application.extensions["settings"] = settings


@FEW
@given(
    story=stories(),
    currency=st.sampled_from([None, "EUR"]),
    first=st.sampled_from([1, 5]),
    lot=st.integers(0, 20),
)
def test_every_figure_of_money_is_what_a_slow_recount_of_the_story_finds(
    app: Flask, story: Story, currency: str | None, first: int, lot: int
) -> None:
    db.session.remove()
    _empty()
    of = replace(asked(currency=currency), first=date(2026, first, 1))
    with app.test_request_context():
        live(story)
        movement_checks.check(now=NOW)
        following.follow(ROLLUPS)
        for check in catalogue.each(catalogue.OF_MONEY):
            check(of)
        campaigns.chance_touches(lot)
        raised.chance_campaigns(lot, by=a_staff_member().id)
        raised.chance_visits(lot)
        voting.chance_rounds(lot)
        following.follow(ROLLUPS)
        for check in catalogue.each(catalogue.OF_MORE):
            check(of)


def test_every_report_is_held_against_a_recount_or_says_why_not() -> None:
    parts = (
        catalogue.OF_PLEDGES,
        catalogue.OF_TOUCHES,
        catalogue.OF_MONEY,
        catalogue.OF_MORE,
    )
    held = {name for part in parts for name, oracles in part.items() if oracles}
    assert held | set(catalogue.WITHOUT) == {report.name for report in REPORTS}
    assert not held & set(catalogue.WITHOUT)
    assert all(catalogue.WITHOUT.values())
