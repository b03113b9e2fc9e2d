"""Bank statements and their lines, and the other ways to support.

Revision: 0006
Follows: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "statement_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("heading_hash", sa.LargeBinary(), nullable=True),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("uploaded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("debits", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("unread", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "format IN ('table', 'camt')", name=op.f("ck_statement_import_known_format")
        ),
        sa.CheckConstraint(
            "(read_at IS NULL) = (body_sealed IS NOT NULL)",
            name=op.f("ck_statement_import_body_while_a_draft"),
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["account.id"], name=op.f("fk_statement_import_uploaded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_import")),
    )
    op.create_index(
        op.f("ix_statement_import_body_hash"), "statement_import", ["body_hash"], unique=False
    )
    op.create_index(
        op.f("ix_statement_import_heading_hash"), "statement_import", ["heading_hash"], unique=False
    )
    op.create_table(
        "statement_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payer", sa.String(length=140), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("bank_reference", sa.String(length=140), nullable=False),
        sa.Column("payer_account_hash", sa.LargeBinary(), nullable=True),
        sa.Column("payer_account_last4", sa.String(length=4), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("donation_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'booked') = (donation_id IS NOT NULL)",
            name=op.f("ck_statement_line_booked_is_a_gift"),
        ),
        sa.CheckConstraint(
            "(status = 'waiting') = (decided_at IS NULL)",
            name=op.f("ck_statement_line_decided_or_waiting"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_statement_line_positive")),
        sa.CheckConstraint(
            "status IN ('waiting', 'booked', 'set_aside')",
            name=op.f("ck_statement_line_known_status"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["account.id"], name=op.f("fk_statement_line_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["donation_id"], ["donation.id"], name=op.f("fk_statement_line_donation_id")
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["statement_import.id"], name=op.f("fk_statement_line_import_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
        sa.UniqueConstraint("donation_id", name=op.f("uq_statement_line_donation_id")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_statement_line_fingerprint")),
    )
    op.create_index(
        op.f("ix_statement_line_content_hash"), "statement_line", ["content_hash"], unique=False
    )
    op.create_index(
        op.f("ix_statement_line_import_id"), "statement_line", ["import_id"], unique=False
    )
    op.create_index(
        op.f("ix_statement_line_payer_account_hash"),
        "statement_line",
        ["payer_account_hash"],
        unique=False,
    )
    op.create_index(
        "ix_statement_line_waiting",
        "statement_line",
        ["booked_on"],
        unique=False,
        postgresql_where="status = 'waiting'",
    )
    op.create_table(
        "other_way",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("titles", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('bank', 'paypal', 'crypto', 'mail', 'other')",
            name=op.f("ck_other_way_known_kind"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_way")),
    )


def downgrade() -> None:
    op.drop_table("other_way")
    op.drop_index("ix_statement_line_waiting", table_name="statement_line")
    op.drop_index(op.f("ix_statement_line_payer_account_hash"), table_name="statement_line")
    op.drop_index(op.f("ix_statement_line_import_id"), table_name="statement_line")
    op.drop_index(op.f("ix_statement_line_content_hash"), table_name="statement_line")
    op.drop_table("statement_line")
    op.drop_index(op.f("ix_statement_import_heading_hash"), table_name="statement_import")
    op.drop_index(op.f("ix_statement_import_body_hash"), table_name="statement_import")
    op.drop_table("statement_import")
