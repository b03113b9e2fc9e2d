"""How readers came: first and last touch of a gift, counts of the steps to it, campaigns.

Revision: 0012
Follows: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

#: What a touch may hold of where its reader came from, beside the article.
TOLD = ("campaign", "source", "medium", "content", "term", "place", "referrer")


def upgrade() -> None:
    op.add_column("checkout", sa.Column("device", sa.String(length=10), nullable=True))
    op.create_check_constraint(
        op.f("ck_checkout_known_device"), "checkout", "device IN ('phone', 'desktop')"
    )
    op.create_index(
        "ix_checkout_paid", "checkout", ["closed_at"], postgresql_where=sa.text("status = 'paid'")
    )
    op.create_index(
        "ix_donation_once",
        "donation",
        ["received_at"],
        postgresql_where=sa.text("checkout_id IS NOT NULL"),
    )
    touches()
    counts()
    campaigns()
    op.execute(
        "CREATE TRIGGER touch_is_final BEFORE UPDATE ON touch "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    for table in ("campaign", "funnel_fold", "funnel_day", "touch"):
        op.drop_table(table)
    op.drop_index("ix_donation_once", "donation")
    op.drop_index("ix_checkout_paid", "checkout")
    op.drop_constraint(op.f("ck_checkout_known_device"), "checkout")
    op.drop_column("checkout", "device")


def touches() -> None:
    op.create_table(
        "touch",
        sa.Column("checkout_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.String(length=5), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("article", sa.String(length=500), nullable=True),
        *(sa.Column(name, sa.String(length=100), nullable=True) for name in TOLD),
        sa.CheckConstraint("turn IN ('first', 'last')", name=op.f("ck_touch_known_turn")),
        sa.ForeignKeyConstraint(
            ["checkout_id"],
            ["checkout.id"],
            name=op.f("fk_touch_checkout_id_checkout"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_touch_pledge_id_pledge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("checkout_id", "turn", name=op.f("pk_touch")),
    )
    op.create_index("ix_touch_pledge_id", "touch", ["pledge_id", "turn"], unique=True)
    op.create_index("ix_touch_campaign", "touch", ["campaign", "turn"])


def counts() -> None:
    op.create_table(
        "funnel_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("device", sa.String(length=10), nullable=False),
        sa.Column("campaign", sa.String(length=100), nullable=False),
        sa.Column("article", sa.String(length=500), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "step", "language", "device", "campaign", "article", name=op.f("pk_funnel_day")
        ),
    )
    op.create_table(
        "funnel_fold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("folded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_funnel_fold")),
    )
    op.create_index(op.f("ix_funnel_fold_folded_at"), "funnel_fold", ["folded_at"])


def campaigns() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("goal_minor", sa.BigInteger(), nullable=True),
        sa.Column("cost_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_campaign_ends_after_start")),
        sa.CheckConstraint("goal_minor > 0", name=op.f("ck_campaign_positive_goal")),
        sa.CheckConstraint("cost_minor >= 0", name=op.f("ck_campaign_no_negative_cost")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("name", "starts_on", name=op.f("uq_campaign_name_starts_on")),
    )
