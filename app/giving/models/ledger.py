"""The ledger: money received, what Stripe kept of it, and the receipts owed for it."""

import uuid
from datetime import date

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, Key, Moment
from app.money import Money
from app.owed import Owed


class Donation(Owed, Base):
    """Money received: one ledger entry, added and never changed but for its three owed columns.

    What is owed is Stripe's fee: it becomes known late and is entered beside it, a `DonationFee`.
    """

    __tablename__ = "donation"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("cover_minor BETWEEN 0 AND amount_minor - 1", name="cover_is_a_part"),
        CheckConstraint("source IN ('stripe', 'bank', 'cash', 'other')", name="known_source"),
        # Money either came through Stripe, which names it, or a member of staff says that it came.
        CheckConstraint(
            "(source = 'stripe') = (num_nonnulls(stripe_invoice_id, stripe_payment_intent_id) > 0)"
            " AND (source = 'stripe') = (entered_by_id IS NULL)",
            name="has_a_source",
        ),
        Index("ix_donation_account_received", "account_id", "received_at"),
        Index("ix_donation_received", "received_at"),
        Index("ix_donation_checkout", "checkout_id", postgresql_where="checkout_id IS NOT NULL"),
        Index("ix_donation_once", "received_at", postgresql_where="checkout_id IS NOT NULL"),
        Index("ix_donation_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index(
            "ix_donation_entered_by_id",
            "entered_by_id",
            postgresql_where="entered_by_id IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: How it came: "stripe", "bank", "cash" or "other".
    source: Mapped[str] = mapped_column(String(10), default="stripe", server_default="stripe")
    #: The pledge it was given on; null for a gift given once.
    pledge_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pledge.id"), index=True)
    #: The checkout of a gift given once; null for a pledge's.
    checkout_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("checkout.id"))
    #: What the giver paid, all of it.
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    #: What of it the giver added to cover the fee: an estimate, the true fee is a `DonationFee`.
    cover_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    currency: Mapped[str] = mapped_column(String(3))
    #: When Stripe, the bank or the cash box received it.
    received_at: Mapped[Moment]
    #: When it was entered here.
    entered_at: Mapped[Moment]
    #: "visa", "mastercard", ...; null where the money did not come by card.
    card_brand: Mapped[str | None] = mapped_column(String(20))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    #: The paid invoice; null for a gift given once.
    stripe_invoice_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    #: Null for what was paid outside Stripe.
    stripe_payment_intent_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    stripe_charge_id: Mapped[str | None] = mapped_column(String(255), unique=True)

    #: What the giver or the bank wrote beside a gift outside Stripe.
    reference: Mapped[str | None] = mapped_column(String(140))
    #: The member of staff who entered a gift outside Stripe.
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    fee: Mapped["DonationFee | None"] = relationship(viewonly=True, uselist=False)
    receipt: Mapped["Receipt"] = relationship(viewonly=True, uselist=False)

    @property
    def amount(self) -> Money:
        """What the giver paid."""
        return Money(self.amount_minor, self.currency)


class DonationFee(Base):
    """What Stripe kept of a donation and what was left, in the currency it was settled in."""

    __tablename__ = "donation_fee"

    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), primary_key=True)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    #: gross in the settlement currency = fee + net
    net_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    stripe_balance_transaction_id: Mapped[str] = mapped_column(String(255), unique=True)
    entered_at: Mapped[Moment]


class Receipt(Base):
    """The numbered receipt owed for one donation and entered with it; `letters` sends it."""

    __tablename__ = "receipt"
    __table_args__ = (UniqueConstraint("year", "number"),)

    id: Mapped[Key]
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), unique=True)
    #: The calendar year, in the newsroom's zone, in which the money was received.
    year: Mapped[int] = mapped_column(Integer)
    #: Counts from 1 within the year, without a gap.
    number: Mapped[int] = mapped_column(Integer)
    #: The day the money was received, in the newsroom's zone.
    issued_on: Mapped[date]
    #: Whom it names and in which language, as they were on that day.
    donor_name: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(8))

    @property
    def reference(self) -> str:
        """The number as printed, such as 2026-000123."""
        return f"{self.year}-{self.number:06d}"


class ReceiptYear(Base):
    """How many receipts a year has had. Its row lock is what keeps the numbers without a gap."""

    __tablename__ = "receipt_year"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last_number: Mapped[int] = mapped_column(Integer)
