"""The made-up newsroom's suggested topics: where each stands, who wants it, what was published."""

import tomllib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select, true

from app.accounts.models import Account
from app.current import newsroom
from app.extensions import db
from app.giving import pledges
from app.giving.models import Pledge
from app.topics import people, stories, trigrams
from app.topics.models import Proposal, Seconding, Step
from app.topics.rules import State

_content = tomllib.loads(Path(__file__).with_name("suggestions.toml").read_text(encoding="utf-8"))

#: The way to each state, and how long each step takes.
WAYS = {
    State.NEW: (),
    State.CONSIDERING: (State.CONSIDERING,),
    State.SHORTLISTED: (State.CONSIDERING, State.SHORTLISTED),
    State.DECLINED: (State.DECLINED,),
    State.MERGED: (State.MERGED,),
}
BETWEEN = timedelta(days=4)


def fill(rng: Random, *, by: int, now: datetime) -> None:
    """Enter what patrons have suggested and staff have made of it; commits. No letter is owed."""
    patrons = _patrons(now)
    made: dict[str, Proposal] = {}
    for told in sorted(_content["proposal"], key=lambda one: -int(one["days"])):
        author, *others = rng.sample(patrons, int(told["seconded"]) + 1)
        made[told["title"]] = _proposal(rng, told, author, made, by=by, now=now)
        db.session.add_all(
            Seconding(
                proposal_id=made[told["title"]].id,
                account_id=account.id,
                created_at=now - timedelta(days=int(told["days"])) * rng.uniform(0.1, 0.95),
            )
            for account in others
        )
    for told in _content["story"]:
        day = (now - timedelta(days=int(told["days"]))).date()
        url = f"{newsroom().website}/{told['path']}"
        stories.enter(told["title"], url, day, by=by, now=now)
    people.drop_own_secondings(true())
    db.session.commit()


def _patrons(now: datetime) -> Sequence[Account]:
    return db.session.scalars(
        select(Account)
        .where(
            Account.id.in_(select(Pledge.account_id).where(pledges.standing_at(now))),
            Account.name != "",
        )
        .order_by(Account.id)
    ).all()


def _proposal(
    rng: Random,
    told: dict[str, Any],
    author: Account,
    made: dict[str, Proposal],
    *,
    by: int,
    now: datetime,
) -> Proposal:
    suggested = now - timedelta(days=int(told["days"]), hours=rng.randrange(12))
    state = State(told.get("state", State.NEW))
    proposal = Proposal(
        request_key=uuid.UUID(int=rng.getrandbits(128), version=4),
        account_id=author.id,
        title=told["title"],
        why=told["why"],
        links=[],
        locale=told["locale"],
        named=author.listed,
        trigrams=trigrams.of(told["title"]),
        state=state,
        reason=told.get("reason", ""),
        merged_into_id=made[told["into"]].id if "into" in told else None,
        created_at=suggested,
    )
    db.session.add(proposal)
    db.session.flush()
    _steps(proposal, WAYS[state], by)
    return proposal


def _steps(proposal: Proposal, way: Sequence[State], by: int) -> None:
    """Enter the way it went, straight into its table: nobody is told of a past that never was."""
    at, before = proposal.created_at, None
    for to in (State.NEW, *way):
        last = to == proposal.state
        db.session.add(
            Step(
                proposal_id=proposal.id,
                at=at,
                by_account_id=by if before else None,
                from_state=before,
                to_state=to,
                reason=proposal.reason if last else "",
            )
        )
        at, before = at + BETWEEN, to
