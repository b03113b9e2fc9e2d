"""The made-up newsroom's rounds: six counted ones and one that is open, with their ballots."""

from calendar import month_name
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from random import Random

from app.demo import topics
from app.demo.story import Life, added
from app.extensions import db
from app.voting import ballots, results, rounds
from app.voting.rounds import DISPUTE_WINDOW, RoundDraft, TopicDraft

#: How long a round is open, and for how long the open one has been already.
OPEN_DAYS, OPEN_SINCE = 14, 6
MAX_CHOICES = 3
TOPICS = 8


def fill(
    rng: Random,
    accounts: Mapping[str, int],
    lives: Sequence[Life],
    *,
    by: int,
    today: datetime,
    now: datetime,
    zone: tzinfo,
) -> int:
    """Hold six rounds in the months before `today` and open one; commits. Return the ballots.

    `accounts` gives each address its account; `today` is the moment the day begins.
    """
    opened = (today.astimezone(zone) - timedelta(days=OPEN_SINCE)).replace(hour=10).astimezone(UTC)
    past = len(topics.FAVOURITES)
    cast = 0
    for place in range(past):
        start = added(opened, place - past, zone)
        end = start + timedelta(days=OPEN_DAYS, hours=10)
        favourite = rng.randrange(TOPICS)
        offered = rng.sample(topics.RECURRING, TOPICS - 1)
        offered.insert(favourite, topics.FAVOURITES[place])
        # It closes in the past only once its ballots are in, and no worker is to count it then.
        round_id = _open(offered, start, now + timedelta(days=1), by)
        wanted = {number: rng.uniform(0.5, 2) for number in range(1, TOPICS + 1)}
        # It wins clearly, so that no later round has to offer it again.
        wanted[favourite + 1] = 4
        voters = _voters(rng, accounts, lives, start, rng.uniform(0.27, 0.39))
        cast += ballots.enter_history(
            round_id,
            ((voter, _choices(rng, wanted)) for voter in voters),
            cast_on=(start + timedelta(days=2)).astimezone(zone).date(),
        )
        round_ = rounds.locked(round_id)
        round_.closes_at, round_.due_at = end, None
        db.session.commit()
        results.close_and_tally(round_id, now=end + timedelta(minutes=1), tell=False)
        if now >= end + timedelta(minutes=1) + DISPUTE_WINDOW:
            ballots.shred(round_id, now=end + timedelta(minutes=1) + DISPUTE_WINDOW)
    end = opened + timedelta(days=OPEN_DAYS, hours=10)
    round_id = _open(topics.OPEN, opened, end, by)
    wanted = {number: rng.uniform(0.6, 2.4) for number in range(1, TOPICS + 1)}
    voters = _voters(rng, accounts, lives, opened, 0.24)
    return cast + ballots.enter_history(
        round_id,
        ((voter, _choices(rng, wanted)) for voter in voters),
        cast_on=(opened + timedelta(days=2)).astimezone(zone).date(),
    )


def _open(offered: Sequence[TopicDraft], opens_at: datetime, closes_at: datetime, by: int) -> int:
    draft = RoundDraft(
        title=topics.QUESTION.format(month=month_name[(opens_at.month % 12) + 1]),
        intro=topics.PROMISE,
        topics=tuple(offered),
        opens_at=opens_at,
        closes_at=closes_at,
        max_choices=MAX_CHOICES,
    )
    round_ = rounds.make(draft, by=by, now=opens_at - timedelta(days=2))
    # Nobody is told: the letters of a past that never was would fill the mailbox.
    rounds.open_(round_.id, now=opens_at, tell=False)
    return round_.id


def _voters(
    rng: Random,
    accounts: Mapping[str, int],
    lives: Sequence[Life],
    opened: datetime,
    share: float,
) -> list[int]:
    """Some of those who were patrons when the round opened."""
    patrons = [accounts[life.person.email] for life in lives if life.patron_at(opened)]
    return sorted(rng.sample(patrons, round(len(patrons) * share)))


def _choices(rng: Random, wanted: Mapping[int, float]) -> list[int]:
    """One to three topics, the wanted ones the more often; now and then a blank ballot."""
    if rng.random() < 0.01:
        return []
    chosen: set[int] = set()
    for _each in range(rng.choices((1, 2, 3), (2, 3, 5))[0]):
        chosen.add(rng.choices(list(wanted), list(wanted.values()))[0])
    return sorted(chosen)
