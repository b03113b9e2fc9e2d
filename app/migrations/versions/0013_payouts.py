"""What Stripe paid out, and the newsroom's own rates of exchange.

Revision: 0013
Follows: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    payouts()
    looks()
    entries()
    sums()
    rates()
    for table in ("payout_entry", "own_rate"):
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.drop_table("own_rate")
    op.drop_table("payout_sum")
    op.drop_table("payout_entry")
    op.drop_table("payout_look")
    op.drop_table("payout")


def payouts() -> None:
    op.create_table(
        "payout",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("stripe_payout_id", sa.String(length=255), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("arrives_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure", sa.String(length=60), nullable=True),
        sa.Column("returned_by", sa.String(length=255), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_minor", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'in_transit', 'paid', 'failed', 'cancelled')",
            name=op.f("ck_payout_known_status"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
        sa.UniqueConstraint("stripe_payout_id", name=op.f("uq_payout_stripe_payout_id")),
    )
    op.create_index("ix_payout_arrives", "payout", ["arrives_on"])
    op.create_index(
        "ix_payout_owed", "payout", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )


def looks() -> None:
    op.create_table(
        "payout_look",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(length=60), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_payout_look_is_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_look")),
    )


def entries() -> None:
    op.create_table(
        "payout_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("payout_id", sa.BigInteger(), nullable=False),
        sa.Column("stripe_balance_transaction_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("stripe_type", sa.String(length=60), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("stripe_source_id", sa.String(length=255), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "amount_minor = net_minor + fee_minor", name=op.f("ck_payout_entry_adds_up")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payout.id"], name=op.f("fk_payout_entry_payout_id_payout")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_entry")),
        sa.UniqueConstraint(
            "stripe_balance_transaction_id",
            name=op.f("uq_payout_entry_stripe_balance_transaction_id"),
        ),
    )
    op.create_index(op.f("ix_payout_entry_payout_id"), "payout_entry", ["payout_id"])
    op.create_index("ix_payout_entry_happened", "payout_entry", ["happened_at"])


def sums() -> None:
    op.create_table(
        "payout_sum",
        sa.Column("payout_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payout.id"], name=op.f("fk_payout_sum_payout_id_payout")
        ),
        sa.PrimaryKeyConstraint("payout_id", "kind", name=op.f("pk_payout_sum")),
    )


def rates() -> None:
    op.create_table(
        "own_rate",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("into_currency", sa.String(length=3), nullable=False),
        sa.Column("rate", sa.Numeric(precision=20, scale=10), nullable=True),
        sa.Column("entered_by_id", sa.BigInteger(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_own_rate_positive")),
        sa.CheckConstraint("currency <> into_currency", name=op.f("ck_own_rate_of_two")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["account.id"], name=op.f("fk_own_rate_entered_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_rate")),
    )
    op.create_index("ix_own_rate_month", "own_rate", ["month", "currency", "into_currency"])
