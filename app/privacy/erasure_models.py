"""Erasures: what was asked, how far it has come, and each step that was done."""

import uuid
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Moment
from app.owed import NeverGivenUp


class ErasureState(StrEnum):
    """How far an erasure has come."""

    #: The person asked; the letter's link has not been pressed yet.
    ASKED = "asked"
    #: A member of staff asked; a second one has not decided.
    WANTED = "wanted"
    #: It will be carried out at `comes_at`; until then it can be undone.
    COMING = "coming"
    #: It is being carried out, and cannot be undone any more.
    RUNNING = "running"
    DONE = "done"
    #: The person or staff took it back in time.
    UNDONE = "undone"
    #: A second member of staff did not agree.
    DECLINED = "declined"
    #: Nobody pressed the link of the letter in time.
    EXPIRED = "expired"
    #: It waited beside another for the same person, which was confirmed first.
    OVERTAKEN = "overtaken"


#: Where it has ended; an account may have any number of these. Of the others it has one at most,
#: and beside one that staff want, one that the person asked for: whichever is confirmed first goes.
OVER = (
    ErasureState.DONE,
    ErasureState.UNDONE,
    ErasureState.DECLINED,
    ErasureState.EXPIRED,
    ErasureState.OVERTAKEN,
)
_STATES = ", ".join(f"'{state}'" for state in ErasureState)
_OVER = ", ".join(f"'{state}'" for state in OVER)


class Erasure(NeverGivenUp, Base):
    """One wish that a person's data be erased; owed from being confirmed until it is done.

    It outlives the person's data as the proof that they were erased, and names nobody.
    """

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="known_state"),
        CheckConstraint(
            "(state IN ('coming', 'running')) = (due_at IS NOT NULL)", name="owed_when_confirmed"
        ),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_at_a_moment"),
        # Nobody is erased twice at once.
        Index(
            "uq_erasure_open",
            "account_id",
            unique=True,
            postgresql_where=text(f"state NOT IN ('asked', {_OVER})"),
        ),
        Index(
            "uq_erasure_asked", "account_id", unique=True, postgresql_where=text("state = 'asked'")
        ),
        Index("ix_erasure_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_erasure_watched", "watch_until", postgresql_where="watch_until IS NOT NULL"),
        Index("ix_erasure_asked_by_id", "asked_by_id", postgresql_where="asked_by_id IS NOT NULL"),
    )

    #: Stands in the links of its letters, signed.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    #: Whose data: afterwards the empty shell that gifts point at.
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    #: See `ErasureState`.
    state: Mapped[str] = mapped_column(String(10))
    #: The language of its letters.
    locale: Mapped[str] = mapped_column(String(8))
    #: The member of staff who asked for somebody; null where the person did.
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[Moment]
    #: Whether the person wants it at once, without days to think it over.
    at_once: Mapped[bool] = mapped_column(default=False)
    #: When the person pressed the letter's link, or a second member of staff agreed.
    confirmed_at: Mapped[Moment | None]
    #: When it is carried out; null until it was confirmed.
    comes_at: Mapped[Moment | None]
    #: When it was begun, after which it cannot be undone.
    begun_at: Mapped[Moment | None]
    #: When it was undone, declined, found expired or overtaken.
    ended_at: Mapped[Moment | None]
    done_at: Mapped[Moment | None]
    #: Stripe's ids of the customers that were deleted there, sealed: what Stripe still tells of
    #: them is known by these and emptied. Null once nothing more can come.
    customers_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: Up to which moment what came from Stripe has been looked through, and until when it will be.
    watched_at: Mapped[Moment | None]
    watch_until: Mapped[Moment | None]
    #: Not before this moment what came late is tried again; null unless that failed.
    again_at: Mapped[Moment | None]
    #: When the gifts had been kept for as long as the law asks and their last links were cut.
    books_cut_at: Mapped[Moment | None]


class ErasureStep(Base):
    """One step of an erasure, written before it is done: what went, or what was kept and why."""

    __tablename__ = "erasure_step"
    __table_args__ = (
        Index("ix_erasure_step_open", "erasure_id", postgresql_where="done_at IS NULL"),
    )

    erasure_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("erasure.id", ondelete="CASCADE"), primary_key=True
    )
    #: See `erasure_words`; a step outside has the number of its turn behind it.
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: What is asked of Stripe: the object's id; null for a step in the database, and once done.
    subject: Mapped[str | None] = mapped_column(String(255))
    #: How many rows or objects it was about.
    rows: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Null until it was done.
    done_at: Mapped[Moment | None]
