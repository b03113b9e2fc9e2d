"""The movement ledger: what recurs and every change of it; pledges there are enter as they stand.

Also who of the staff wants the Monday letter.

Revision: 0011
Follows: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

#: What may never change of an entered movement: all but whose it is, which a merge changes.
FINAL = "id, pledge_id, kind, cause, yearly_minor, currency, interval, at, entered_at"


def upgrade() -> None:
    op.add_column(
        "account",
        sa.Column("monday_letter", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    tables()
    what_stands()
    op.execute(
        f"CREATE TRIGGER pledge_movement_is_final BEFORE UPDATE OF {FINAL} OR DELETE "
        "ON pledge_movement FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    op.drop_table("movement_check")
    op.drop_table("pledge_movement")
    op.drop_column("account", "monday_letter")


def tables() -> None:
    op.create_table(
        "pledge_movement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("yearly_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("interval", sa.String(length=8), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('new', 'returning', 'up', 'down', 'paused', 'resumed', 'left', 'lapsed',"
            " 'ended', 'correction')",
            name=op.f("ck_pledge_movement_known_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_pledge_movement_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f("fk_pledge_movement_pledge_id_pledge")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_movement")),
    )
    op.create_index("ix_pledge_movement_at", "pledge_movement", ["at"])
    op.create_index("ix_pledge_movement_account", "pledge_movement", ["account_id", "at"])
    op.create_index(op.f("ix_pledge_movement_pledge_id"), "pledge_movement", ["pledge_id"])
    op.create_table(
        "movement_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pledges", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement_check")),
    )
    op.create_index(op.f("ix_movement_check_at"), "movement_check", ["at"])


def what_stands() -> None:
    """Enter for every pledge that it began, at today's amount, and that it ended or rests.

    What changed in between was not kept before.
    """
    op.execute(
        """
        WITH begun AS (
            SELECT id, account_id, started_at, ended_at, end_reason, status, currency, interval,
                   paid_until, coalesce(seen_at, now()) AS seen_at,
                   amount_minor * CASE interval WHEN 'month' THEN 12 ELSE 1 END AS yearly,
                   row_number() OVER (PARTITION BY account_id ORDER BY started_at, id) AS place
            FROM pledge WHERE started_at IS NOT NULL
        ), moved AS (
            SELECT *, CASE WHEN place = 1 THEN 'new' ELSE 'returning' END AS kind,
                   'first_gift' AS cause, yearly AS by, started_at AS at, 0 AS turn
            FROM begun
            UNION ALL
            SELECT *, CASE end_reason WHEN 'left' THEN 'left' WHEN 'unpaid' THEN 'lapsed'
                       WHEN 'disputed' THEN 'lapsed' ELSE 'ended' END,
                   coalesce(end_reason, 'unknown'), -yearly, greatest(ended_at, started_at), 1
            FROM begun WHERE status IN ('lapsed', 'ended')
            UNION ALL
            SELECT *, 'paused', 'pause', -yearly, greatest(seen_at, started_at), 1
            FROM begun WHERE status = 'paused'
        )
        INSERT INTO pledge_movement (account_id, pledge_id, kind, cause, yearly_minor, currency,
                                     interval, at, entered_at)
        SELECT account_id, id, kind, cause, by, currency, interval, at, now()
        FROM moved ORDER BY at, turn, id
        """
    )
