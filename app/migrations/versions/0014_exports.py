"""Files of many rows that a job makes for staff, in parts, kept for a day.

Revision: 0014
Follows: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "export_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("words", JSONB(), nullable=False),
        sa.Column("format", sa.String(length=4), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("stem", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("by_account_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rows_all", sa.Integer(), nullable=True),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("parts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("format IN ('csv', 'xlsx')", name=op.f("ck_export_file_known_format")),
        sa.CheckConstraint(
            "kind IN ('list', 'supporters', 'entries')", name=op.f("ck_export_file_known_kind")
        ),
        sa.CheckConstraint(
            "(ready_at IS NULL) = (parts = 0)", name=op.f("ck_export_file_ready_has_parts")
        ),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_export_file_by_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_file")),
    )
    op.create_index(op.f("ix_export_file_by_account_id"), "export_file", ["by_account_id"])
    op.create_index(op.f("ix_export_file_expires_at"), "export_file", ["expires_at"])
    op.create_index(
        "ix_export_file_owed",
        "export_file",
        ["due_at"],
        postgresql_where="due_at IS NOT NULL",
    )
    op.create_table(
        "export_part",
        sa.Column("export_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"],
            ["export_file.id"],
            name=op.f("fk_export_part_export_id_export_file"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("export_id", "place", name=op.f("pk_export_part")),
    )


def downgrade() -> None:
    op.drop_table("export_part")
    op.drop_table("export_file")
