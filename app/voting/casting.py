"""How a ballot is cast: one statement that accepts it whole, or leaves everything as it was."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from flask import current_app
from psycopg import Cursor
from sqlalchemy import ColumnElement, DateTime, func, literal_column, select, true
from sqlalchemy.dialects import postgresql

from app import pool
from app.accounts.models import Account
from app.current import zone
from app.extensions import db
from app.voting import roll, secrecy
from app.voting.models import Round, RoundStatus
from app.voting.rounds import UnknownRound
from app.voting.secrecy import Held

# Written by hand and carried out by the driver: a round's ballots come within the hours after a
# letter and before the close, and to build and compile these statements for each ballot took
# longer than to keep it. The round is locked, so that its close waits for casts under way. Casts do
# not stand in each other's way; where something else holds the round, the statement finds none,
# since what it would see after waiting is what stood before. Not now() but the clock: the former is
# when the transaction began, which may be before the close.
VOTER = """
WITH voter AS (
    {who_may_vote}
        AND account.id = %(account_id)s
        AND voting_round.slug = %(slug)s
        AND voting_round.status = 'open'
        AND clock_timestamp() >= voting_round.opens_at
        AND clock_timestamp() < voting_round.closes_at
        AND voting_round.ballot_key_sealed = %(sealed)s
        AND account.session_version = coalesce(%(session_version)s, account.session_version)
        AND cardinality(%(choices)s::smallint[]) <= voting_round.max_choices
        AND %(choices)s::smallint[] <@ ARRAY(
            SELECT number FROM round_topic
            WHERE round_topic.round_id = voting_round.id AND withdrawn_at IS NULL
        )
    FOR SHARE OF voting_round SKIP LOCKED
)
"""
#: A ballot of who was shown none. One that is there is left, unless it says the same: then it was
#: sent twice.
FIRST = """
, taking_part AS (
    INSERT INTO participation (round_id, account_id, first_cast_on)
    SELECT round_id, account_id, %(today)s FROM voter
    ON CONFLICT DO NOTHING
)
INSERT INTO ballot (round_id, ballot_key, choices, version, receipt)
SELECT round_id, %(ballot_key)s, %(choices)s::smallint[], 1, %(receipt)s FROM voter
ON CONFLICT (round_id, ballot_key) DO UPDATE
SET choices = excluded.choices, receipt = excluded.receipt, version = ballot.version + 1
WHERE ballot.choices = excluded.choices
RETURNING version
"""
#: A ballot in place of the one that was shown. Its voter takes part already.
CHANGED = """
UPDATE ballot
SET choices = %(choices)s::smallint[], receipt = %(receipt)s, version = version + 1
FROM voter
WHERE ballot.round_id = voter.round_id AND ballot.ballot_key = %(ballot_key)s
    AND (version = %(seen_version)s OR choices = %(choices)s::smallint[])
RETURNING version
"""
#: Where the application keeps the statements, made whole.
_KEPT = "casting_statements"
#: What a smallint holds.
LARGEST = 2**15 - 1
_DIALECT = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]


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
    ballot = _ballot(account_id, slug, choices, seen_version, now)
    held, accepted = secrecy.held(slug, anew=True), None
    if held is not None and ballot is not None:
        cursor = pool.at_once()
        with cursor.connection.transaction():
            # Whoever holds the round is waited for first, and what was done with it then seen.
            cursor.execute("SELECT FROM voting_round WHERE slug = %s FOR SHARE", (slug,))
            accepted = enter(cursor, held, ballot)
    if accepted is None:
        _refuse(account_id, slug, set(choices), now)
    return accepted


def attempt(
    account_id: int,
    session_version: int,
    slug: str,
    choices: Collection[int],
    seen_version: int,
    *,
    now: datetime,
) -> Cast | None:
    """Cast like `cast`, by one statement that commits itself and waits for nobody.

    None where anything stands against it, another session version of the account included, and
    then nothing has changed.
    """
    held = secrecy.held(slug)
    ballot = _ballot(account_id, slug, choices, seen_version, now, session_version)
    return enter(pool.at_once(), held, ballot) if held and ballot else None


def _ballot(
    account_id: int,
    slug: str,
    choices: Collection[int],
    seen_version: int,
    now: datetime,
    session_version: int | None = None,
) -> dict[str, Any] | None:
    """The values of the statement; none for numbers that no topic can have."""
    if max(choices, default=0) > LARGEST:
        return None
    return {
        "slug": slug,
        "account_id": account_id,
        "session_version": session_version,
        "choices": sorted(set(choices)),
        "seen_version": seen_version,
        "now": now,
        "today": now.astimezone(zone()).date(),
    }


def enter(cursor: Cursor, held: Held, values: Mapping[str, Any]) -> Cast | None:
    """Enter a ballot by one statement on a cursor; None when anything stands against it.

    What is accepted lasts from the commit on: the connection's own, or the caller's.
    """
    account_id = values["account_id"]
    code, secret = secrecy.receipt(values["slug"], account_id, values["choices"])
    drawn = {"ballot_key": held.keys.of(account_id), "sealed": held.sealed, "receipt": code}
    first, changed = _statements()
    statement = changed if values["seen_version"] else first
    row = cursor.execute(statement, {**values, **drawn}).fetchone()
    return Cast(code, secret, row[0]) if row else None


def _statements() -> tuple[str, str]:
    """`FIRST` and `CHANGED` made whole, once for each application."""
    kept: tuple[str, str] | None = current_app.extensions.get(_KEPT)
    if kept is None:
        # What is the same for every ballot stands in the text, so that only a ballot's own values
        # are handed over with it.
        now: ColumnElement[Any] = literal_column("{now}", DateTime(timezone=True))
        who = (
            select(Round.id.label("round_id"), Account.id.label("account_id"))
            .join_from(Round, Account, true())
            .where(roll.patrons(now))
            .compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
        )
        voter = VOTER.format(who_may_vote=str(who).format(now="%(now)s::timestamptz"))
        kept = current_app.extensions[_KEPT] = voter + FIRST, voter + CHANGED
    return kept


def _refuse(account_id: int, slug: str, choices: set[int], now: datetime) -> NoReturn:
    """Raise what stood against a ballot."""
    clock = func.clock_timestamp()
    round_ = db.session.scalar(
        select(Round)
        .where(
            Round.slug == slug,
            Round.status == RoundStatus.OPEN,
            clock >= Round.opens_at,
            clock < Round.closes_at,
        )
        .execution_options(populate_existing=True)
    )
    if round_ is None:
        at = db.session.scalar(select(clock).select_from(Round).where(Round.slug == slug))
        raise RoundClosed(at) if at else UnknownRound(slug)
    if not db.session.scalar(
        select(roll.may_vote(account_id, now)).select_from(Round).where(Round.id == round_.id)
    ):
        raise NotOnRoll(slug)
    offered = {topic.number for topic in round_.topics if topic.withdrawn_at is None}
    if choices - offered:
        raise UnknownTopic(slug)
    if len(choices) > round_.max_choices:
        raise TooManyChoices(len(choices), round_.max_choices)
    raise ChangedElsewhere(slug)
