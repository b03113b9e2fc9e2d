"""Files of many rows that a job makes for staff, kept for a day."""

import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Moment
from app.owed import Owed


class ExportFile(Owed, Base):
    """One file that a member of staff asked for; owed until it is ready or given up.

    It holds what to read and not what was read, which stands in its parts.
    """

    __tablename__ = "export_file"
    __table_args__ = (
        CheckConstraint("format IN ('csv', 'xlsx')", name="known_format"),
        CheckConstraint("kind IN ('list', 'supporters', 'entries')", name="known_kind"),
        CheckConstraint("(ready_at IS NULL) = (parts = 0)", name="ready_has_parts"),
        Index("ix_export_file_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    #: What it is a file of, see `contents.Kind`.
    kind: Mapped[str] = mapped_column(String(12))
    #: The name of the report, where it is the list of one; else empty.
    name: Mapped[str] = mapped_column(String(40))
    #: The words of the address it was asked by.
    words: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: "csv" or "xlsx".
    format: Mapped[str] = mapped_column(String(4))
    #: What it was called on the page it was asked on.
    title: Mapped[str] = mapped_column(String(300))
    #: The name of the file, without what follows the dot.
    stem: Mapped[str] = mapped_column(String(120))
    #: The language it is written in.
    locale: Mapped[str] = mapped_column(String(8))
    by_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    #: How often it was begun anew because somebody was erased while it was made.
    anew: Mapped[int] = mapped_column(default=0, server_default="0")
    #: When it was asked for; the figures in it are those of this moment.
    asked_at: Mapped[Moment]
    #: How many rows it is to have; null until they were counted.
    rows_all: Mapped[int | None]
    #: Rows written so far.
    rows_done: Mapped[int] = mapped_column(default=0, server_default="0")
    #: When it could be fetched; null until then.
    ready_at: Mapped[Moment | None]
    #: When it was given up; null unless it was.
    failed_at: Mapped[Moment | None]
    #: When it is removed, be it ready or given up; null while it is made.
    expires_at: Mapped[Moment | None] = mapped_column(index=True)
    #: Its length in bytes, and in how many parts it is kept.
    size: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    parts: Mapped[int] = mapped_column(default=0, server_default="0")


class ExportPart(Base):
    """A piece of a file, small enough to be held in memory."""

    __tablename__ = "export_part"

    export_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("export_file.id", ondelete="CASCADE"), primary_key=True
    )
    #: Its place among the parts, from 0.
    place: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
