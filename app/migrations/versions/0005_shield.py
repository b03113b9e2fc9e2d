"""The log of the shield against card testing.

Revision: 0005
Follows: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shield_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lowered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=20), nullable=False),
        sa.Column("raised_by_id", sa.BigInteger(), nullable=True),
        sa.Column("lowered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("held_back", sa.Integer(), nullable=False),
        sa.Column("reached_stripe", sa.Integer(), nullable=False),
        sa.Column("paid", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "why IN ('pressure', 'staff')", name=op.f("ck_shield_log_known_reason")
        ),
        sa.ForeignKeyConstraint(
            ["lowered_by_id"], ["account.id"], name=op.f("fk_shield_log_lowered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["raised_by_id"], ["account.id"], name=op.f("fk_shield_log_raised_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shield_log")),
    )
    op.create_index(
        "uq_shield_log_open",
        "shield_log",
        [sa.literal_column("(lowered_at IS NULL)")],
        unique=True,
        postgresql_where=sa.text("lowered_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_shield_log_open", table_name="shield_log")
    op.drop_table("shield_log")
