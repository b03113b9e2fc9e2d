"""Made-up patrons live for months and years; then everything is held to what Stripe has."""

import os
from datetime import UTC, datetime, timedelta

from flask import Flask

from tests.simulation import audit
from tests.simulation.lives import LIVES
from tests.simulation.story import Story
from tests.simulation.stripes import running, time_of_the_sandbox

#: `make simulation` lets more of them live, and longer.
FULL = "SIMULATION_PATRONS" in os.environ
PATRONS = int(os.environ.get("SIMULATION_PATRONS") or len(LIVES))
MONTHS = int(os.environ.get("SIMULATION_MONTHS") or 15)
STEP = timedelta(days=float(os.environ.get("SIMULATION_STEP_DAYS") or 5))
#: Each run begins here, so that months have the same lengths on whatever day it is run.
BEGINS = datetime(2035, 1, 8, 9, tzinfo=UTC)
SEED = int(os.environ.get("SIMULATION_SEED") or 1991)


def test_patrons_of_every_life_live_and_everything_agrees_with_stripe_to_the_cent(
    app: Flask,
) -> None:
    with running(f"simulation-{SEED}") as stripes, time_of_the_sandbox() as clock:
        stripes.control("advance", to=int(BEGINS.timestamp()))
        story = Story(app, stripes, clock, SEED, STEP)
        story.live(PATRONS, MONTHS, short=not FULL)
        print(f"\n{PATRONS} patrons, {MONTHS} months: {story.figures()}")
        audit.assert_all_is_well(story)
        assert audit.rows("SELECT 1 FROM payout LIMIT 1"), "Stripe has paid out"
        before, sent = audit.everything(), story.mailer.sent.copy()
        audit.tell_all_again(story)
        assert audit.everything() == before
        assert story.mailer.sent == sent
        audit.assert_all_is_well(story)
        print(f"and told again: {story.figures()}")
