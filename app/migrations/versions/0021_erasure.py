"""Data taken away and accounts erased.

Revision: 0021
Follows: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

#: What of guarded tables an erasure may empty, and nothing else: the columns of the guard (all
#: where there are none), and of them those that may become null, empty or a word of ours.
ERASABLE = {
    "donation": (
        (
            "id, source, pledge_id, checkout_id, amount_minor, cover_minor, currency, received_at, "
            "entered_at, card_brand, card_last4, stripe_invoice_id, stripe_payment_intent_id, "
            "stripe_charge_id, reference, entered_by_id"
        ),
        (
            "card_last4",
            "stripe_invoice_id",
            "stripe_payment_intent_id",
            "stripe_charge_id",
            "reference",
        ),
    ),
    "donation_fee": (
        "donation_id, fee_minor, net_minor, currency, stripe_balance_transaction_id, entered_at",
        ("stripe_balance_transaction_id",),
    ),
    "receipt": ("id, donation_id, year, number, issued_on, donor_name, locale", ("donor_name",)),
    "adjustment": ("", ("note", "stripe_balance_transaction_id")),
    "failed_payment": ("", ("pay_url", "stripe_invoice_id")),
    "payout_entry": ("", ("description", "stripe_source_id", "stripe_balance_transaction_id")),
}

#: Keys that lead to an account, by the table: who deletes one account would read these whole.
KEYS = {
    "account": ("merged_into_id",),
    "adjustment": ("by_account_id",),
    "donation": ("entered_by_id",),
    "erasure": ("asked_by_id",),
    "pledge_change": ("by_account_id",),
    "proposal_report": ("account_id", "settled_by_id"),
    "proposal_step": ("by_account_id",),
    "refund": ("asked_by_id", "approved_by_id"),
    "reprint_request": ("decided_by_id",),
    "statement_line": ("decided_by_id",),
}


def upgrade() -> None:
    erasures()
    steps()
    takeouts()
    # Files of staff that are being made are begun anew when somebody in them is erased.
    op.add_column(
        "export_file", sa.Column("anew", sa.Integer(), server_default="0", nullable=False)
    )
    keys()
    widen()


def downgrade() -> None:
    op.drop_index("ix_account_note_by_account_id", "account_note")
    for table, columns in KEYS.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)
    for table, (columns, _erasable) in ERASABLE.items():
        _guard(table, columns, "refuse_change()")
    _guard("audit_entry", "", "refuse_unless_forgotten()")
    op.execute("DROP FUNCTION refuse_unless_forgotten_or_erased()")
    op.execute("DROP FUNCTION refuse_unless_erased()")
    op.drop_column("export_file", "anew")
    op.drop_table("takeout_part")
    op.drop_table("takeout")
    op.drop_table("erasure_step")
    op.drop_table("erasure")


def keys() -> None:
    op.create_index(op.f("ix_account_note_by_account_id"), "account_note", ["by_account_id"])
    for table, columns in KEYS.items():
        for column in columns:
            op.create_index(
                f"ix_{table}_{column}", table, [column], postgresql_where=f"{column} IS NOT NULL"
            )


def widen() -> None:
    # A transaction says which erasure it carries out. It may change nothing but columns that can
    # lead to a person, and they may become nothing but empty, or a word that leads nowhere.
    op.execute(
        """
        CREATE FUNCTION refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            erasing text := nullif(current_setting('hromada.erasing', true), '');
            before jsonb;
            after jsonb;
        BEGIN
            IF TG_OP = 'UPDATE' AND erasing IS NOT NULL THEN
                before := to_jsonb(OLD);
                after := to_jsonb(NEW);
                IF after - TG_ARGV = before - TG_ARGV
                    AND NOT EXISTS (
                        SELECT FROM unnest(TG_ARGV) AS one (name)
                        WHERE (after ->> name) IS DISTINCT FROM (before ->> name)
                            AND coalesce(after ->> name, '') !~ '^(erased:.+|x[0-9]{3})?$'
                    )
                    AND EXISTS (
                        SELECT FROM erasure
                        WHERE id = erasing::uuid AND state IN ('running', 'done')
                    )
                THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'entries of % are added, never changed', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    # The log of staff keeps what was done; the words of who did it may name the person.
    op.execute(
        """
        CREATE FUNCTION refuse_unless_forgotten_or_erased() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            erasing text := nullif(current_setting('hromada.erasing', true), '');
        BEGIN
            IF TG_OP = 'DELETE' AND current_setting('hromada.forgetting', true) = 'on' THEN
                RETURN OLD;
            END IF;
            IF TG_OP = 'UPDATE' AND erasing IS NOT NULL THEN
                IF to_jsonb(NEW) - 'details' = to_jsonb(OLD) - 'details'
                    AND NEW.details = OLD.details - 'reason'
                    AND EXISTS (
                        SELECT FROM erasure
                        WHERE id = erasing::uuid AND state IN ('running', 'done')
                    )
                THEN
                    RETURN NEW;
                END IF;
            END IF;
            RAISE EXCEPTION 'entries of % are added, never changed', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    _guard("audit_entry", "", "refuse_unless_forgotten_or_erased()")
    for table, (columns, erasable) in ERASABLE.items():
        named = ", ".join(f"'{column}'" for column in erasable)
        _guard(table, columns, f"refuse_unless_erased({named})")


def _guard(table: str, columns: str, function: str) -> None:
    change = f"UPDATE OF {columns}" if columns else "UPDATE"
    op.execute(f"DROP TRIGGER {table}_is_final ON {table}")
    op.execute(
        f"CREATE TRIGGER {table}_is_final BEFORE {change} OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}"
    )


def owed() -> list[sa.Column[object]]:
    return [
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
    ]


def moments(*names: str) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=True) for name in names]


def erasures() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at_once", sa.Boolean(), nullable=False),
        *moments("confirmed_at", "comes_at", "begun_at", "ended_at", "done_at"),
        sa.Column("customers_sealed", sa.LargeBinary(), nullable=True),
        *moments("watched_at", "watch_until", "again_at", "books_cut_at"),
        *owed(),
        sa.CheckConstraint(
            "state IN ('asked', 'wanted', 'coming', 'running', 'done', 'undone', 'declined',"
            " 'expired', 'overtaken')",
            name=op.f("ck_erasure_known_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('coming', 'running')) = (due_at IS NOT NULL)",
            name=op.f("ck_erasure_owed_when_confirmed"),
        ),
        sa.CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_erasure_done_at_a_moment")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_erasure_account_id")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["account.id"], name=op.f("fk_erasure_asked_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_account_id"), "erasure", ["account_id"])
    op.create_index(
        "uq_erasure_open",
        "erasure",
        ["account_id"],
        unique=True,
        postgresql_where=(
            "state NOT IN ('asked', 'done', 'undone', 'declined', 'expired', 'overtaken')"
        ),
    )
    op.create_index(
        "uq_erasure_asked",
        "erasure",
        ["account_id"],
        unique=True,
        postgresql_where="state = 'asked'",
    )
    for name, column in (("owed", "due_at"), ("watched", "watch_until")):
        op.create_index(
            f"ix_erasure_{name}", "erasure", [column], postgresql_where=f"{column} IS NOT NULL"
        )


def steps() -> None:
    op.create_table(
        "erasure_step",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        *moments("done_at"),
        sa.ForeignKeyConstraint(
            ["erasure_id"],
            ["erasure.id"],
            name=op.f("fk_erasure_step_erasure_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("erasure_id", "name", name=op.f("pk_erasure_step")),
    )
    op.create_index(
        "ix_erasure_step_open", "erasure_step", ["erasure_id"], postgresql_where="done_at IS NULL"
    )


def takeouts() -> None:
    op.create_table(
        "takeout",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        *moments("ready_at", "failed_at", "expires_at", "fetched_at"),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("parts", sa.Integer(), server_default="0", nullable=False),
        *owed(),
        sa.CheckConstraint(
            "(ready_at IS NULL) = (parts = 0)", name=op.f("ck_takeout_ready_has_parts")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_takeout_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_takeout")),
    )
    op.create_index(op.f("ix_takeout_account_id"), "takeout", ["account_id"])
    op.create_index(op.f("ix_takeout_expires_at"), "takeout", ["expires_at"])
    op.create_index("ix_takeout_owed", "takeout", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_table(
        "takeout_part",
        sa.Column("takeout_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["takeout_id"],
            ["takeout.id"],
            name=op.f("fk_takeout_part_takeout_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("takeout_id", "place", name=op.f("pk_takeout_part")),
    )
