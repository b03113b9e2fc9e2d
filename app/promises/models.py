"""Promises and their public record."""

from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.owed import NeverGivenUp
from app.promises.rules import Entry, State

STATES = ", ".join(f"'{state}'" for state in State)
ENTRIES = ", ".join(f"'{entry}'" for entry in Entry)


class Promise(NeverGivenUp, Base):
    """A topic taken up after a round. What it owes is to tell of the published story."""

    __tablename__ = "promise"
    __table_args__ = (
        UniqueConstraint("round_id", "number"),
        ForeignKeyConstraint(
            ["round_id", "number"], ["round_topic.round_id", "round_topic.number"]
        ),
        CheckConstraint(f"state IN ({STATES})", name="known_state"),
        CheckConstraint(
            "num_nulls(story_title, story_url, published_on)"
            " = CASE WHEN state = 'published' THEN 0 ELSE 3 END",
            name="published_with_a_story",
        ),
        CheckConstraint(
            "(state = 'dropped') = (drop_reason IS NOT NULL)", name="dropped_with_a_reason"
        ),
        CheckConstraint("num_nulls(due_on, first_due_on, dated_at) IN (0, 3)", name="dated"),
        Index("ix_promise_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_promise_state", "state"),
    )

    id: Mapped[Key]
    round_id: Mapped[int] = mapped_column(BigInteger)
    #: The topic's number in the round.
    number: Mapped[int] = mapped_column(SmallInteger)
    #: The topic as it stood on the ballot.
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), default=State.CHOSEN)
    #: The member of staff who sees to it; null until one is named.
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    #: The date named for it now, a day in the newsroom's zone; null until one is named.
    due_on: Mapped[date | None]
    #: The date that was named first: by this one it counts as kept in time or late.
    first_due_on: Mapped[date | None]
    #: When a date was first named.
    dated_at: Mapped[Moment | None]
    story_title: Mapped[str | None] = mapped_column(String(200))
    story_url: Mapped[str | None] = mapped_column(String(500))
    #: The story's day; null until it is published.
    published_on: Mapped[date | None]
    #: Why nothing comes of it, for everybody to read; null unless it was dropped.
    drop_reason: Mapped[str | None] = mapped_column(Text)
    #: Since when the topic is not among those taken up any more, by a corrected count or another
    #: pick of the newsroom; null while it is.
    overtaken_at: Mapped[Moment | None]
    made_at: Mapped[Moment]
    #: How often it was published: more than once where a wrong entry was put right.
    publications: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    #: When letters about its publication were owed; null until then.
    told_at: Mapped[Moment | None]


class PromiseUpdate(Base):
    """One entry in a promise's public record: added, never changed."""

    __tablename__ = "promise_update"
    __table_args__ = (CheckConstraint(f"entry IN ({ENTRIES})", name="known_entry"),)

    id: Mapped[Key]
    promise_id: Mapped[int] = mapped_column(ForeignKey("promise.id"), index=True)
    at: Mapped[Moment]
    #: The member of staff; null for a round.
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    entry: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(20))
    #: The state it went to; null where it stayed as it was.
    to_state: Mapped[str | None] = mapped_column(String(20))
    #: The date that was named; null where none was.
    due_on: Mapped[date | None]
    #: What staff wrote, for everybody to read.
    text: Mapped[str] = mapped_column(Text, default="")


class PromiseIntake(Base):
    """Up to which publication and pick a round's promises were made."""

    __tablename__ = "promise_intake"

    round_id: Mapped[int] = mapped_column(ForeignKey("voting_round.id"), primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"))
    #: How many topics the newsroom had picked itself.
    picks: Mapped[int]
