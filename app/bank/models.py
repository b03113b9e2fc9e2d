"""Statements that were uploaded, and the lines of money that came in by them."""

from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.money import Money


class StatementImport(Base):
    """One uploaded statement: a draft until a person has looked at it, then its lines are taken."""

    __tablename__ = "statement_import"
    __table_args__ = (
        CheckConstraint("format IN ('table', 'camt')", name="known_format"),
        # A file full of account numbers is kept no longer than it takes to look at it.
        CheckConstraint("(read_at IS NULL) = (body_sealed IS NOT NULL)", name="body_while_a_draft"),
    )

    id: Mapped[Key]
    #: The file's name, as it was uploaded.
    name: Mapped[str] = mapped_column(String(200))
    #: "table" (CSV) or "camt" (camt.053).
    format: Mapped[str] = mapped_column(String(8))
    #: The file, sealed; null once its lines are taken.
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: Keyed hash of the file, so that the same one is known again.
    body_hash: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    #: Keyed hash of a table's heading: the next file of this bank is read the same way.
    heading_hash: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    #: How a table was read: see `bank.imports`; null for camt.053 and before a person has chosen.
    mapping: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    uploaded_at: Mapped[Moment]
    #: When its lines were taken; null for a draft.
    read_at: Mapped[Moment | None]
    #: Lines of money that came in and were new, and those that were here before.
    taken: Mapped[int] = mapped_column(Integer, default=0)
    known: Mapped[int] = mapped_column(Integer, default=0)
    #: Lines passed over: money that went out, and what the bank had not booked yet.
    debits: Mapped[int] = mapped_column(Integer, default=0)
    pending: Mapped[int] = mapped_column(Integer, default=0)
    #: Lines that could not be read: [number, why].
    unread: Mapped[list[Any]] = mapped_column(JSONB, default=list)


class StatementLine(Base):
    """Money that came to the bank: waits until a person books it as a gift, or sets it aside."""

    __tablename__ = "statement_line"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("status IN ('waiting', 'booked', 'set_aside')", name="known_status"),
        CheckConstraint("(status = 'booked') = (donation_id IS NOT NULL)", name="booked_is_a_gift"),
        CheckConstraint("(status = 'waiting') = (decided_at IS NULL)", name="decided_or_waiting"),
        Index("ix_statement_line_waiting", "booked_on", postgresql_where="status = 'waiting'"),
        Index(
            "ix_statement_line_decided_by_id",
            "decided_by_id",
            postgresql_where="decided_by_id IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    import_id: Mapped[int] = mapped_column(ForeignKey("statement_import.id"), index=True)
    #: Where it stands in the file.
    number: Mapped[int] = mapped_column(Integer)
    #: Keyed hash of what tells this line from all others: the same line is never here twice.
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: Keyed hash of what it says without the bank's reference, to know it in another format.
    content_hash: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    booked_on: Mapped[date]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: As the bank has them; empty once a line that is no gift has been forgotten.
    payer: Mapped[str] = mapped_column(String(140))
    text: Mapped[str] = mapped_column(Text)
    #: The bank's own reference; empty where it gives none.
    bank_reference: Mapped[str] = mapped_column(String(140))
    #: Keyed hash of the payer's account number, which itself is not kept, and its last four.
    payer_account_hash: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    payer_account_last4: Mapped[str] = mapped_column(String(4))
    #: "waiting", "booked" or "set_aside".
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    #: The gift it was booked as.
    donation_id: Mapped[int | None] = mapped_column(ForeignKey("donation.id"), unique=True)
    #: Who booked it or set it aside, and when.
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[Moment | None]

    @property
    def amount(self) -> Money:
        """What came in."""
        return Money(self.amount_minor, self.currency)
