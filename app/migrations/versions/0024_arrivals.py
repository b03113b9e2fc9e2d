"""Sums of what came by links: of campaigns, of gifts given once, and of the steps to a gift.

Revision: 0024
Follows: 0023
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.watching import all_days, lead_by_indexes, unwatch, watch

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

#: The touch by which a gift belongs to a campaign.
BY_LINK = "turn = 'last' AND campaign IS NOT NULL"
BEGINS = "cause IN ('first_gift', 'another_pledge')"


def of_gifts(found: str, gift: str, moment: str) -> str:
    """The days of gifts, or of what is joined with them, that a campaign's link led to."""
    return " UNION ".join(
        f"SELECT quarter_of({moment}) FROM {found} JOIN touch ON touch.{key} = {gift}.{key}"  # noqa: S608
        f" WHERE {BY_LINK}"
        for key in ("pledge_id", "checkout_id")
    )


GIFT = "changed JOIN donation ON donation.id = changed.donation_id"
OF_A_PLEDGE = "changed JOIN donation ON donation.pledge_id = changed.id"
RETURNED = " JOIN adjustment ON adjustment.donation_id = "
#: What a touch is of: the gift of its checkout or those of its pledge, what went back, what moved.
OF_A_TOUCH = " UNION ".join(
    f"SELECT quarter_of({moment}) FROM changed JOIN {joined}"  # noqa: S608
    for joined, moment in (
        ("donation USING (checkout_id)", "received_at"),
        (f"donation USING (checkout_id){RETURNED}donation.id", "happened_at"),
        ("donation USING (pledge_id)", "received_at"),
        (f"donation USING (pledge_id){RETURNED}donation.id", "happened_at"),
        ("pledge_movement USING (pledge_id)", "at"),
    )
)
#: A gift's own day and those on which it went back; what was given once is counted by any link.
OF_A_GIFT = " UNION ".join(
    (
        of_gifts("changed", "changed", "received_at"),
        of_gifts(f"changed{RETURNED}changed.id", "changed", "happened_at"),
        "SELECT quarter_of(received_at) FROM changed WHERE checkout_id IS NOT NULL",
    )
)
OF_A_BEGINNING = " UNION ".join(
    (
        of_gifts(OF_A_PLEDGE, "donation", "received_at"),
        of_gifts(f"{OF_A_PLEDGE}{RETURNED}donation.id", "donation", "happened_at"),
    )
)
OF_A_MOVEMENT = (
    "SELECT quarter_of(at) FROM changed JOIN touch USING (pledge_id)"  # noqa: S608
    f" WHERE {BY_LINK} AND {BEGINS}"
)
CAMPAIGNS = {
    "donation": ("id, pledge_id, checkout_id, received_at, amount_minor, currency", OF_A_GIFT),
    "donation_fee": (
        "donation_id, fee_minor, net_minor",
        of_gifts(GIFT, "donation", "received_at"),
    ),
    "adjustment": (
        "id, donation_id, amount_minor, settled_minor, fee_minor, happened_at",
        of_gifts(GIFT, "donation", "changed.happened_at"),
    ),
    "pledge": ("id, started_at", OF_A_BEGINNING),
    "pledge_movement": ("id, pledge_id, kind, cause, currency, at", OF_A_MOVEMENT),
}
#: The newsroom's day of a date is wherever it may be, at one of these hours of UTC.
OF_VISITS = (
    "SELECT quarter_of((day + hour) AT TIME ZONE 'UTC') FROM changed,"
    " (VALUES (time '06:00'), (time '12:00')) AS hours (hour) WHERE step <> 'shown'"
)
OF_CHECKOUTS = (
    "SELECT quarter_of(closed_at) FROM changed WHERE status = 'paid' AND device IS NOT NULL"
)
OF_A_PAID_TOUCH = (
    "SELECT quarter_of(closed_at) FROM changed JOIN checkout ON checkout.id = checkout_id"
    " WHERE turn = 'last' AND status = 'paid'"
)


def upgrade() -> None:
    op.create_index(
        "ix_donation_checkout",
        "donation",
        ["checkout_id"],
        postgresql_where="checkout_id IS NOT NULL",
    )
    campaigns()
    steps()
    watch(
        "touch",
        "checkout_id, turn, pledge_id, campaign, article",
        campaign_day=OF_A_TOUCH,
        reached_day=OF_A_PAID_TOUCH,
    )
    lead_by_indexes()


def downgrade() -> None:
    lead_by_indexes(by=False)
    unwatch("touch", "campaign_day", "reached_day")
    for table in ("funnel_day", "checkout"):
        unwatch(table, "reached_day")
    for table in CAMPAIGNS:
        unwatch(table, "campaign_day")
    for table in ("reached_month", "reached_day", "once_day", "campaign_day"):
        op.drop_table(table)
    op.drop_index("ix_donation_checkout", table_name="donation")


def campaigns() -> None:
    op.create_table(
        "campaign_day",
        sa.Column("campaign", sa.String(length=100), nullable=False),
        sa.Column("began", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("raised_minor", sa.BigInteger(), nullable=False),
        sa.Column("left_minor", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("more", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "campaign", "began", "currency", "day", name=op.f("pk_campaign_day")
        ),
    )
    op.create_index("ix_campaign_day_day", "campaign_day", ["day"])
    op.create_table(
        "once_day",
        sa.Column("by", sa.String(length=14), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("origin", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("by", "day", "currency", "origin", name=op.f("pk_once_day")),
    )
    op.create_index("ix_once_day_day", "once_day", ["day"])
    for table, (columns, keys) in CAMPAIGNS.items():
        watch(table, columns, campaign_day=keys)
    all_days("campaign_day", "donation.received_at", "adjustment.happened_at", "pledge_movement.at")


def steps() -> None:
    op.create_table(
        "reached_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "side", "name", "step", name=op.f("pk_reached_day")),
    )
    op.create_table(
        "reached_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("month", "side", "name", "step", name=op.f("pk_reached_month")),
    )
    op.create_index(
        "ix_reached_month_zero", "reached_month", ["month"], postgresql_where="count = 0"
    )
    watch(
        "funnel_day",
        "day, step, language, device, campaign, article, appeal, count",
        reached_day=OF_VISITS,
    )
    watch("checkout", "id, status, device, locale, closed_at", reached_day=OF_CHECKOUTS)
    all_days("reached_day", "checkout.closed_at", "funnel_day.day")
