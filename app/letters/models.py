"""The letter owed to one person about one matter."""

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Moment
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
