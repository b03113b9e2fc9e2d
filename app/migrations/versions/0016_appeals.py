"""Appeals under articles, goals, and which appeal led to a gift.

Revision: 0016
Follows: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: What a count of visits was kept by until now.
SIDES = ["day", "step", "language", "device", "campaign", "article"]


def upgrade() -> None:
    appeals()
    goals()
    op.add_column("touch", sa.Column("appeal", sa.String(length=40), nullable=True))
    op.add_column("touch", sa.Column("title", sa.String(length=200), nullable=True))
    op.add_column("touch", sa.Column("url", sa.String(length=500), nullable=True))
    op.create_index(
        "ix_touch_appeal", "touch", ["appeal"], postgresql_where=sa.text("appeal IS NOT NULL")
    )
    op.add_column(
        "funnel_day",
        sa.Column("appeal", sa.String(length=40), server_default="", nullable=False),
    )
    op.drop_constraint("pk_funnel_day", "funnel_day")
    op.create_primary_key("pk_funnel_day", "funnel_day", [*SIDES, "appeal"])
    op.create_index("ix_funnel_day_appeal", "funnel_day", ["appeal", "step"])


def downgrade() -> None:
    op.execute("DELETE FROM funnel_day WHERE step = 'shown'")
    op.drop_index("ix_funnel_day_appeal", "funnel_day")
    op.drop_constraint("pk_funnel_day", "funnel_day")
    op.execute(
        """
        CREATE TEMPORARY TABLE together ON COMMIT DROP AS
        SELECT day, step, language, device, campaign, article, sum(count) AS count
        FROM funnel_day GROUP BY 1, 2, 3, 4, 5, 6
        """
    )
    op.execute("DELETE FROM funnel_day")
    op.drop_column("funnel_day", "appeal")
    op.execute(
        "INSERT INTO funnel_day (day, step, language, device, campaign, article, count) "
        "SELECT day, step, language, device, campaign, article, count FROM together"
    )
    op.create_primary_key("pk_funnel_day", "funnel_day", SIDES)
    op.drop_index("ix_touch_appeal", "touch")
    for column in ("url", "title", "appeal"):
        op.drop_column("touch", column)
    op.drop_table("goal")
    op.drop_table("appeal")


def appeals() -> None:
    op.create_table(
        "appeal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("texts", pg.JSONB(), nullable=False),
        sa.Column("amounts", pg.JSONB(), server_default="{}", nullable=False),
        sa.Column("articles", pg.ARRAY(sa.String(length=500)), server_default="{}", nullable=False),
        sa.Column("sections", pg.ARRAY(sa.String(length=100)), server_default="{}", nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_on", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("edition", sa.Integer(), server_default="1", nullable=False),
        sa.Column("edition_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("from_at < until_at", name=op.f("ck_appeal_begins_before_it_ends")),
        sa.CheckConstraint("edition > 0", name=op.f("ck_appeal_positive_edition")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal")),
    )


def goals() -> None:
    op.create_table(
        "goal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("titles", pg.JSONB(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("target", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_shown", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('patrons', 'monthly', 'raised')", name=op.f("ck_goal_known_kind")
        ),
        sa.CheckConstraint("target > 0", name=op.f("ck_goal_positive")),
        sa.CheckConstraint(
            "(currency IS NULL) = (kind = 'patrons')", name=op.f("ck_goal_money_has_a_currency")
        ),
        sa.CheckConstraint(
            "(starts_on IS NOT NULL) = (kind = 'raised')", name=op.f("ck_goal_raised_since")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_goal_begins_before_it_ends")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goal")),
    )
