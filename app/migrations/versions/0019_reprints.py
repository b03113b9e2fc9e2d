"""Requests to reprint and the permissions granted.

Revision: 0019
Follows: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reprint_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("organisation", sa.String(length=160), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("articles", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'granted', 'refused', 'spam')",
            name=op.f("ck_reprint_request_known_state"),
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refusal IS NOT NULL)",
            name=op.f("ck_reprint_request_refused_with_a_reason"),
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)",
            name=op.f("ck_reprint_request_decided_once"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_reprint_request_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["account.id"],
            name=op.f("fk_reprint_request_decided_by_id_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reprint_request")),
        sa.UniqueConstraint("request_key", name=op.f("uq_reprint_request_request_key")),
    )
    op.create_index(op.f("ix_reprint_request_account_id"), "reprint_request", ["account_id"])
    op.create_index("ix_reprint_request_state", "reprint_request", ["state", "asked_at"])
    op.create_table(
        "reprint_permission",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("check_part", sa.String(length=8), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(length=300), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("articles", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("credit_line", sa.String(length=300), nullable=False),
        sa.Column("changes_allowed", sa.Boolean(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawal", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "num_nulls(withdrawn_at, withdrawn_by_id, withdrawal) IN (0, 3)",
            name=op.f("ck_reprint_permission_withdrawn_with_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["reprint_request.id"],
            name=op.f("fk_reprint_permission_request_id_reprint_request"),
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"],
            ["account.id"],
            name=op.f("fk_reprint_permission_withdrawn_by_id_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reprint_permission")),
        sa.UniqueConstraint("request_id", name=op.f("uq_reprint_permission_request_id")),
    )


def downgrade() -> None:
    op.drop_table("reprint_permission")
    op.drop_table("reprint_request")
