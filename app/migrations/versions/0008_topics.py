"""Topics: proposals, who seconds them, their steps, reports of abuse, and published stories.

Revision: 0008
Follows: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "story",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("trigrams", sa.ARRAY(sa.String(length=3)), nullable=False),
        sa.Column("entered_by_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "entered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["account.id"], name=op.f("fk_story_entered_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
        sa.UniqueConstraint("url", name=op.f("uq_story_url")),
    )
    op.create_index(op.f("ix_story_published_on"), "story", ["published_on"], unique=False)
    op.create_index(
        "ix_story_trigrams", "story", ["trigrams"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("links", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("trigrams", sa.ARRAY(sa.String(length=3)), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("round_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'chosen') = (round_id IS NOT NULL)",
            name=op.f("ck_proposal_chosen_in_a_round"),
        ),
        sa.CheckConstraint(
            "(state = 'merged') = (merged_into_id IS NOT NULL) AND merged_into_id <> id",
            name=op.f("ck_proposal_merged_into_another"),
        ),
        sa.CheckConstraint(
            "state <> 'declined' OR length(reason) > 0",
            name=op.f("ck_proposal_declined_with_a_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'considering', 'shortlisted', 'chosen', 'declined', 'merged')",
            name=op.f("ck_proposal_known_state"),
        ),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_reason IS NULL)",
            name=op.f("ck_proposal_hidden_has_a_reason"),
        ),
        sa.CheckConstraint("cardinality(links) <= 3", name=op.f("ck_proposal_few_links")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_proposal_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["proposal.id"], name=op.f("fk_proposal_merged_into_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["voting_round.id"], name=op.f("fk_proposal_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("request_key", name=op.f("uq_proposal_request_key")),
    )
    op.create_index(op.f("ix_proposal_account_id"), "proposal", ["account_id"], unique=False)
    op.create_index(
        op.f("ix_proposal_merged_into_id"), "proposal", ["merged_into_id"], unique=False
    )
    op.create_index("ix_proposal_state", "proposal", ["state", "id"], unique=False)
    op.create_index(
        "ix_proposal_trigrams", "proposal", ["trigrams"], unique=False, postgresql_using="gin"
    )
    op.create_table(
        "proposal_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_proposal_report_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_report_proposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["settled_by_id"], ["account.id"], name=op.f("fk_proposal_report_settled_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_report")),
        sa.UniqueConstraint(
            "proposal_id", "account_id", name=op.f("uq_proposal_report_proposal_id_account_id")
        ),
    )
    op.create_index(
        "ix_proposal_report_open",
        "proposal_report",
        ["proposal_id"],
        unique=False,
        postgresql_where="settled_at IS NULL",
    )
    op.create_table(
        "proposal_seconding",
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_proposal_seconding_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_seconding_proposal_id")
        ),
        sa.PrimaryKeyConstraint("proposal_id", "account_id", name=op.f("pk_proposal_seconding")),
    )
    op.create_index(
        op.f("ix_proposal_seconding_account_id"), "proposal_seconding", ["account_id"], unique=False
    )
    op.create_table(
        "proposal_step",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_proposal_step_by_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_step_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_step")),
    )
    op.create_index(
        op.f("ix_proposal_step_proposal_id"), "proposal_step", ["proposal_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_proposal_step_proposal_id"), table_name="proposal_step")
    op.drop_table("proposal_step")
    op.drop_index(op.f("ix_proposal_seconding_account_id"), table_name="proposal_seconding")
    op.drop_table("proposal_seconding")
    op.drop_index(
        "ix_proposal_report_open",
        table_name="proposal_report",
        postgresql_where="settled_at IS NULL",
    )
    op.drop_table("proposal_report")
    op.drop_index("ix_proposal_trigrams", table_name="proposal", postgresql_using="gin")
    op.drop_index("ix_proposal_state", table_name="proposal")
    op.drop_index(op.f("ix_proposal_merged_into_id"), table_name="proposal")
    op.drop_index(op.f("ix_proposal_account_id"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_index("ix_story_trigrams", table_name="story", postgresql_using="gin")
    op.drop_index(op.f("ix_story_published_on"), table_name="story")
    op.drop_table("story")
