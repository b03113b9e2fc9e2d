"""Accounts, the one-time ways to sign in, the second factor of staff, and what staff did."""

import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.mailer import NOWHERE

#: How the address begins that an account is left with once its person was erased; its id follows.
ERASED = "erased-"


class Role(StrEnum):
    """What a member of staff may do."""

    EDITOR = "editor"
    FUNDRAISER = "fundraiser"
    FINANCE = "finance"
    OWNER = "owner"


class Account(Base):
    """A person who can sign in: a reader, or staff when it has a role."""

    __tablename__ = "account"
    __table_args__ = (
        Index("uq_account_email_lower", text("lower(email)"), unique=True),
        CheckConstraint("receipt_letters IN ('each', 'yearly')", name="known_choice"),
        CheckConstraint("role IN ('editor', 'fundraiser', 'finance', 'owner')", name="known_role"),
        Index(
            "ix_account_merged_into_id",
            "merged_into_id",
            postgresql_where="merged_into_id IS NOT NULL",
        ),
    )

    # What Flask-Login asks of whoever is signed in.
    is_authenticated = True
    is_active = True
    is_anonymous = False

    id: Mapped[Key]
    #: As it was typed; compared without regard to case.
    email: Mapped[str] = mapped_column(String(254))
    #: What the person is called, on receipts and in letters.
    name: Mapped[str] = mapped_column(String(120), default="")
    #: Language of pages and letters: "en" or "uk".
    locale: Mapped[str] = mapped_column(String(8), default="en")
    #: Whether the name may stand on the public list of patrons.
    listed: Mapped[bool] = mapped_column(default=False)
    #: Which receipts come as letters: "each" or "yearly", one for all gifts of a year.
    receipt_letters: Mapped[str] = mapped_column(String(8), default="each", server_default="each")
    #: Whether a member of staff wants the week's figures as a letter on Mondays.
    monday_letter: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: The account this one was found to be the same person as; it signs in to that one.
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: The staff role; null for a reader.
    role: Mapped[str | None] = mapped_column(String(20))
    #: When the address was first proved by a letter; null while it is not.
    confirmed_at: Mapped[Moment | None]
    #: Counts up to end every session of this account at once.
    session_version: Mapped[int] = mapped_column(default=1)
    #: The TOTP secret, sealed; null until the second factor is set up.
    totp_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The last TOTP time step that was accepted, so that a code works once.
    totp_step: Mapped[int | None]
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())

    @property
    def is_staff(self) -> bool:
        """Whether the account has a staff role, whichever."""
        return self.role is not None

    @property
    def has_address(self) -> bool:
        """Whether a letter can reach the person; a giver entered by name alone has no address."""
        return not self.email.endswith(f"@{NOWHERE}")

    @property
    def is_erased(self) -> bool:
        """Whether it is what was left when somebody was erased: nothing is entered of it again."""
        return self.email == f"{ERASED}{self.id}@{NOWHERE}"

    def get_id(self) -> str:
        """Return what a session keeps of the account; wrong once its sessions have been ended."""
        return f"{self.id}.{self.session_version}"


class SignIn(Base):
    """One request to sign in: a link and a six-digit code, both hashed, single-use, short-lived."""

    __tablename__ = "sign_in"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    #: Null when nobody has the address that was typed; such a request leads nowhere.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    #: SHA-256 of the link's token; null until the letter is written.
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    #: Keyed hash of the six digits; null until the letter is written.
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: Wrong codes typed so far.
    wrong_codes: Mapped[int] = mapped_column(default=0)
    #: The page to show afterwards, a path on this site; empty for the page that suits the person.
    next_path: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[Moment] = mapped_column(server_default=func.now())
    expires_at: Mapped[Moment]
    #: When it was used; null while it was not.
    used_at: Mapped[Moment | None]


class RecoveryCode(Base):
    """One of the codes that stand in for a lost second factor, each good for one use."""

    __tablename__ = "recovery_code"

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    #: Keyed hash of the code.
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    used_at: Mapped[Moment | None]


class AuditEntry(Base):
    """One act of a member of staff on somebody's account or money: added, never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)

    id: Mapped[Key]
    at: Mapped[Moment] = mapped_column(index=True)
    #: Who acted; null for the house's own rules.
    by_account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    #: What was done, a verb and its object: "refund_asked", "receipt_resent".
    act: Mapped[str] = mapped_column(String(40))
    #: On what: "account", "donation", "pledge", "refund", "round", ...
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[str] = mapped_column(String(80))
    #: Whose account it concerns, so that one timeline shows it; null for nobody's.
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    #: Ids, amounts and reasons; never names or addresses.
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class Approval(Base):
    """An act that needs a second member of staff, from being asked for to being decided."""

    __tablename__ = "approval"

    id: Mapped[Key]
    #: Which act: "refund", ...
    act: Mapped[str] = mapped_column(String(40))
    #: Its id in the table of the act.
    subject_id: Mapped[str] = mapped_column(String(80))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[Moment]
    #: The second member of staff; never who asked.
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[Moment | None]
    #: True: approved. Null while nobody has decided.
    approved: Mapped[bool | None]


class AccountNote(Base):
    """What staff want to remember about a person; the person may ask to read it."""

    __tablename__ = "account_note"

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    by_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[Moment]
    #: When it was taken back; null while it stands.
    removed_at: Mapped[Moment | None]
