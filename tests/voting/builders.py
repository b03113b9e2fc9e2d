"""Rounds that the tests of this room begin with. The database's clock is real, so these are too."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.voting import casting, rounds
from app.voting.casting import Cast
from app.voting.models import RollRule, Round, Tally
from app.voting.rounds import RoundDraft, TopicDraft
from app.voting.tally import Method, TieRule

TITLES = (
    "Power cuts in Kharkiv",
    "Veterans looking for work",
    "Children brought home",
    "The anti-corruption court",
    "Ґанок: rebuilding village schools",
)


def a_draft(
    *,
    title: str = "What shall we look into next?",
    intro: str = "We take up the topic most patrons want.",
    topics: int = 4,
    max_choices: int = 3,
    seats: int = 1,
    method: Method = Method.MOST_WANTED,
    tie_rule: TieRule = TieRule.LOT,
    quorum: int | None = None,
    roll_rule: RollRule = RollRule.PATRON_WHEN_CASTING,
    opens_at: datetime | None = None,
    lasts: timedelta = timedelta(days=7),
    now: datetime | None = None,
) -> Round:
    """A round that staff have drafted."""
    now = now or utcnow()
    return rounds.make(
        RoundDraft(
            title=title,
            intro=intro,
            topics=tuple(
                TopicDraft(TITLES[i % len(TITLES)], f"What happens with it, part {i + 1}.")
                for i in range(topics)
            ),
            opens_at=opens_at,
            closes_at=(opens_at or now) + lasts,
            max_choices=max_choices,
            seats=seats,
            method=method,
            tie_rule=tie_rule,
            quorum=quorum,
            roll_rule=roll_rule,
        ),
        now=now,
    )


def an_open_round(
    *,
    title: str = "What shall we look into next?",
    topics: int = 4,
    max_choices: int = 3,
    seats: int = 1,
    method: Method = Method.MOST_WANTED,
    tie_rule: TieRule = TieRule.LOT,
    quorum: int | None = None,
    roll_rule: RollRule = RollRule.PATRON_WHEN_CASTING,
    lasts: timedelta = timedelta(days=7),
    now: datetime | None = None,
) -> Round:
    """A round that takes ballots now, unless `now` places it in the past."""
    now = now or utcnow() - timedelta(seconds=1)
    draft = a_draft(
        title=title,
        topics=topics,
        max_choices=max_choices,
        seats=seats,
        method=method,
        tie_rule=tie_rule,
        quorum=quorum,
        roll_rule=roll_rule,
        lasts=lasts,
        now=now,
    )
    return rounds.open_(draft.id, now=now)


def votes(account: Account, round_: Round, *choices: int, seen_version: int = 0) -> Cast:
    """A patron casts a ballot now."""
    assert round_.slug is not None
    return casting.cast(account.id, round_.slug, choices, seen_version=seen_version, now=utcnow())


def time_passes(round_: Round) -> None:
    """The round's closing time comes, and nobody has acted on it yet."""
    found = rounds.locked(round_.id)
    found.closes_at = utcnow() - timedelta(milliseconds=1)
    found.due_at = found.closes_at
    db.session.commit()


def tallies(round_: Round) -> Collection[Tally]:
    """Every count there is of a round."""
    return db.session.scalars(select(Tally).where(Tally.round_id == round_.id)).all()
