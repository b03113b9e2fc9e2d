"""Money that goes back: refunds, disputes, fraud warnings, and what of it moved in the ledger."""

import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.money import Money
from app.owed import Owed


class Refund(Owed, Base):
    """A refund of a donation, whole or in part, and how far it has come.

    Staff's refunds are written here before Stripe is asked, and owed until Stripe has answered; one
    made at Stripe itself is entered when its event comes. The money is an `Adjustment`.
    """

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="positive"),
        CheckConstraint(
            "status IN ('asked', 'approved', 'declined', 'refused', 'pending', 'succeeded',"
            " 'failed', 'cancelled')",
            name="known_status",
        ),
        Index("ix_refund_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_refund_asked_by_id", "asked_by_id", postgresql_where="asked_by_id IS NOT NULL"),
        Index(
            "ix_refund_approved_by_id",
            "approved_by_id",
            postgresql_where="approved_by_id IS NOT NULL",
        ),
    )

    #: Keys the request to Stripe and travels in its metadata.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: See `giving.rules.RefundStatus`.
    status: Mapped[str] = mapped_column(String(10), default="asked")
    #: See `giving.rules.RefundReason`.
    reason: Mapped[str] = mapped_column(String(20))
    #: What staff wrote to the giver about it, as it stands in the letter; empty for nothing.
    note: Mapped[str] = mapped_column(Text, default="")
    #: Whether a letter tells the giver.
    tells: Mapped[bool] = mapped_column(default=True)
    #: Whether the pledge the gift was given on ends with it; by itself a refund ends nothing.
    ends_pledge: Mapped[bool] = mapped_column(default=False)
    #: The member of staff; null for one made at Stripe or by a rule.
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: The second member of staff where the amount needs one.
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[Moment]
    #: When it succeeded, failed or was declined; a success may still turn into a failure.
    settled_at: Mapped[Moment | None]
    stripe_refund_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    #: Stripe's word for why it failed.
    failure: Mapped[str | None] = mapped_column(String(60))
    #: When the newest state we applied was asked of Stripe; an older answer is not applied.
    seen_at: Mapped[Moment | None]

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)


class Dispute(Base):
    """A donation contested at the giver's bank, as it was last seen at Stripe."""

    __tablename__ = "dispute"

    id: Mapped[Key]
    stripe_dispute_id: Mapped[str] = mapped_column(String(255), unique=True)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: See `payments.gateway.DisputeState`: "inquiry", "open", "won", "lost", "closed".
    status: Mapped[str] = mapped_column(String(10))
    #: Stripe's word for what the giver said.
    reason: Mapped[str] = mapped_column(String(60))
    opened_at: Mapped[Moment]
    #: By when evidence must be at Stripe; null when none is asked for.
    evidence_due_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    #: When the newest state we applied was asked of Stripe; an older answer is not applied.
    seen_at: Mapped[Moment]

    @property
    def amount(self) -> Money:
        """What is contested."""
        return Money(self.amount_minor, self.currency)


class FraudWarning(Base):
    """A card's bank says that a donation was not made by the card's owner."""

    __tablename__ = "fraud_warning"

    id: Mapped[Key]
    stripe_warning_id: Mapped[str] = mapped_column(String(255), unique=True)
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    #: What came of it: "refunded" by rule, "left" for staff to decide, "moot" when nothing is left.
    outcome: Mapped[str] = mapped_column(String(10))
    warned_at: Mapped[Moment]


class Adjustment(Base):
    """One movement of money on a donation after it was received: added once, never changed.

    `amount_minor` is in the donation's currency and signed as the newsroom sees it: a refund is
    negative, a refund that failed gives it back. The settled columns are Stripe's balance
    transaction: `settled_minor = net_minor + fee_minor`, signed alike.
    """

    __tablename__ = "adjustment"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('refund', 'refund_failed', 'dispute', 'dispute_returned', 'correction')",
            name="known_kind",
        ),
        CheckConstraint(
            "(kind = 'correction') = (stripe_balance_transaction_id IS NULL)", name="has_a_source"
        ),
        Index("ix_adjustment_happened", "happened_at"),
        Index(
            "ix_adjustment_by_account_id",
            "by_account_id",
            postgresql_where="by_account_id IS NOT NULL",
        ),
    )

    id: Mapped[Key]
    donation_id: Mapped[int] = mapped_column(ForeignKey("donation.id"), index=True)
    #: See `payments.gateway.MovementKind`; "correction" takes back a gift outside Stripe.
    kind: Mapped[str] = mapped_column(String(20))
    refund_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("refund.id"), index=True)
    dispute_id: Mapped[int | None] = mapped_column(ForeignKey("dispute.id"), index=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    settled_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    settled_currency: Mapped[str] = mapped_column(String(3))
    stripe_balance_transaction_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    #: When the balance moved.
    happened_at: Mapped[Moment]
    entered_at: Mapped[Moment]
    #: Who took a gift outside Stripe back, and why.
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    note: Mapped[str | None] = mapped_column(String(200))

    @property
    def amount(self) -> Money:
        """What moved, signed."""
        return Money(self.amount_minor, self.currency)
