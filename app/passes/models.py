"""Sites that know a patron, what they hold to ask again, and the keys that sign."""

import uuid

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment


class PassKey(Base):
    """A key that signs passes, published a day before it does and until the last has ended."""

    __tablename__ = "pass_key"

    #: Its name in the header of what it signs.
    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    #: The public half, 32 bytes (Ed25519).
    public: Mapped[bytes] = mapped_column(LargeBinary)
    #: The private half, sealed.
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[Moment]
    #: From when it signs.
    signs_from: Mapped[Moment] = mapped_column(index=True)


class PassAsk(Base):
    """What a page of the site asked, while its reader signs in."""

    __tablename__ = "pass_ask"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    return_to: Mapped[str] = mapped_column(String(2000))
    challenge: Mapped[str] = mapped_column(String(43))
    state: Mapped[str] = mapped_column(String(128))
    asked_at: Mapped[Moment] = mapped_column(index=True)


class PassGrant(Base):
    """That a person lets the pages of a site know whether they are a patron."""

    __tablename__ = "pass_grant"
    __table_args__ = (UniqueConstraint("account_id", "origin"),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: The site, such as https://example.org.
    origin: Mapped[str] = mapped_column(String(300))
    granted_at: Mapped[Moment]
    #: The day on which the site last asked, its first moment.
    asked_at: Mapped[Moment] = mapped_column(index=True)


class PassCode(Base):
    """A one-time code by which a page gets its first token."""

    __tablename__ = "pass_code"

    #: SHA-256 of the code.
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    grant_id: Mapped[int] = mapped_column(
        ForeignKey("pass_grant.id", ondelete="CASCADE"), index=True
    )
    #: SHA-256 of the address of the page it was made for; handed in with any other it is worth
    #: nothing. Never the address itself: nobody keeps what a patron reads. Empty once handed in.
    page_hash: Mapped[bytes] = mapped_column(LargeBinary)
    challenge: Mapped[str] = mapped_column(String(43))
    #: The account's `session_version` when it was made.
    session_version: Mapped[int]
    #: What the renewals that come of it belong to: handed in twice, they all end.
    family: Mapped[uuid.UUID]
    expires_at: Mapped[Moment] = mapped_column(index=True)
    #: When it was handed in; null while it was not.
    used_at: Mapped[Moment | None]


class PassRenewal(Base):
    """What one browser holds, for one site, to ask again without leading its reader away."""

    __tablename__ = "pass_renewal"
    __table_args__ = (Index("ix_pass_renewal_family", "family"),)

    #: SHA-256 of what the browser holds.
    renewal_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    grant_id: Mapped[int] = mapped_column(
        ForeignKey("pass_grant.id", ondelete="CASCADE"), index=True
    )
    family: Mapped[uuid.UUID]
    #: The account's `session_version` when its reader signed in: it ends with those sessions.
    session_version: Mapped[int]
    expires_at: Mapped[Moment] = mapped_column(index=True)
    #: When it was used, which gave the next one; null while it was not.
    used_at: Mapped[Moment | None]
