"""Whatever happens to pledges, every figure is what a slow recount of the raw rows finds.

`pytest --hypothesis-profile=hunt` tells many more stories, other ones each time.
"""

from dataclasses import replace
from datetime import date

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.extensions import db
from app.reports.rollups import following
from app.reports.rollups.catalogue import ROLLUPS
from tests.conftest import _empty
from tests.reports.lives import asked, live
from tests.reports.oracles import campaigns, catalogue, monday
from tests.reports.stories import Story, stories


@settings(
    # A part of what the profile in use asks for: each story is driven through the services.
    max_examples=settings().max_examples // 8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    story=stories(),
    currency=st.sampled_from([None, "EUR"]),
    first=st.sampled_from([6, 5, 3, 1]),
    touches=st.integers(0, 20),
)
def test_every_figure_is_what_a_slow_recount_of_the_story_finds(
    app: Flask, story: Story, currency: str | None, first: int, touches: int
) -> None:
    db.session.remove()
    _empty()
    of = replace(asked(currency=currency), first=date(2026, first, 1))
    with app.test_request_context():
        live(story)
        following.follow(ROLLUPS)
        for check in (*catalogue.each(catalogue.OF_PLEDGES), monday.weeks_of):
            check(of)
        campaigns.chance_touches(touches)
        following.follow(ROLLUPS)
        for check in catalogue.each(catalogue.OF_TOUCHES):
            check(of)
