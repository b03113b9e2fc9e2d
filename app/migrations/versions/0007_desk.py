"""Comparisons with Stripe and the differences they found; the inbox as staff look into it.

Revision: 0007
Follows: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparison",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("compared", sa.ARRAY(sa.String(length=40)), server_default="{}", nullable=False),
        sa.Column("looked_at", sa.Integer(), server_default="0", nullable=False),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["account.id"], name=op.f("fk_comparison_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comparison")),
    )
    op.create_index(
        "uq_comparison_unfinished",
        "comparison",
        [sa.literal_column("(finished_at IS NULL)")],
        unique=True,
        postgresql_where="finished_at IS NULL",
    )
    op.create_index(
        "ix_comparison_owed", "comparison", ["due_at"], postgresql_where="due_at IS NOT NULL"
    )
    op.create_table(
        "difference",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=255), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("theirs", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "what IN ('missing_here', 'missing_there', 'differs')",
            name=op.f("ck_difference_known_what"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference")),
    )
    op.create_index(
        "uq_difference_open",
        "difference",
        ["kind", "object_id", "field"],
        unique=True,
        postgresql_where="gone_at IS NULL",
    )
    op.create_index(
        "ix_difference_owed", "difference", ["due_at"], postgresql_where="due_at IS NOT NULL"
    )
    op.create_index("ix_inbox_event_received", "inbox_event", ["received_at", "id"])
    op.create_index("ix_inbox_event_object", "inbox_event", ["stripe_object_id"])


def downgrade() -> None:
    op.drop_index("ix_inbox_event_object", table_name="inbox_event")
    op.drop_index("ix_inbox_event_received", table_name="inbox_event")
    op.drop_table("difference")
    op.drop_table("comparison")
