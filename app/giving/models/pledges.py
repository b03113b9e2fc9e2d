"""Checkouts, pledges, and what patrons and staff asked to be changed about them."""

import uuid

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Moment
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
        Index("ix_pledge_ends", "ends_at", postgresql_where="ends_at IS NOT NULL"),
        # All that is told of the cards that will be charged.
        Index(
            "ix_pledge_cards",
            *("card_exp_year", "card_exp_month", "currency", "interval", "amount_minor"),
            postgresql_where="status = 'active' AND started_at IS NOT NULL AND ends_at IS NULL",
        ),
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
    #: What of the amount is added to cover the fee; 0 for nothing.
    cover_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    #: When the first money came; null while none has.
    started_at: Mapped[Moment | None]
    #: To when it is paid.
    paid_until: Mapped[Moment | None]
    #: When money is taken next, as Stripe has it; null when none will be, or while paused for good.
    next_payment_at: Mapped[Moment | None]
    #: When a pause ends by itself; null when it is not paused, or paused until somebody resumes it.
    resumes_at: Mapped[Moment | None]
    #: The card that will be charged; null where Stripe has none or it is no card.
    card_brand: Mapped[str | None] = mapped_column(String(20))
    card_last4: Mapped[str | None] = mapped_column(String(4))
    card_exp_year: Mapped[int | None] = mapped_column(SmallInteger)
    card_exp_month: Mapped[int | None] = mapped_column(SmallInteger)
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
        CheckConstraint("device IN ('phone', 'desktop')", name="known_device"),
        Index("ix_checkout_paid", "closed_at", postgresql_where="status = 'paid'"),
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
    #: What of the amount is added to cover the fee; 0 for nothing.
    cover_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    #: The article whose link brought the reader; null when none did.
    article: Mapped[str | None] = mapped_column(String(500))
    #: The language of the page it came from.
    locale: Mapped[str] = mapped_column(String(8))
    #: "phone" or "desktop"; null where the browser did not tell, and before this was kept.
    device: Mapped[str | None] = mapped_column(String(10))
    #: Which letters were asked for, by the versions of the words beside their boxes.
    letters: Mapped[str] = mapped_column(String(100), default="", server_default="")
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


class PledgeChange(Owed, Base):
    """A wish to change a pledge, written before Stripe is asked; its id keys the request.

    What a person waits for at the screen is asked at once and never owed: when Stripe does not
    answer, the person is told that nothing has changed, so nothing may change later. What the house
    itself decides, such as ending a pledge whose gift was disputed, is owed until it is done.
    """

    __tablename__ = "pledge_change"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('amount', 'interval', 'pause', 'resume', 'leave', 'leave_now', 'stay')",
            name="known_kind",
        ),
        Index("ix_pledge_change_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
        Index("ix_pledge_change_interval", "pledge_id", postgresql_where="kind = 'interval'"),
        Index(
            "ix_pledge_change_by_account_id",
            "by_account_id",
            postgresql_where="by_account_id IS NOT NULL",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), index=True)
    #: See `giving.rules.ChangeKind`.
    kind: Mapped[str] = mapped_column(String(12))
    #: Who asked: the patron or a member of staff; null for the house itself.
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Where: "page", "letter", "staff" or "rule".
    via: Mapped[str] = mapped_column(String(8), default="page")
    asked_at: Mapped[Moment]
    #: When Stripe had done it; null while it has not, and for what it did not do.
    applied_at: Mapped[Moment | None]
    #: The terms before and, for kinds that set them, after. Minor units of the pledge's currency.
    amount_before: Mapped[int] = mapped_column(BigInteger)
    interval_before: Mapped[str] = mapped_column(String(8))
    amount_after: Mapped[int | None] = mapped_column(BigInteger)
    interval_after: Mapped[str | None] = mapped_column(String(8))
    cover_after: Mapped[int | None] = mapped_column(BigInteger)
    #: For a pause: when money is taken again.
    resumes_at: Mapped[Moment | None]
    #: For leaving: see `giving.rules.LeaveReason`, and `giving.endings` for what the house ends;
    #: null when nothing was said.
    reason: Mapped[str | None] = mapped_column(String(20))
    #: For leaving: what the patron wrote beside it.
    comment: Mapped[str | None] = mapped_column(Text)


class SpentLink(Base):
    """A signed link of a letter that has done its one act; presented again it does nothing."""

    __tablename__ = "spent_link"

    #: SHA-256 of what the link's token signs.
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    spent_at: Mapped[Moment] = mapped_column(index=True)
