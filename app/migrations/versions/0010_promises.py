"""Tables of the room promises.

Revision: 0010
Follows: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    promises()
    what_stands_beside_them()
    op.execute(
        "CREATE TRIGGER promise_update_is_final BEFORE UPDATE OR DELETE ON promise_update "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    for table in ("promise_follower", "promise_intake", "promise_update", "promise"):
        op.drop_table(table)


def promises() -> None:
    op.create_table(
        "promise",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("editor_id", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("first_due_on", sa.Date(), nullable=True),
        sa.Column("dated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("story_title", sa.String(length=200), nullable=True),
        sa.Column("story_url", sa.String(length=500), nullable=True),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("drop_reason", sa.Text(), nullable=True),
        sa.Column("overtaken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publications", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('chosen', 'in_work', 'published', 'dropped')",
            name=op.f("ck_promise_known_state"),
        ),
        sa.CheckConstraint(
            "num_nulls(story_title, story_url, published_on)"
            " = CASE WHEN state = 'published' THEN 0 ELSE 3 END",
            name=op.f("ck_promise_published_with_a_story"),
        ),
        sa.CheckConstraint(
            "(state = 'dropped') = (drop_reason IS NOT NULL)",
            name=op.f("ck_promise_dropped_with_a_reason"),
        ),
        sa.CheckConstraint(
            "num_nulls(due_on, first_due_on, dated_at) IN (0, 3)", name=op.f("ck_promise_dated")
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["account.id"], name=op.f("fk_promise_editor_id")
        ),
        sa.ForeignKeyConstraint(
            ["round_id", "number"],
            ["round_topic.round_id", "round_topic.number"],
            name=op.f("fk_promise_round_id_number"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_promise_round_id_number")),
    )
    op.create_index(op.f("ix_promise_editor_id"), "promise", ["editor_id"])
    op.create_index("ix_promise_state", "promise", ["state"])
    op.create_index(
        "ix_promise_owed", "promise", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL")
    )


def what_stands_beside_them() -> None:
    op.create_table(
        "promise_update",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("promise_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("entry", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "entry IN ('made', 'note', 'moved', 'corrected', 'dated', 'overtaken', 'restored')",
            name=op.f("ck_promise_update_known_entry"),
        ),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_promise_update_by_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["promise_id"], ["promise.id"], name=op.f("fk_promise_update_promise_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_update")),
    )
    op.create_index(op.f("ix_promise_update_promise_id"), "promise_update", ["promise_id"])
    op.create_table(
        "promise_intake",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("picks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["voting_round.id"], name=op.f("fk_promise_intake_round_id")
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"],
            ["publication.id"],
            name=op.f("fk_promise_intake_publication_id"),
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_promise_intake")),
    )
    op.create_table(
        "promise_follower",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_promise_follower_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_promise_follower")),
    )
