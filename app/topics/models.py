"""Proposals, who seconds them, what became of them, and the stories already published."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.topics.rules import State

STATES = ", ".join(f"'{state}'" for state in State)


class Proposal(Base):
    """A topic suggested by a patron."""

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="known_state"),
        CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL) AND merged_into_id <> id",
            name="merged_into_another",
        ),
        CheckConstraint("(state = 'chosen') = (round_id IS NOT NULL)", name="chosen_in_a_round"),
        CheckConstraint("state <> 'declined' OR length(reason) > 0", name="declined_with_a_reason"),
        CheckConstraint(
            "(hidden_at IS NULL) = (hidden_reason IS NULL)", name="hidden_has_a_reason"
        ),
        CheckConstraint("cardinality(links) <= 3", name="few_links"),
        Index("ix_proposal_state", "state", "id"),
        Index("ix_proposal_trigrams", "trigrams", postgresql_using="gin"),
    )

    id: Mapped[Key]
    #: The form it was sent from, so that a form sent twice is one proposal.
    request_key: Mapped[uuid.UUID] = mapped_column(unique=True)
    #: Who suggested it; null once that person's data was erased.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    #: Why it matters, plain text.
    why: Mapped[str] = mapped_column(Text)
    #: Addresses, http or https only.
    links: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    #: The language of the page it was written on.
    locale: Mapped[str] = mapped_column(String(8))
    #: Whether its author is shown by name.
    named: Mapped[bool]
    #: See `trigrams.of` its title.
    trigrams: Mapped[list[str]] = mapped_column(ARRAY(String(3)))
    state: Mapped[str] = mapped_column(String(20), default=State.NEW)
    #: What staff said about its state, for everybody to read; a declined one always has it.
    reason: Mapped[str] = mapped_column(Text, default="")
    #: The proposal it goes on in; null unless it was merged. Never one that was merged itself.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), index=True)
    #: The round it won; null unless it was chosen.
    round_id: Mapped[int | None] = mapped_column(ForeignKey("voting_round.id"))
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    #: Since when only its author and staff see it; null while everybody does.
    hidden_at: Mapped[Moment | None]
    #: Why, for its author to read.
    hidden_reason: Mapped[str | None] = mapped_column(Text)


class Seconding(Base):
    """That a patron wants somebody else's proposal too."""

    __tablename__ = "proposal_seconding"

    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())


class Step(Base):
    """One step on a proposal's way: added, never changed."""

    __tablename__ = "proposal_step"
    __table_args__ = (
        Index(
            "ix_proposal_step_by_account_id",
            "by_account_id",
            postgresql_where="by_account_id IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"), index=True)
    at: Mapped[Moment]
    #: The member of staff; null for its author or a round.
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Null where it was suggested.
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    #: What staff said about it, for everybody to read.
    reason: Mapped[str] = mapped_column(Text, default="")


class Report(Base):
    """That somebody finds a proposal abusive."""

    __tablename__ = "proposal_report"
    __table_args__ = (
        UniqueConstraint("proposal_id", "account_id"),
        Index("ix_proposal_report_open", "proposal_id", postgresql_where="settled_at IS NULL"),
        Index(
            "ix_proposal_report_account_id", "account_id", postgresql_where="account_id IS NOT NULL"
        ),
        Index(
            "ix_proposal_report_settled_by_id",
            "settled_by_id",
            postgresql_where="settled_by_id IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    #: Null once that person's data was erased.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: What is wrong with it, in the reader's words.
    reason: Mapped[str] = mapped_column(Text)
    reported_at: Mapped[Moment]
    #: When staff had looked at it; null while they have not.
    settled_at: Mapped[Moment | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Story(Base):
    """A story already published, so that nobody suggests what can be read."""

    __tablename__ = "story"
    __table_args__ = (Index("ix_story_trigrams", "trigrams", postgresql_using="gin"),)

    id: Mapped[Key]
    title: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(500), unique=True)
    published_on: Mapped[date] = mapped_column(index=True)
    #: See `trigrams.of` its title.
    trigrams: Mapped[list[str]] = mapped_column(ARRAY(String(3)))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[Moment] = mapped_column(server_default=func.now())
