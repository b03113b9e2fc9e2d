"""Passes by which the newsroom's site knows a patron.

Revision: 0017
Follows: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pass_key",
        sa.Column("id", sa.String(length=43), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signs_from", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_key")),
    )
    op.create_index(op.f("ix_pass_key_signs_from"), "pass_key", ["signs_from"])
    op.create_table(
        "pass_ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_to", sa.String(length=2000), nullable=False),
        sa.Column("challenge", sa.String(length=43), nullable=False),
        sa.Column("state", sa.String(length=128), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_ask")),
    )
    op.create_index(op.f("ix_pass_ask_asked_at"), "pass_ask", ["asked_at"])
    op.create_table(
        "pass_grant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_pass_grant_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_grant")),
        sa.UniqueConstraint("account_id", "origin", name=op.f("uq_pass_grant_account_id_origin")),
    )
    op.create_index(op.f("ix_pass_grant_asked_at"), "pass_grant", ["asked_at"])
    op.create_table(
        "pass_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("page_hash", sa.LargeBinary(), nullable=False),
        sa.Column("challenge", sa.String(length=43), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("family", sa.Uuid(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["pass_grant.id"],
            name=op.f("fk_pass_code_grant_id_pass_grant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_pass_code")),
    )
    op.create_index(op.f("ix_pass_code_grant_id"), "pass_code", ["grant_id"])
    op.create_index(op.f("ix_pass_code_expires_at"), "pass_code", ["expires_at"])
    op.create_table(
        "pass_renewal",
        sa.Column("renewal_hash", sa.LargeBinary(), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("family", sa.Uuid(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"],
            ["pass_grant.id"],
            name=op.f("fk_pass_renewal_grant_id_pass_grant"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("renewal_hash", name=op.f("pk_pass_renewal")),
    )
    op.create_index(op.f("ix_pass_renewal_grant_id"), "pass_renewal", ["grant_id"])
    op.create_index(op.f("ix_pass_renewal_expires_at"), "pass_renewal", ["expires_at"])
    op.create_index("ix_pass_renewal_family", "pass_renewal", ["family"])


def downgrade() -> None:
    op.drop_table("pass_renewal")
    op.drop_table("pass_code")
    op.drop_table("pass_grant")
    op.drop_table("pass_ask")
    op.drop_table("pass_key")
