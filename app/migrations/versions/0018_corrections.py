"""Corrections that readers send, grouped by passage, and the public log.

Revision: 0018
Follows: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = (
    "correction_note_version",
    "correction_note",
    "correction",
    "correction_answer",
    "correction_group",
)
#: What once was published is added to, never changed; what was sent is forgotten after a time.
FINAL = {"correction_note_version": "UPDATE OR DELETE", "correction_answer": "UPDATE"}


def upgrade() -> None:
    op.create_table(
        "correction_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("article", sa.String(length=2000), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("joined_into_id", sa.BigInteger(), nullable=True),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'no_mistake') = (reason <> '')",
            name=op.f("ck_correction_group_no_mistake_has_a_reason"),
        ),
        sa.CheckConstraint(
            "(state IN ('new', 'in_hand')) = (settled_at IS NULL)",
            name=op.f("ck_correction_group_open_is_not_settled"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'in_hand', 'corrected', 'no_mistake', 'spam')",
            name=op.f("ck_correction_group_known_state"),
        ),
        sa.CheckConstraint(
            "joined_into_id <> id", name=op.f("ck_correction_group_joined_into_another")
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"], ["account.id"], name=op.f("fk_correction_group_assignee_id")
        ),
        sa.ForeignKeyConstraint(
            ["joined_into_id"],
            ["correction_group.id"],
            name=op.f("fk_correction_group_joined_into_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_group")),
    )
    op.create_index(
        op.f("ix_correction_group_article"), "correction_group", ["article"], unique=False
    )
    op.create_index(
        op.f("ix_correction_group_assignee_id"), "correction_group", ["assignee_id"], unique=False
    )
    op.create_index(
        op.f("ix_correction_group_joined_into_id"),
        "correction_group",
        ["joined_into_id"],
        unique=False,
    )
    op.create_index(
        "ix_correction_group_state", "correction_group", ["state", "last_at"], unique=False
    )
    op.create_table(
        "correction_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("texts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_correction_answer_by_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["correction_group.id"], name=op.f("fk_correction_answer_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_answer")),
    )
    op.create_index(
        op.f("ix_correction_answer_group_id"), "correction_answer", ["group_id"], unique=False
    )
    op.create_table(
        "correction_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("article", sa.String(length=2000), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_reason = '')",
            name=op.f("ck_correction_note_withdrawn_with_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["correction_group.id"], name=op.f("fk_correction_note_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_note")),
    )
    op.create_index(
        op.f("ix_correction_note_article"), "correction_note", ["article"], unique=False
    )
    op.create_index(
        op.f("ix_correction_note_group_id"), "correction_note", ["group_id"], unique=False
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("with_address", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "source IN ('article', 'form')", name=op.f("ck_correction_known_source")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_correction_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["correction_answer.id"], name=op.f("fk_correction_answer_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["correction_group.id"], name=op.f("fk_correction_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("request_key", name=op.f("uq_correction_request_key")),
    )
    op.create_index(op.f("ix_correction_account_id"), "correction", ["account_id"], unique=False)
    op.create_index(op.f("ix_correction_group_id"), "correction", ["group_id"], unique=False)
    op.create_index("ix_correction_sent", "correction", ["sent_at"], unique=False)
    op.create_table(
        "correction_note_version",
        sa.Column("note_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("stood", sa.Text(), nullable=False),
        sa.Column("stands", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('correction', 'clarification')",
            name=op.f("ck_correction_note_version_known_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_correction_note_version_by_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["note_id"], ["correction_note.id"], name=op.f("fk_correction_note_version_note_id")
        ),
        sa.PrimaryKeyConstraint("note_id", "number", name=op.f("pk_correction_note_version")),
    )
    op.create_index(
        "ix_correction_note_version_day", "correction_note_version", ["day"], unique=False
    )
    for table, change in FINAL.items():
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE {change} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
