"""Checkouts, pledges, and the ledger of the money they bring with the receipts owed for it."""

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
    func,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.extensions import Base, Key, Moment
from app.money import Money
from app.owed import Owed


class Pledge(Base):
    """A standing, open-ended promise of an amount each month or year."""

    __tablename__ = "pledge"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("interval IN ('month', 'year')", name="known_interval"),
        CheckConstraint(
            "status IN ('pending', 'abandoned', 'active', 'past_due', 'paused', 'lapsed', 'ended')",
            name="known_status",
        ),
        Index("ix_pledge_status_account", "status", "account_id"),
    )

    #: Also travels in Stripe's metadata, so it is not to be guessed.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    #: See `giving.rules.PledgeStatus`.
    status: Mapped[str] = mapped_column(String(20), default="pending")
    #: "month" or "year".
    interval: Mapped[str] = mapped_column(String(8))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: The article whose link brought the reader; null when none did.
    article: Mapped[str | None] = mapped_column(String(500))
    stripe_customer_id: Mapped[str | None] = mapped_column(String(255), index=True)
    stripe_subscription_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    #: When the first money came; null while none has.
    started_at: Mapped[Moment | None]
    #: To when it is paid.
    paid_until: Mapped[Moment | None]
    #: When a renewal first failed, while it has not been made good.
    past_due_since: Mapped[Moment | None]
    #: When it will end by the patron's wish; null for an open-ended pledge.
    ends_at: Mapped[Moment | None]
    #: When it ended; null while it has not.
    ended_at: Mapped[Moment | None]
    #: Why it ended: see `giving.rules.EndReason`.
    end_reason: Mapped[str | None] = mapped_column(String(20))
    #: When the newest state we applied was asked of Stripe; an older answer is not applied.
    seen_at: Mapped[Moment | None]

    @property
    def amount(self) -> Money:
        """What is given each period."""
        return Money(self.amount_minor, self.currency)


class Checkout(Base):
    """One attempt of a reader to give: a page at Stripe, opened from our form."""

    __tablename__ = "checkout"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint("interval IN ('once', 'month', 'year')", name="known_interval"),
        CheckConstraint("(pledge_id IS NULL) = (interval = 'once')", name="pledge_unless_once"),
        CheckConstraint("status IN ('open', 'paid', 'expired')", name="known_status"),
    )

    #: Stripe's client_reference_id, and the base of our idempotency key.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    #: The pledge it is to begin; null for a gift given once.
    pledge_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pledge.id"), index=True)
    #: "once", "month" or "year".
    interval: Mapped[str] = mapped_column(String(8))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: The article whose link brought the reader; null when none did.
    article: Mapped[str | None] = mapped_column(String(500))
    #: The language of the page it came from.
    locale: Mapped[str] = mapped_column(String(8))
    #: "open", "paid" or "expired".
    status: Mapped[str] = mapped_column(String(10), default="open")
    #: Null until Stripe has answered.
    stripe_session_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    #: When it was paid or expired.
    closed_at: Mapped[Moment | None]

    @property
    def amount(self) -> Money:
        """What is given, each period or once."""
        return Money(self.amount_minor, self.currency)


class Donation(Owed, Base):
    """Money received: one ledger entry, added and never changed but for its three owed columns.

    What is owed is Stripe's fee: it becomes known late and is entered beside it, a `DonationFee`.
    """

    __tablename__ = "donation"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint(
            "num_nonnulls(stripe_invoice_id, stripe_payment_intent_id) > 0", name="has_a_source"
        ),
        Index("ix_donation_account_received", "account_id", "received_at"),
        Index("ix_donation_received", "received_at"),
        Index("ix_donation_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: The pledge it was given on; null for a gift given once.
    pledge_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pledge.id"), index=True)
    #: The checkout of a gift given once; null for a pledge's.
    checkout_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("checkout.id"))
    #: What the giver paid.
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: When Stripe received it.
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
