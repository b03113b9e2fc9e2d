"""Ballots: cast and changed until the close, one for each voter, apart from who cast them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import (
    ColumnElement,
    case,
    delete,
    insert,
    literal,
    select,
    text,
)

from app.current import settings
from app.extensions import db
from app.voting import secrecy
from app.voting.models import Ballot, Participation, Round, RoundStatus
from app.voting.rounds import DISPUTE_WINDOW, NotOpen, locked
from config.settings import Environment

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Mine:
    """What a voter has cast so far."""

    choices: tuple[int, ...] = ()
    #: 0 where there is no ballot yet.
    version: int = 0


def mine(round_: Round, account_id: int) -> Mine:
    """Return an account's own ballot in a round; an empty one when there is none to be found.

    Once the round's secret is destroyed nobody finds it any more, its voter included.
    """
    keys = secrecy.ballot_keys(round_)
    if keys is None:
        return Mine()
    row = db.session.execute(
        select(Ballot.choices, Ballot.version).where(
            Ballot.round_id == round_.id, Ballot.ballot_key == keys.of(account_id)
        )
    ).one_or_none()
    return Mine(tuple(row.choices), row.version) if row else Mine()


def enter_history(
    round_id: int, votes: Iterable[tuple[int, Sequence[int]]], *, cast_on: date
) -> int:
    """Write the first ballots of a made-up round at once, and return how many; commits.

    `votes` are (account, topic numbers), each account once. Only for filling a demo, whose rounds
    lie in the past: it asks neither the clock nor the roll, and refuses to run in production.
    Raises `PermissionError`, `UnknownRound`, `NotOpen`.
    """
    if settings().environment is Environment.PRODUCTION:
        raise PermissionError("ballots are made up only for a demo")
    round_ = locked(round_id)
    keys = secrecy.ballot_keys(round_)
    if round_.status != RoundStatus.OPEN or keys is None or round_.slug is None:
        raise NotOpen(round_.title)
    people, papers = [], []
    for account_id, choices in votes:
        people.append({"round_id": round_id, "account_id": account_id, "first_cast_on": cast_on})
        papers.append(
            {
                "round_id": round_id,
                "ballot_key": keys.of(account_id),
                "choices": sorted(choices),
                "version": 1,
                "receipt": secrecy.receipt(round_.slug, account_id, choices)[0],
            }
        )
    if papers:
        db.session.execute(insert(Participation), people)
        db.session.execute(insert(Ballot), papers)
    db.session.commit()
    return len(papers)


def shred(round_id: int, *, now: datetime) -> bool:
    """Destroy what ties a round's ballots to voters, once the dispute window is over; commits.

    Besides the key that is: where rows lie on the disk and which transaction wrote them, so both
    tables of the round are written anew, each in the order of its own key; how often a ballot was
    changed; and what a ballot that does not count says, for the roll names its voter. Safe to run
    twice. Returns whether it is destroyed by now. Raises `UnknownRound`, `NotOpen` for a round that
    has not ended.
    """
    round_ = locked(round_id)
    ended = round_.closed_at or round_.voided_at
    if ended is None:
        raise NotOpen(round_.title)
    if now < ended + DISPUTE_WINDOW:
        round_.ask_again(ended + DISPUTE_WINDOW)
        db.session.commit()
        return False
    if round_.shredded_at is None:
        round_.ballot_key_sealed, round_.shredded_at = None, now
        void = Ballot.void_reason.is_not(None)
        _write_anew(
            Ballot,
            round_id,
            version=literal(1),
            choices=case((void, literal([], Ballot.choices.type)), else_=Ballot.choices),
            void_reason=case((void, literal("void"))),
        )
        _write_anew(Participation, round_id)
        db.session.commit()
        log.info("ballot_key_destroyed", round=round_.slug)
    _clear_the_disk()
    locked(round_id).done()
    db.session.commit()
    return True


def _write_anew(
    model: type[Ballot] | type[Participation], round_id: int, **changed: ColumnElement[Any]
) -> None:
    """Delete the round's rows and enter them again, by the order of their key and in one act."""
    values = [
        changed.get(column.name, column).label(column.name) for column in model.__table__.columns
    ]
    gone = delete(model).where(model.round_id == round_id).returning(*values).cte("gone")
    again = select(*gone.c).order_by(
        *(gone.c[column.name] for column in model.__table__.primary_key)
    )
    db.session.execute(insert(model).from_select([column.name for column in gone.c], again))


def _clear_the_disk() -> None:
    """Take rows that were written anew out of the tables' files, where nobody needs them now."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (TRUNCATE FALSE) ballot, participation"))
