"""The letter owed to one person about one matter, and what people agreed to be written."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.owed import Owed


class Letter(Owed, Base):
    """One letter, entered in the transaction that makes it owed. It holds ids and never its words.

    The words are written when it is sent, from what the database then says.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("kind", "matter"),
        CheckConstraint("(sent_at IS NULL) OR (due_at IS NULL)", name="sent_is_not_due"),
        Index("ix_letter_created", "created_at"),
        Index("ix_letter_owed", "urgency", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    #: Also the letter's Message-ID, the same for every attempt to send it.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    #: Which letter: the name of its folder in templates/emails/.
    kind: Mapped[str] = mapped_column(String(40))
    #: What it is about, within its kind: a donation's id, a round's and an account's. Never twice.
    matter: Mapped[str] = mapped_column(String(80))
    #: To whom.
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    #: 0 for what a person is waiting for at the screen, 5 for the rest; lower goes first.
    urgency: Mapped[int] = mapped_column(default=5)
    #: When it became owed.
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    #: When a mail server took it; null while it has not.
    sent_at: Mapped[Moment | None]


class Consent(Base):
    """One act of agreeing to a category of letters or of ending it: added, never changed.

    The newest of an account and category holds. Who has none was never asked, or did not tick.
    """

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("act IN ('given', 'withdrawn', 'carried')", name="known_act"),
        CheckConstraint(
            "how IN ('form', 'page', 'letter', 'staff', 'merge', 'import')", name="known_way"
        ),
        Index("ix_consent_newest", "account_id", "category", text("id DESC")),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: See `letters.categories.CONSENTED`.
    category: Mapped[str] = mapped_column(String(20))
    #: "given", "withdrawn", or "carried": who was a patron before consent was asked for goes on
    #: getting what they got, and is told how to end it.
    act: Mapped[str] = mapped_column(String(10))
    #: Which text stood beside the box, see `privacy.wordings`; empty where none did.
    wording: Mapped[str] = mapped_column(String(20), default="")
    #: The language it was read in.
    locale: Mapped[str] = mapped_column(String(8))
    #: Where: a "form" of another matter, the "page" of letters, a "letter", by "staff", at a
    #: "merge" of two accounts, or an "import".
    how: Mapped[str] = mapped_column(String(10))
    #: When the person did it.
    at: Mapped[Moment]
    #: When it was entered: what was ticked beside a gift is, once the gift is paid.
    entered_at: Mapped[Moment] = mapped_column(server_default=func.now())
