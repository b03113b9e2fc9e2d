"""Sums by day and by person that reports read, and what of them is out of date.

Revision: 0015
Follows: 0014
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.watching import all_days, quarters, unwatch, watch

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    followed()
    movement_days()
    cash_days()


def downgrade() -> None:
    for table in ("donation", "donation_fee", "adjustment"):
        unwatch(table, "cash_day")
    for table in ("pledge_movement", "pledge"):
        unwatch(table, "movement_day")
    for table in ("cash_day", "raise_day", "giver_day", "movement_day"):
        op.drop_table(table)
    op.drop_table("rollup_state")
    op.drop_table("rollup_stale")
    op.execute("DROP FUNCTION quarter_of(timestamptz)")


def followed() -> None:
    quarters()
    op.create_table(
        "rollup_stale",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("rollup", sa.String(length=20), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_stale")),
    )
    op.create_index("ix_rollup_stale_rollup", "rollup_stale", ["rollup", "id"])
    op.create_table(
        "rollup_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("terms", sa.String(length=100), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("differing", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_rollup_state_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollup_state")),
    )


def movement_days() -> None:
    op.create_table(
        "movement_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("stood", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("yearly_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "currency", "kind", "cause", "stood", name=op.f("pk_movement_day")
        ),
    )
    op.create_table(
        "giver_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("plan", sa.String(length=8), nullable=False),
        sa.Column("yearly_minor", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "day", "currency", "plan", "yearly_minor", name=op.f("pk_giver_day")
        ),
    )
    op.create_table(
        "raise_day",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("yearly_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_raise_day")),
    )
    op.create_index(op.f("ix_raise_day_day"), "raise_day", ["day"])
    # What somebody gives on later days, and how the month began, follows from what moved before.
    later = (
        "SELECT quarter_of(later.at) FROM changed JOIN pledge_movement AS later"
        " ON later.account_id = changed.account_id AND later.at >= changed.at"
        " UNION SELECT quarter_of(changed.at) FROM changed"
    )
    watch(
        "pledge_movement",
        "id, account_id, pledge_id, kind, cause, yearly_minor, currency, at",
        movement_day=later,
    )
    # How often a pledge is given tells the plan of whoever gives on it, on every day.
    watch(
        "pledge",
        "id, interval",
        movement_day="SELECT quarter_of(every.at) FROM changed"
        " JOIN pledge_movement AS entered ON entered.pledge_id = changed.id"
        " JOIN pledge_movement AS every ON every.account_id = entered.account_id",
    )
    all_days("movement_day", "pledge_movement.at")


def cash_days() -> None:
    op.create_table(
        "cash_day",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("card_brand", sa.String(length=20), nullable=True),
        sa.Column("settled_in", sa.String(length=3), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("covered", sa.Integer(), nullable=False),
        sa.Column("cover_minor", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("known_cover_minor", sa.BigInteger(), nullable=False),
        sa.Column("known_fee_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_day")),
    )
    op.create_index(op.f("ix_cash_day_day"), "cash_day", ["day"])
    watch(
        "donation",
        "id, amount_minor, cover_minor, currency, received_at, source, card_brand, pledge_id",
        cash_day="SELECT quarter_of(received_at) FROM changed",
    )
    watch(
        "donation_fee",
        "donation_id, fee_minor, net_minor, currency",
        cash_day="SELECT quarter_of(received_at) FROM changed"
        " JOIN donation ON donation.id = donation_id",
    )
    watch(
        "adjustment",
        "id, donation_id, kind, amount_minor, settled_minor, fee_minor, net_minor, currency,"
        " settled_currency, happened_at",
        cash_day="SELECT quarter_of(happened_at) FROM changed",
    )
    all_days("cash_day", "donation.received_at", "adjustment.happened_at")
