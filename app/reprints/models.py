"""Requests to reprint, and the permissions that were granted."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.reprints.rules import Number, State

STATES = ", ".join(f"'{state}'" for state in State)


class ReprintRequest(Base):
    """What somebody asked to print elsewhere, and what the newsroom decided."""

    __tablename__ = "reprint_request"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="known_state"),
        CheckConstraint(
            "(state = 'refused') = (refusal IS NOT NULL)", name="refused_with_a_reason"
        ),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_once"),
        Index("ix_reprint_request_state", "state", "asked_at"),
        Index(
            "ix_reprint_request_decided_by_id",
            "decided_by_id",
            postgresql_where="decided_by_id IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    #: The form it was asked with: sent twice, it asks once.
    request_key: Mapped[uuid.UUID] = mapped_column(unique=True)
    #: Who asked; the answer goes to this account's address.
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    asked_at: Mapped[Moment]
    #: The language they want the answer in: "en" or "uk".
    locale: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(120))
    #: Empty for who asks for themselves.
    organisation: Mapped[str] = mapped_column(String(160), default="")
    #: Where it is to appear.
    place: Mapped[str] = mapped_column(String(300))
    #: Links or titles, one on each line.
    articles: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default=State.OPEN)
    decided_at: Mapped[Moment | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Why it was refused, for who asked to read; null unless it was.
    refusal: Mapped[str | None] = mapped_column(Text)


class ReprintPermission(Base):
    """A permission with its terms, as anybody who has its number may read it."""

    __tablename__ = "reprint_permission"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(withdrawn_at, withdrawn_by_id, withdrawal) IN (0, 3)",
            name="withdrawn_with_a_reason",
        ),
    )

    #: The running part of its number.
    id: Mapped[Key]
    request_id: Mapped[int] = mapped_column(ForeignKey("reprint_request.id"), unique=True)
    #: The year in its number, in the newsroom's zone.
    year: Mapped[int]
    #: The part of its number that nobody can guess.
    check_part: Mapped[str] = mapped_column(String(8))
    granted_at: Mapped[Moment]
    #: To whom, as everybody reads it.
    holder: Mapped[str] = mapped_column(String(300))
    #: Where it may appear.
    place: Mapped[str] = mapped_column(String(300))
    #: Links or titles, one on each line.
    articles: Mapped[str] = mapped_column(Text)
    #: The last day on which it holds, in the newsroom's zone; null for no end.
    valid_until: Mapped[date | None]
    #: What is to stand beside the text.
    credit_line: Mapped[str] = mapped_column(String(300))
    #: Whether the text may be shortened or changed.
    changes_allowed: Mapped[bool] = mapped_column(default=False)
    #: Further terms; empty where there are none.
    conditions: Mapped[str] = mapped_column(Text, default="")
    withdrawn_at: Mapped[Moment | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Why, for everybody to read; null while it stands.
    withdrawal: Mapped[str | None] = mapped_column(Text)

    @property
    def number(self) -> str:
        """Its number, such as RP-2026-000123-7K2M9QXD."""
        return str(Number(self.year, self.id, self.check_part))
