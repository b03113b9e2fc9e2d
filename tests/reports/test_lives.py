"""Whatever happens to pledges, every figure is what a slow recount of the raw rows finds.

`pytest --hypothesis-profile=hunt` tells many more stories, other ones each time.
"""

from dataclasses import replace
from datetime import date

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.extensions import db
from tests.conftest import _empty
from tests.reports.lives import asked, live
from tests.reports.oracles import articles, campaigns, monday, patrons, recurring, staying
from tests.reports.stories import Story, stories

#: What holds for every story, whatever was asked.
ALWAYS = (
    recurring.identity,
    recurring.recurs,
    recurring.lost_and_kept,
    recurring.raised_and_lowered,
    recurring.sizes,
    patrons.patrons_and_churn,
    staying.cohorts_and_returns,
    staying.lists_of_stays,
    articles.articles_bring,
    articles.sums_of_articles,
    monday.weeks_of,
)
#: What holds once everybody is known to have come from somewhere.
BY_ORIGIN = (campaigns.brought, campaigns.given_once_by_origin, campaigns.lists_of_origins)


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
        for check in ALWAYS:
            check(of)
        campaigns.chance_touches(touches)
        for check in BY_ORIGIN:
            check(of)
