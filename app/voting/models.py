"""Rounds, the roll, ballots and their counts.

A ballot has no account, no time and no number that counts up: what ties it to a voter is only its
key, computed from the voter and a secret of the round that is destroyed after the dispute window.
"""

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, Key, Moment
from app.owed import NeverGivenUp
from app.voting.plans import Offered, Planned
from app.voting.tally import Method, Rules, TieRule


class RoundStatus(StrEnum):
    """Where a round stands. Whether it takes ballots is decided by its times, not by this alone."""

    DRAFT = "draft"
    #: Fixed; takes ballots from `opens_at` until `closes_at`.
    OPEN = "open"
    CLOSED = "closed"
    TALLIED = "tallied"
    PUBLISHED = "published"
    VOID = "void"


class RollRule(StrEnum):
    """Who may vote."""

    #: Whoever is a patron when casting.
    PATRON_WHEN_CASTING = "patron_when_casting"
    #: Only who also was one before the round opened.
    PATRON_BEFORE_OPENING = "patron_before_opening"


class Receipts(StrEnum):
    """What the published list of ballots shows beside a receipt code."""

    #: The choices: a voter finds the own ballot, and can show others how it was cast.
    WITH_CHOICES = "with_choices"
    #: Nothing: codes stand in one list, ballots without codes in another.
    INCLUSION_ONLY = "inclusion_only"


#: With fewer ballots the list of choices is kept back: it could tell one voter's from another's.
EXPORT_FROM = 100


def _known(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"known_{column}")


class Round(NeverGivenUp, Planned, Base):
    """One vote. What it owes is its next turn: tell of the opening, count, destroy the keys."""

    __tablename__ = "voting_round"
    __table_args__ = (
        _known("status", RoundStatus),
        _known("method", Method),
        _known("tie_rule", TieRule),
        _known("roll_rule", RollRule),
        _known("receipts", Receipts),
        CheckConstraint("seats > 0 AND max_choices > 0", name="positive"),
        CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),
        CheckConstraint(
            "(status = 'draft') = (frozen_at IS NULL)"
            " AND (frozen_at IS NULL OR num_nulls(slug, seed_commit, seed_sealed, opens_at) = 0)",
            name="fixed_at_opening",
        ),
        CheckConstraint("(status = 'void') = (void_reason IS NOT NULL)", name="void_has_a_reason"),
        UniqueConstraint("template_id", "month"),
        Index("ix_voting_round_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: Mapped[Key]
    #: Its address on the site; null for a draft.
    slug: Mapped[str | None] = mapped_column(String(40), unique=True)
    #: The question.
    title: Mapped[str] = mapped_column(String(200))
    #: What the newsroom promises to do with the answer.
    intro: Mapped[str] = mapped_column(Text, default="")
    method: Mapped[str] = mapped_column(String(20), default=Method.MOST_WANTED)
    #: How many topics one ballot may tick.
    max_choices: Mapped[int] = mapped_column(SmallInteger)
    #: How many topics are to win.
    seats: Mapped[int] = mapped_column(SmallInteger, default=1)
    tie_rule: Mapped[str] = mapped_column(String(20), default=TieRule.LOT)
    #: With fewer ballots the result is only advice; null for no such limit.
    quorum: Mapped[int | None]
    roll_rule: Mapped[str] = mapped_column(String(30), default=RollRule.PATRON_WHEN_CASTING)
    #: What is published beside each receipt code; see `Receipts`.
    receipts: Mapped[str] = mapped_column(
        String(20), default=Receipts.WITH_CHOICES, server_default=Receipts.WITH_CHOICES.value
    )
    #: From how many counted ballots on their choices are published at all.
    export_from: Mapped[int] = mapped_column(default=EXPORT_FROM, server_default=str(EXPORT_FROM))
    #: Null for a draft that opens as soon as staff say so.
    opens_at: Mapped[Moment | None]
    closes_at: Mapped[Moment]
    status: Mapped[str] = mapped_column(String(20), default=RoundStatus.DRAFT)
    #: SHA-256 of the seed that decides lots, published from the opening on.
    seed_commit: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The seed, sealed; published with the result.
    seed_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The secret that ties ballots to voters, sealed; null before the opening and once destroyed.
    ballot_key_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: SHA-256 of the canonical list of counted ballots; null before the count.
    ballots_root: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: Why it was declared void, for everybody to read; null for any other round.
    void_reason: Mapped[str | None] = mapped_column(Text)
    #: The member of staff who drafted it.
    drafted_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    #: When it was opened by staff; from then on nothing in it changes.
    frozen_at: Mapped[Moment | None]
    #: When patrons were told that it is open; null while they were not.
    told_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    tallied_at: Mapped[Moment | None]
    published_at: Mapped[Moment | None]
    voided_at: Mapped[Moment | None]
    #: When the secret that ties ballots to voters was destroyed.
    shredded_at: Mapped[Moment | None]

    topics: Mapped[list["RoundTopic"]] = relationship(
        order_by="RoundTopic.number",
        cascade="all, delete-orphan",
        foreign_keys="RoundTopic.round_id",
    )

    @property
    def rules(self) -> Rules:
        """What decides its count."""
        return Rules(Method(self.method), self.seats, TieRule(self.tie_rule))


class RoundTopic(Offered, Base):
    """A subject offered in a round, as worded at its opening."""

    __tablename__ = "round_topic"
    __table_args__ = (
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)", name="withdrawn_has_a_reason"
        ),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("voting_round.id"), primary_key=True)
    #: Counts from 1 within the round; ballots name topics by it.
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[Moment | None]
    withdrawn_reason: Mapped[str | None] = mapped_column(Text)


class RollEntry(Base):
    """Whether one account could vote in a closed round, and why; frozen at the close."""

    __tablename__ = "roll_entry"

    round_id: Mapped[int] = mapped_column(ForeignKey("voting_round.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    eligible: Mapped[bool]
    #: See `voting.roll.Reason`.
    reason: Mapped[str] = mapped_column(String(20))


class Participation(Base):
    """That an account has voted in a round: a day, and nothing that leads to the ballot."""

    __tablename__ = "participation"

    round_id: Mapped[int] = mapped_column(ForeignKey("voting_round.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    #: The day, in the newsroom's zone, of the first ballot.
    first_cast_on: Mapped[date]


class Ballot(Base):
    """One voter's latest choices."""

    __tablename__ = "ballot"
    __table_args__ = (UniqueConstraint("round_id", "receipt"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("voting_round.id"), primary_key=True)
    #: See `voting.secrecy.ballot_key`.
    ballot_key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    #: Numbers of the ticked topics, ascending; empty for a blank ballot.
    choices: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    #: Counts up with every change, so that two windows cannot undo each other unseen.
    version: Mapped[int] = mapped_column(default=1)
    #: See `voting.secrecy.receipt`; new with every change.
    receipt: Mapped[str] = mapped_column(String(26, collation="C"))
    #: Why it does not count; null for one that does.
    void_reason: Mapped[str | None] = mapped_column(String(20))


class Tally(Base):
    """One count of a closed round: added, never changed. A correction is a further revision."""

    __tablename__ = "tally"
    __table_args__ = (
        UniqueConstraint("round_id", "revision"),
        UniqueConstraint("round_id", "input_root", "params_hash", "code_version"),
    )

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("voting_round.id"))
    #: Counts from 1.
    revision: Mapped[int]
    #: SHA-256 of the canonical list of ballots that was counted.
    input_root: Mapped[bytes] = mapped_column(LargeBinary)
    #: Method, seats, tie rule, topics, seed: what besides the ballots decides the result.
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    params_hash: Mapped[bytes] = mapped_column(LargeBinary)
    #: `voting.tally.CODE_VERSION` of the code that counted.
    code_version: Mapped[int]
    #: See `voting.tally.as_json`.
    result: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: SHA-256 of the result's canonical JSON.
    result_hash: Mapped[bytes] = mapped_column(LargeBinary)
    #: Ballots that were not counted, voided with a reason.
    voided: Mapped[int]
    #: Why there is this revision; empty for the first.
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())


class Recount(Base):
    """That the ballots of a count were counted again, and whether nothing differed."""

    __tablename__ = "recount"

    id: Mapped[Key]
    tally_id: Mapped[int] = mapped_column(ForeignKey("tally.id"), index=True)
    #: Whether list of ballots and result came out to the byte as before.
    identical: Mapped[bool]
    #: The member of staff who asked for it.
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    counted_at: Mapped[Moment]


class Publication(Base):
    """That a count was made public. The newest of a round is the one that holds."""

    __tablename__ = "publication"

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(ForeignKey("voting_round.id"), index=True)
    tally_id: Mapped[int] = mapped_column(ForeignKey("tally.id"), unique=True)
    #: The publication it replaces; null for the first.
    supersedes: Mapped[int | None] = mapped_column(ForeignKey("publication.id"), unique=True)
    published_at: Mapped[Moment]


class EditorialPick(Base):
    """A topic the newsroom takes up by its own decision: out of a tie, or against the order."""

    __tablename__ = "editorial_pick"
    __table_args__ = (
        ForeignKeyConstraint(
            ["round_id", "number"], ["round_topic.round_id", "round_topic.number"]
        ),
    )

    round_id: Mapped[int] = mapped_column(primary_key=True)
    #: The topic's number.
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    #: The winner it takes the place of; null for a tie, and for a further topic.
    instead_of: Mapped[int | None] = mapped_column(SmallInteger)
    #: Why, for everybody to read.
    reason: Mapped[str] = mapped_column(Text)
    picked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    picked_at: Mapped[Moment]
