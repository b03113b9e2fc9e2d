"""Payouts: what Stripe sent to the newsroom's bank, and which movements each took along."""

from datetime import date
from typing import ClassVar

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.money import Money
from app.owed import Owed


class Payout(Owed, Base):
    """A payout as it was last seen at Stripe. What is owed is to read what it holds."""

    __tablename__ = "payout"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'in_transit', 'paid', 'failed', 'cancelled')",
            name="known_status",
        ),
        Index("ix_payout_arrives", "arrives_on"),
        Index("ix_payout_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: Mapped[Key]
    stripe_payout_id: Mapped[str] = mapped_column(String(255), unique=True)
    #: What goes to the bank; negative where Stripe takes from there what the balance lacks.
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: See `payments.facts.PayoutState`.
    status: Mapped[str] = mapped_column(String(12))
    #: Whether Stripe made it by itself; of one asked for by hand it does not say what it holds.
    automatic: Mapped[bool]
    #: The day it is to be in the bank.
    arrives_on: Mapped[date]
    made_at: Mapped[Moment]
    #: Stripe's word for why it failed.
    failure: Mapped[str | None] = mapped_column(String(60))
    #: The movement by which a payout that failed came back to the balance.
    returned_by: Mapped[str | None] = mapped_column(String(255))
    #: When what it holds was read last; null until then.
    read_at: Mapped[Moment | None]
    #: The sum of what it holds, as it was read; the payout's own amount, or something is wrong.
    held_minor: Mapped[int | None] = mapped_column(BigInteger)
    #: When the newest state we applied was asked of Stripe; an older answer is not applied.
    seen_at: Mapped[Moment]
    #: Whether a look at all payouts has found it, so that none before it is missing here; one that
    #: only an event told of says nothing of those before it.
    listed: Mapped[bool] = mapped_column(default=False)

    @property
    def amount(self) -> Money:
        """What goes to the bank."""
        return Money(self.amount_minor, self.currency)


class PayoutLook(Base):
    """How the last look at all payouts ended; one row, or none before the first look."""

    __tablename__ = "payout_look"
    __table_args__ = (CheckConstraint("id = 1", name="is_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    looked_at: Mapped[Moment]
    #: The name of the error with which Stripe refused or was silent; null when it answered.
    error: Mapped[str | None] = mapped_column(String(60))


class PayoutEntry(Base):
    """One movement of Stripe's balance that a payout took along: added once, never changed.

    `amount_minor = net_minor + fee_minor`, signed as the newsroom sees it. The gift or what went
    back is found by the movement's id, in `DonationFee` or `Adjustment`; what is in neither is kept
    all the same.
    """

    __tablename__ = "payout_entry"
    __table_args__ = (
        CheckConstraint("amount_minor = net_minor + fee_minor", name="adds_up"),
        Index("ix_payout_entry_happened", "happened_at"),
    )

    id: Mapped[Key]
    payout_id: Mapped[int] = mapped_column(ForeignKey("payout.id"), index=True)
    stripe_balance_transaction_id: Mapped[str] = mapped_column(String(255), unique=True)
    #: See `payments.facts.EntryKind`.
    kind: Mapped[str] = mapped_column(String(20))
    #: Stripe's own word for it.
    stripe_type: Mapped[str] = mapped_column(String(60))
    #: What Stripe says its own charge is for; null for anything else, which might name people.
    description: Mapped[str | None] = mapped_column(Text)
    #: The charge, refund, dispute or payout it is about; null for what Stripe charges.
    stripe_source_id: Mapped[str | None] = mapped_column(String(255))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: When the balance moved.
    happened_at: Mapped[Moment]


class PayoutSum(Base):
    """What a payout holds of one kind, summed up so that nobody has to read all of it again.

    Gifts and what went back are of their kind only where the ledger has the same; else they are
    `UNMATCHED`. Counted anew while any are, since the ledger may learn of them late.
    """

    __tablename__ = "payout_sum"

    UNMATCHED: ClassVar[str] = "unmatched"

    payout_id: Mapped[int] = mapped_column(ForeignKey("payout.id"), primary_key=True)
    #: See `payments.facts.EntryKind`; or `UNMATCHED`.
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    count: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[int] = mapped_column(BigInteger)
    net_minor: Mapped[int] = mapped_column(BigInteger)
