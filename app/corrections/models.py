"""What readers wrote about passages of articles, the answers, and the notes of the public log."""

import uuid
from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.addresses import readable
from app.corrections.rules import Kind, Source, State
from app.extensions import Base, Key, Moment

STATES = ", ".join(f"'{state}'" for state in State)
KINDS = ", ".join(f"'{kind}'" for kind in Kind)
SOURCES = ", ".join(f"'{source}'" for source in Source)


class CorrectionGroup(Base):
    """One passage of an article that readers wrote about, however many of them."""

    __tablename__ = "correction_group"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="known_state"),
        CheckConstraint(
            "(state IN ('new', 'in_hand')) = (settled_at IS NULL)", name="open_is_not_settled"
        ),
        CheckConstraint("(state = 'no_mistake') = (reason <> '')", name="no_mistake_has_a_reason"),
        CheckConstraint("joined_into_id <> id", name="joined_into_another"),
        Index("ix_correction_group_state", "state", "last_at"),
    )

    id: Mapped[Key]
    #: What the article is known by: see `articles.Article.key`.
    article: Mapped[str] = mapped_column(String(2000), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    #: The article's title as its page said; empty where nobody said.
    title: Mapped[str] = mapped_column(String(200), default="")
    #: What the first reader highlighted, and what stood around it.
    passage: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text, default="")
    suffix: Mapped[str] = mapped_column(Text, default="")
    #: The language of the article.
    locale: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(20), default=State.NEW)
    #: Why it is no mistake, for whoever is answered; empty in every other state.
    reason: Mapped[str] = mapped_column(Text, default="")
    #: Who of the staff sees to it; null while nobody does.
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    #: The group it goes on in; null unless it was joined. Never one that was joined itself.
    joined_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("correction_group.id"), index=True
    )
    #: When the first and the last reader wrote.
    first_at: Mapped[Moment]
    last_at: Mapped[Moment]
    #: When somebody wrote after it was settled; null once staff have looked.
    again_at: Mapped[Moment | None]
    #: When staff decided; null while it is open.
    settled_at: Mapped[Moment | None]

    @property
    def address(self) -> str:
        """The article's host and path, in letters."""
        return readable(self.article)


class CorrectionAnswer(Base):
    """What staff answer the readers of a group who left an address: written once, never changed."""

    __tablename__ = "correction_answer"

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("correction_group.id"), index=True)
    #: The state it tells of.
    state: Mapped[str] = mapped_column(String(20))
    #: The text in each language that one of those readers reads.
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    written_at: Mapped[Moment]


class Correction(Base):
    """What one reader sent about a passage."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint(f"source IN ({SOURCES})", name="known_source"),
        Index("ix_correction_sent", "sent_at"),
    )

    id: Mapped[Key]
    #: Made of the form it was sent from and its passage, so that a form sent twice is one row.
    request_key: Mapped[uuid.UUID] = mapped_column(unique=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("correction_group.id"), index=True)
    passage: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text, default="")
    suffix: Mapped[str] = mapped_column(Text, default="")
    #: What the reader says about it; empty where the passage says it all.
    comment: Mapped[str] = mapped_column(Text, default="")
    #: The language an answer is written in: that of the article or of our form.
    locale: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(10))
    #: Whose address was left; null where none was, or its time is over.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    #: Whether an address was left, which stays known when the address is not.
    with_address: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[Moment]
    #: The answer that told this reader; null while none has.
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("correction_answer.id"))


class CorrectionNote(Base):
    """A note of the public log; what it says stands in its versions."""

    __tablename__ = "correction_note"
    __table_args__ = (
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason = '')", name="withdrawn_with_a_reason"
        ),
    )

    id: Mapped[Key]
    #: The readers' group behind it; null where the newsroom found the mistake itself.
    group_id: Mapped[int | None] = mapped_column(ForeignKey("correction_group.id"), index=True)
    article: Mapped[str] = mapped_column(String(2000), index=True)
    url: Mapped[str] = mapped_column(String(2000))
    title: Mapped[str] = mapped_column(String(200))
    #: The language it is written in.
    locale: Mapped[str] = mapped_column(String(8))
    #: The number of the version that holds.
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    #: When it turned out to be wrong itself; it stays, and says so.
    withdrawn_at: Mapped[Moment | None]
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")


class CorrectionNoteVersion(Base):
    """What a note of the public log said from a moment on: added, never changed."""

    __tablename__ = "correction_note_version"
    __table_args__ = (
        CheckConstraint(f"kind IN ({KINDS})", name="known_kind"),
        Index("ix_correction_note_version_day", "day"),
    )

    note_id: Mapped[int] = mapped_column(ForeignKey("correction_note.id"), primary_key=True)
    #: From 1.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    #: What the article said, and what it says now.
    stood: Mapped[str] = mapped_column(Text)
    stands: Mapped[str] = mapped_column(Text)
    #: The day the article was changed, in the newsroom's zone.
    day: Mapped[date]
    written_at: Mapped[Moment]
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
