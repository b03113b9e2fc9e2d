"""Ways to support the newsroom that do not lead through this site."""

from sqlalchemy import CheckConstraint, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment


class OtherWay(Base):
    """One way, such as a bank account, as staff keep it and readers see it."""

    __tablename__ = "other_way"
    __table_args__ = (
        CheckConstraint("kind IN ('bank', 'paypal', 'crypto', 'mail', 'other')", name="known_kind"),
    )

    id: Mapped[Key]
    #: "bank", "paypal", "crypto", "mail" or "other".
    kind: Mapped[str] = mapped_column(String(10))
    #: Title and text by language; a language that has none shows the first that has.
    titles: Mapped[dict[str, str]] = mapped_column(JSONB)
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    #: What a reader copies, a line each: "IBAN: UA21...". The label may be missing.
    details: Mapped[str] = mapped_column(Text)
    #: Its place on the page, from the top.
    position: Mapped[int] = mapped_column(Integer)
    #: When staff hid it; null while readers see it.
    hidden_at: Mapped[Moment | None]
    changed_at: Mapped[Moment]
