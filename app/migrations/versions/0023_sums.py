"""Sums that the slowest reports read.

Revision: 0023
Follows: 0022
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.watching import all_days, unwatch, watch

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

#: A pledge whose gifts may be for a year: no others are looked at one by one.
SOMETIME_YEARLY = (
    "(pledge.interval = 'year' OR EXISTS (SELECT FROM pledge_change"
    " WHERE pledge_change.pledge_id = pledge.id AND pledge_change.kind = 'interval'))"
)
OF_A_GIFT = "SELECT quarter_of(received_at) FROM changed WHERE pledge_id IS NOT NULL"
OF_A_PLEDGE = "SELECT quarter_of(received_at) FROM changed JOIN donation USING (pledge_id)"
OF_A_MOVE = "SELECT quarter_of(received_at) FROM changed JOIN donation ON donation.id = donation_id"
#: What came of the year before is a matter of whether another gift followed in time.
GIFT_BEFORE = (
    "SELECT quarter_of((SELECT max(earlier.received_at) FROM donation AS earlier"  # noqa: S608
    " WHERE earlier.pledge_id = changed.pledge_id AND earlier.received_at < changed.received_at))"
    f" FROM changed JOIN pledge ON pledge.id = changed.pledge_id WHERE {SOMETIME_YEARLY}"
)
OF_A_YEARLY_PLEDGE = (
    "SELECT quarter_of(received_at) FROM changed AS pledge"  # noqa: S608
    f" JOIN donation ON donation.pledge_id = pledge.id WHERE {SOMETIME_YEARLY}"
)
#: The terms a gift was given on, what of it moved, and what came of the year it began.
YEARLY = {
    "donation": (
        "id, pledge_id, received_at, amount_minor, currency",
        f"{OF_A_GIFT} UNION {GIFT_BEFORE}",
    ),
    "pledge": ("id, interval, end_reason", OF_A_YEARLY_PLEDGE),
    "pledge_change": ("id, pledge_id, kind, applied_at, interval_before", OF_A_PLEDGE),
    "adjustment": ("id, donation_id, amount_minor, happened_at", OF_A_MOVE),
}
#: What revision 0015 watched.
BEFORE = {
    "donation": ("id, pledge_id, received_at, amount_minor, currency", OF_A_GIFT),
    "pledge": (
        "id, interval",
        OF_A_PLEDGE.replace("USING (pledge_id)", "ON donation.pledge_id = changed.id"),
    ),
    "pledge_change": ("id, pledge_id, kind, applied_at, interval_before", OF_A_PLEDGE),
    "adjustment": ("id, donation_id", OF_A_MOVE),
}


def upgrade() -> None:
    op.create_index(
        "ix_pledge_change_interval",
        "pledge_change",
        ["pledge_id"],
        postgresql_where="kind = 'interval'",
    )
    op.create_table(
        "yearly_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("donation_id", sa.BigInteger(), nullable=False),
        sa.Column("gift", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_yearly_entry")),
    )
    op.create_index(op.f("ix_yearly_entry_day"), "yearly_entry", ["day"])
    op.create_index(op.f("ix_yearly_entry_at"), "yearly_entry", ["at"])
    op.create_table(
        "year_end",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("came", sa.String(length=9), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "ended", "currency", "came", name=op.f("pk_year_end")),
    )
    op.create_index(
        "ix_year_end_ended",
        "year_end",
        ["ended"],
        postgresql_include=["currency", "came", "years"],
    )
    watch_instead(YEARLY)
    all_days("yearly_day", "donation.received_at")


def downgrade() -> None:
    watch_instead(BEFORE)
    op.drop_table("year_end")
    op.drop_table("yearly_entry")
    op.drop_index("ix_pledge_change_interval", table_name="pledge_change")


def watch_instead(watched: dict[str, tuple[str, str]]) -> None:
    """Let other changes than so far make the days of yearly gifts out of date."""
    for table, (columns, keys) in watched.items():
        unwatch(table, "yearly_day")
        watch(table, columns, yearly_day=keys)
