"""What was agreed to, when and to which text, and the runs of time limits.

Revision: 0020
Follows: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

#: Guards what is added and never changed, but removed once its time is over.
REFUSE = """
CREATE FUNCTION refuse_unless_forgotten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('hromada.forgetting', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'entries of % are added, never changed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    op.execute(REFUSE)
    consents()
    op.execute("DROP TRIGGER audit_entry_is_final ON audit_entry")
    _guard("audit_entry", "refuse_unless_forgotten")
    runs()
    op.add_column(
        "checkout",
        sa.Column("letters", sa.String(length=100), server_default="", nullable=False),
    )
    carry_over()
    op.drop_table("promise_follower")


def downgrade() -> None:
    followers()
    op.drop_column("checkout", "letters")
    op.drop_table("limit_run")
    op.drop_table("consent")
    op.execute("DROP TRIGGER audit_entry_is_final ON audit_entry")
    _guard("audit_entry", "refuse_change")
    op.execute("DROP FUNCTION refuse_unless_forgotten()")


def consents() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("wording", sa.String(length=20), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "entered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "act IN ('given', 'withdrawn', 'carried')", name=op.f("ck_consent_known_act")
        ),
        sa.CheckConstraint(
            "how IN ('form', 'page', 'letter', 'staff', 'merge', 'import')",
            name=op.f("ck_consent_known_way"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(
        "ix_consent_newest", "consent", ["account_id", "category", sa.literal_column("id DESC")]
    )
    _guard("consent", "refuse_unless_forgotten")


def _guard(table: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )


def runs() -> None:
    op.create_table(
        "limit_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("limit_key", sa.String(length=40), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_run")),
    )
    op.create_index("ix_limit_run_newest", "limit_run", ["limit_key", sa.literal_column("id DESC")])
    # From now on limits are held to: one that never ran is overdue by this, see `LimitRun`.
    op.execute(
        "INSERT INTO limit_run (limit_key, began_at, ended_at, gone) VALUES ('', now(), now(), 0)"
    )


def carry_over() -> None:
    """Let nobody lose without a word what they got before consent was asked for.

    Who chose letters about published stories agreed to them, by a page whose words are version
    topics-0. Whoever else ever was a patron, voted or suggested a topic goes on getting what they
    got, and each letter ends it with one click.
    """
    op.execute(
        """
        INSERT INTO consent (account_id, category, act, wording, locale, how, at)
        SELECT coalesce(merged_into_id, account.id) AS person, 'topics', 'given', 'topics-0',
            max(locale), 'import', min(since)
        FROM promise_follower JOIN account ON account.id = account_id
        GROUP BY person ORDER BY person
        """
    )
    carried = (
        "INSERT INTO consent (account_id, category, act, wording, locale, how, at)"
        " SELECT id, '{category}', 'carried', '', locale, 'import', now() FROM account"
        " WHERE merged_into_id IS NULL AND id IN ({people}) AND NOT EXISTS ("
        "SELECT FROM consent WHERE account_id = account.id AND category = '{category}')"
        " ORDER BY id"
    )
    keeper = "SELECT coalesce(owner.merged_into_id, owner.id) FROM account AS owner"
    keeper += " JOIN {table} AS by_person ON by_person.account_id = owner.id{where}"
    votes = " UNION ".join(
        (
            keeper.format(table="pledge", where=" WHERE started_at IS NOT NULL"),
            keeper.format(table="participation", where=""),
        )
    )
    op.execute(carried.format(category="votes", people=votes))
    op.execute(carried.format(category="topics", people=keeper.format(table="proposal", where="")))


def followers() -> None:
    """Make again what consents took the place of."""
    op.create_table(
        "promise_follower",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_promise_follower_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_promise_follower")),
    )
    op.execute(
        """
        INSERT INTO promise_follower (account_id, since)
        SELECT account_id, at FROM (
            SELECT DISTINCT ON (account_id) account_id, at, act FROM consent
            WHERE category = 'topics' ORDER BY account_id, id DESC
        ) AS newest WHERE act = 'given'
        """
    )
