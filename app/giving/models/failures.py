"""Attempts to take a renewal's money that failed."""

import uuid

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.money import Money


class FailedPayment(Base):
    """One attempt to take the money of one invoice that failed; entered once."""

    __tablename__ = "failed_payment"
    __table_args__ = (
        UniqueConstraint("stripe_invoice_id", "attempt"),
        Index("ix_failed_payment_failed", "failed_at"),
    )

    id: Mapped[Key]
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), index=True)
    stripe_invoice_id: Mapped[str] = mapped_column(String(255))
    #: Counts the attempts of the invoice from 1.
    attempt: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    failed_at: Mapped[Moment]
    #: When Stripe tries again, as known when this attempt was entered; null: this was the last.
    next_attempt_at: Mapped[Moment | None]
    #: What would help: see `payments.gateway.Remedy`.
    remedy: Mapped[str] = mapped_column(String(10))
    #: The bank's word; for staff, never shown to the patron.
    decline_code: Mapped[str | None] = mapped_column(String(60))
    #: Stripe's page on which the patron may approve or pay the invoice.
    pay_url: Mapped[str | None] = mapped_column(String(2000))
    entered_at: Mapped[Moment]

    @property
    def amount(self) -> Money:
        """What could not be taken."""
        return Money(self.amount_minor, self.currency)
