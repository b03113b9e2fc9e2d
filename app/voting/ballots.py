"""Ballots: cast and changed until the close, one for each voter, apart from who cast them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from sqlalchemy import (
    ColumnElement,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from app.current import settings, zone
from app.extensions import db
from app.voting import roll, secrecy
from app.voting.models import Ballot, Participation, Round, RoundStatus, RoundTopic
from app.voting.rounds import DISPUTE_WINDOW, NotOpen, UnknownRound, locked
from config.settings import Environment

log = structlog.get_logger()


class NotOnRoll(PermissionError):
    """The account may not vote in this round."""


class RoundClosed(ValueError):
    """The round took no ballot at `at`, by the database's clock."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at.isoformat())
        self.at = at


class ChangedElsewhere(ValueError):
    """The ballot was changed since the page was shown, in another window or on another device."""


class TooManyChoices(ValueError):
    """More topics were ticked than one ballot may carry."""

    def __init__(self, given: int, most: int) -> None:
        super().__init__(given, most)
        self.given, self.most = given, most


class UnknownTopic(ValueError):
    """A topic was ticked that is not in the round, or was withdrawn from it."""


@dataclass(frozen=True, slots=True)
class Cast:
    """An accepted ballot, as its voter is told of it once."""

    receipt: str
    #: With it the voter can prove whose the receipt is; kept nowhere.
    secret: str
    #: 1 for a first ballot.
    version: int


@dataclass(frozen=True, slots=True)
class Mine:
    """What a voter has cast so far."""

    choices: tuple[int, ...] = ()
    #: 0 where there is no ballot yet.
    version: int = 0


def cast(
    account_id: int, slug: str, choices: Collection[int], *, seen_version: int, now: datetime
) -> Cast:
    """Cast or change a ballot; commits.

    `choices` are topic numbers; none makes a blank ballot. `seen_version` is the version of the
    ballot the voter was shown, 0 for none. Whether the round is open is decided by the database's
    clock under a lock that the close waits for: what is accepted here is counted. The same
    choices sent twice are accepted twice. Raises `UnknownRound`, `RoundClosed`, `NotOnRoll`,
    `UnknownTopic`, `TooManyChoices`, `ChangedElsewhere`; after these nothing has changed.
    """
    try:
        accepted = _enter(account_id, slug, sorted(set(choices)), seen_version, now)
    except Exception:
        # The lock on the round is given back at once, not when the page has been written.
        db.session.rollback()
        raise
    db.session.commit()
    return accepted


def _enter(
    account_id: int, slug: str, choices: Sequence[int], seen_version: int, now: datetime
) -> Cast:
    round_ = _open_round(slug)
    if not db.session.scalar(
        select(roll.may_vote(account_id, now)).select_from(Round).where(Round.id == round_.id)
    ):
        raise NotOnRoll(slug)
    offered = db.session.scalars(
        select(RoundTopic.number).where(
            RoundTopic.round_id == round_.id, RoundTopic.withdrawn_at.is_(None)
        )
    ).all()
    if set(choices) - set(offered):
        raise UnknownTopic(slug)
    if len(choices) > round_.max_choices:
        raise TooManyChoices(len(choices), round_.max_choices)
    keys = secrecy.ballot_keys(round_)
    assert keys is not None, "an open round has its keys"
    code, secret = secrecy.receipt(slug, account_id, choices)
    db.session.execute(
        upsert(Participation)
        .values(
            round_id=round_.id, account_id=account_id, first_cast_on=now.astimezone(zone()).date()
        )
        .on_conflict_do_nothing()
    )
    new = upsert(Ballot).values(
        round_id=round_.id,
        ballot_key=keys.of(account_id),
        choices=list(choices),
        version=1,
        receipt=code,
    )
    version = db.session.scalar(
        new.on_conflict_do_update(
            index_elements=["round_id", "ballot_key"],
            set_={
                "choices": new.excluded.choices,
                "receipt": new.excluded.receipt,
                "version": Ballot.version + 1,
            },
            where=or_(Ballot.version == seen_version, Ballot.choices == new.excluded.choices),
        ).returning(Ballot.version)
    )
    if version is None:
        raise ChangedElsewhere(slug)
    return Cast(code, secret, version)


def _open_round(slug: str) -> Round:
    """The round, locked against its close. Raises `UnknownRound`, `RoundClosed`."""
    clock = func.clock_timestamp()
    round_ = db.session.scalar(
        select(Round)
        .where(
            Round.slug == slug,
            Round.status == RoundStatus.OPEN,
            # Not now(): that is when the transaction began, which may be before the close.
            clock >= Round.opens_at,
            clock < Round.closes_at,
        )
        .with_for_update(read=True)
        .execution_options(populate_existing=True)
    )
    if round_ is None:
        at = db.session.scalar(select(clock).select_from(Round).where(Round.slug == slug))
        raise RoundClosed(at) if at else UnknownRound(slug)
    return round_


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
