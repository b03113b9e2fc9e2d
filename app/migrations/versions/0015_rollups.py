"""Sums by day and by person that reports read, and what of them is out of date.

Revision: 0015
Follows: 0014
"""

import sqlalchemy as sa
from alembic import op

from app.migrations.watching import all_days, all_keys, quarters, unwatch, watch

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

#: What of each table decides who was a patron when, and what they wished and brought.
PEOPLE = {
    "pledge": (
        "id, account_id, status, interval, amount_minor, currency, article, started_at,"
        " past_due_since, ends_at, ended_at, end_reason,"
        " CASE WHEN status = 'paused' THEN paid_until END",
        "SELECT account_id FROM changed WHERE started_at IS NOT NULL",
    ),
    "pledge_movement": (
        "id, account_id, pledge_id, kind, cause, yearly_minor, currency, interval, at",
        "SELECT account_id FROM changed WHERE cause IN ('first_gift', 'another_pledge')"
        " OR kind IN ('new', 'returning')",
    ),
    "pledge_change": (
        "id, pledge_id, kind, via, asked_at, applied_at, reason, amount_before, interval_before,"
        " amount_after, interval_after",
        "SELECT account_id FROM changed JOIN pledge ON pledge.id = pledge_id"
        " WHERE applied_at IS NOT NULL",
    ),
    "donation": (
        "id, account_id, pledge_id, amount_minor, currency",
        "SELECT account_id FROM changed WHERE pledge_id IS NOT NULL",
    ),
    "donation_fee": (
        "donation_id, fee_minor, net_minor",
        "SELECT account_id FROM changed JOIN donation ON donation.id = donation_id"
        " WHERE pledge_id IS NOT NULL",
    ),
    "adjustment": (
        "id, donation_id, amount_minor",
        "SELECT account_id FROM changed JOIN donation ON donation.id = donation_id"
        " WHERE pledge_id IS NOT NULL",
    ),
}
#: A round is a key by its number less than nought. Nothing is noted of a round that still runs: the
#: order of the notes would be that in which people cast.
COUNTED = "status IN ('tallied', 'published')"
OF_COUNTED = (
    f"SELECT -round_id FROM changed JOIN voting_round ON voting_round.id = round_id WHERE {COUNTED}"
)
ROUNDS = {
    "voting_round": (
        f"id, {COUNTED} AS counted, closes_at",
        "SELECT -id FROM changed WHERE counted",
    ),
    "roll_entry": ("round_id, account_id, eligible, reason", OF_COUNTED),
    "participation": ("round_id, account_id", OF_COUNTED),
}
#: What a supporter's row is made of.
SUPPORTERS = {
    "account": ("id, name, email", "SELECT id FROM changed"),
    "pledge": (
        "id, account_id, status, started_at, ended_at, paid_until, past_due_since",
        "SELECT account_id FROM changed WHERE started_at IS NOT NULL",
    ),
    "donation": ("id, account_id, received_at", "SELECT account_id FROM changed"),
}
#: What becomes of a failed renewal: later attempts, the gift that pays it, and the cards of others.
FAILURES = {
    "failed_payment": (
        "id, pledge_id, stripe_invoice_id, attempt, amount_minor, currency, failed_at,"
        " next_attempt_at, remedy, decline_code",
        "SELECT quarter_of(other.failed_at) FROM changed JOIN failed_payment AS other"
        " USING (stripe_invoice_id) UNION SELECT quarter_of(failed_at) FROM changed",
    ),
    "donation": (
        "id, pledge_id, received_at, stripe_invoice_id, card_brand, card_last4",
        "SELECT quarter_of(failed_at) FROM changed JOIN failed_payment USING (stripe_invoice_id)"
        " UNION SELECT quarter_of(failed_at) FROM changed JOIN failed_payment USING (pledge_id)",
    ),
}
RENEWALS = {
    "donation": (
        "id, pledge_id, received_at, stripe_invoice_id, currency",
        "SELECT quarter_of(received_at) FROM changed WHERE stripe_invoice_id IS NOT NULL",
    ),
    "failed_payment": (
        "id, stripe_invoice_id",
        "SELECT quarter_of(received_at) FROM changed JOIN donation USING (stripe_invoice_id)",
    ),
    "pledge": (
        "id, started_at",
        "SELECT quarter_of(received_at) FROM changed JOIN donation ON donation.pledge_id = changed.id",
    ),
}
#: The terms a gift was given on, and whether something of it moved.
YEARLY = {
    "donation": (
        "id, pledge_id, received_at, amount_minor, currency",
        "SELECT quarter_of(received_at) FROM changed WHERE pledge_id IS NOT NULL",
    ),
    "pledge": (
        "id, interval",
        "SELECT quarter_of(received_at) FROM changed JOIN donation ON donation.pledge_id = changed.id",
    ),
    "pledge_change": (
        "id, pledge_id, kind, applied_at, interval_before",
        "SELECT quarter_of(received_at) FROM changed JOIN donation USING (pledge_id)",
    ),
    "adjustment": (
        "id, donation_id",
        "SELECT quarter_of(received_at) FROM changed JOIN donation ON donation.id = donation_id",
    ),
}
KEPT = (
    "came_count",
    "came",
    "letter_day",
    "stayer_count",
    "turnout_again",
    "turnout",
    "brought_sum",
    "brought",
    "leave_wish_count",
    "leave_wish",
    "left_count",
    "lasting_count",
    "begun_count",
    "stay_count",
    "stay",
    "giving_sum",
    "span",
)


def upgrade() -> None:
    followed()
    movement_days()
    cash_days()
    people()
    rounds()
    letters()
    supporters()
    failures()
    yearly()


def downgrade() -> None:
    for table in YEARLY:
        unwatch(table, "yearly_day")
    op.drop_table("yearly_day")
    for table in RENEWALS:
        unwatch(table, "renewal_day")
    for table in FAILURES:
        unwatch(table, "failure_day")
    op.drop_table("renewal_day")
    op.drop_table("failure_day")
    for table in SUPPORTERS:
        unwatch(table, "supporter")
    op.drop_table("supporter")
    op.drop_index("ix_pledge_cards", table_name="pledge")
    op.drop_index("ix_pledge_ends", table_name="pledge")
    unwatch("letter", "letter_day")
    for table in (*ROUNDS, *PEOPLE):
        unwatch(table, "people")
    op.drop_index("ix_letter_created", table_name="letter")
    for table in KEPT:
        op.drop_table(table)
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


def people() -> None:
    op.create_table(
        "span",
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("interval", sa.String(length=8), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(length=20), nullable=True),
        sa.Column("begun_as", sa.String(length=8), nullable=False),
        sa.Column("article", sa.String(length=500), nullable=False),
        sa.Column("gives", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("pledge_id", name=op.f("pk_span")),
    )
    op.create_index(op.f("ix_span_account_id"), "span", ["account_id"], unique=False)
    op.create_index(
        "ix_span_gives_until",
        "span",
        ["out_at"],
        unique=False,
        postgresql_where="gives AND out_at IS NOT NULL",
    )
    op.create_table(
        "giving_sum",
        sa.Column("interval", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("pledges", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("interval", "currency", name=op.f("pk_giving_sum")),
    )
    op.create_table(
        "stay",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=3), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=8), nullable=True),
        sa.Column("plan", sa.String(length=8), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_as", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("article", sa.String(length=500), nullable=False),
        sa.Column("back_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "scope", "number", name=op.f("pk_stay")),
    )
    op.create_index("ix_stay_came", "stay", ["scope", "came_at"], unique=False)
    op.create_index(
        "ix_stay_out",
        "stay",
        ["scope", "out_at"],
        unique=False,
        postgresql_include=["came_at", "why", "back_at"],
    )
    op.create_index("ix_stay_since", "stay", ["scope", "since"], unique=False)
    op.create_table(
        "stay_count",
        sa.Column("scope", sa.String(length=3), nullable=False),
        sa.Column("since_month", sa.Date(), nullable=False),
        sa.Column("begun_as", sa.String(length=8), nullable=False),
        sa.Column("came_month", sa.Date(), nullable=False),
        sa.Column("out_month", sa.Date(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("plan", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "scope",
            "since_month",
            "begun_as",
            "came_month",
            "out_month",
            "first",
            "plan",
            "why",
            name=op.f("pk_stay_count"),
        ),
    )
    op.create_index(
        "ix_stay_count_zero", "stay_count", ["scope"], unique=False, postgresql_where="people = 0"
    )
    op.create_table(
        "begun_count",
        sa.Column("scope", sa.String(length=3), nullable=False),
        sa.Column("came_month", sa.Date(), nullable=False),
        sa.Column("begun_as", sa.String(length=8), nullable=False),
        sa.Column("article", sa.String(length=500), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "scope", "came_month", "begun_as", "article", name=op.f("pk_begun_count")
        ),
    )
    op.create_table(
        "lasting_count",
        sa.Column("scope", sa.String(length=3), nullable=False),
        sa.Column("came_day", sa.Date(), nullable=False),
        sa.Column("begun_as", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("lasted", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "scope", "came_day", "begun_as", "currency", "lasted", name=op.f("pk_lasting_count")
        ),
    )
    op.create_index(
        "ix_lasting_count_zero",
        "lasting_count",
        ["scope"],
        unique=False,
        postgresql_where="people = 0",
    )
    op.create_table(
        "left_count",
        sa.Column("scope", sa.String(length=3), nullable=False),
        sa.Column("out_month", sa.Date(), nullable=False),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("back_90", sa.Integer(), nullable=False),
        sa.Column("back_365", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "out_month", "why", name=op.f("pk_left_count")),
    )
    op.create_table(
        "leave_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pledge_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("became", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stood", sa.Boolean(), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_wish")),
    )
    op.create_index(op.f("ix_leave_wish_account_id"), "leave_wish", ["account_id"], unique=False)
    op.create_index("ix_leave_wish_at", "leave_wish", ["at"], unique=False)
    op.create_index(
        "ix_leave_wish_saved",
        "leave_wish",
        ["at"],
        unique=False,
        postgresql_where="saved_at IS NOT NULL",
    )
    op.create_table(
        "leave_wish_count",
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("became", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("wishes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "currency", "month", "reason", "became", "how", name=op.f("pk_leave_wish_count")
        ),
    )
    op.create_table(
        "brought",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=3), nullable=False),
        sa.Column("begun_as", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.Numeric(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "scope", name=op.f("pk_brought")),
    )
    op.create_table(
        "brought_sum",
        sa.Column("scope", sa.String(length=3), nullable=False),
        sa.Column("begun_as", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("settled_minor", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.Numeric(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "begun_as", "currency", name=op.f("pk_brought_sum")),
    )
    op.create_table(
        "came",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("first_article", sa.String(length=500), nullable=False),
        sa.Column("last_article", sa.String(length=500), nullable=False),
        sa.Column("first_campaign", sa.String(length=100), nullable=False),
        sa.Column("last_campaign", sa.String(length=100), nullable=False),
        sa.Column("first_source", sa.String(length=100), nullable=False),
        sa.Column("last_source", sa.String(length=100), nullable=False),
        sa.Column("came", sa.String(length=8), nullable=False),
        sa.Column("begins", sa.Boolean(), nullable=False),
        sa.Column("yearly_minor", sa.BigInteger(), nullable=False),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("later_3", sa.DateTime(timezone=True), nullable=False),
        sa.Column("later_6", sa.DateTime(timezone=True), nullable=False),
        sa.Column("later_12", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_3", sa.Boolean(), nullable=False),
        sa.Column("kept_6", sa.Boolean(), nullable=False),
        sa.Column("kept_12", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_came")),
    )
    op.create_index(op.f("ix_came_account_id"), "came", ["account_id"], unique=False)
    op.create_index("ix_came_at", "came", ["at"], unique=False)
    op.create_table(
        "came_count",
        sa.Column("by", sa.String(length=14), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("origin", sa.String(length=500), nullable=False),
        sa.Column("came", sa.String(length=8), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("yearly_minor", sa.BigInteger(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("kept_3", sa.Integer(), nullable=False),
        sa.Column("kept_6", sa.Integer(), nullable=False),
        sa.Column("kept_12", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "by", "month", "currency", "origin", "came", name=op.f("pk_came_count")
        ),
    )
    for table, (columns, keys) in PEOPLE.items():
        watch(table, columns, people=keys)
    # Everybody there is, and every counted round.
    all_keys("people", "SELECT 0")


def rounds() -> None:
    op.create_table(
        "turnout",
        sa.Column("round_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("roll", sa.Integer(), nullable=False),
        sa.Column("voted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_turnout")),
    )
    op.create_table(
        "turnout_again",
        sa.Column("round_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("middle_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("times", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "round_id", "middle_id", "first_id", "times", name=op.f("pk_turnout_again")
        ),
    )
    op.create_table(
        "stayer_count",
        sa.Column("round_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("plan", sa.String(length=10), nullable=False),
        sa.Column("tenure", sa.String(length=12), nullable=False),
        sa.Column("voted", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("stayed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "round_id", "plan", "tenure", "voted", name=op.f("pk_stayer_count")
        ),
    )
    for table, (columns, keys) in ROUNDS.items():
        watch(table, columns, people=keys)


def letters() -> None:
    op.create_table(
        "letter_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("owed", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("given_up", sa.Integer(), nullable=False),
        sa.Column("undue", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", name=op.f("pk_letter_day")),
    )
    op.create_index("ix_letter_created", "letter", ["created_at"], unique=False)
    watch(
        "letter",
        "id, kind, created_at, sent_at IS NULL, due_at IS NULL, attempts",
        letter_day="SELECT quarter_of(created_at) FROM changed",
    )
    all_days("letter_day", "letter.created_at")


def supporters() -> None:
    op.create_table(
        "supporter",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_gift", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stands_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("twice_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("letters", sa.String(length=400), nullable=False),
        sa.Column("parts", sa.ARRAY(sa.Integer()), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_supporter")),
    )
    op.create_index("ix_supporter_since", "supporter", ["since", "account_id"])
    op.create_index("ix_supporter_last_gift", "supporter", ["last_gift", "account_id"])
    op.create_index("ix_supporter_name", "supporter", ["name", "account_id"])
    op.create_index("ix_supporter_stands", "supporter", ["stands_until"])
    op.create_index(
        "ix_supporter_twice",
        "supporter",
        ["twice_until"],
        postgresql_where="twice_until IS NOT NULL",
    )
    op.create_index("ix_supporter_parts", "supporter", ["parts"], postgresql_using="gin")
    op.create_index("ix_pledge_ends", "pledge", ["ends_at"], postgresql_where="ends_at IS NOT NULL")
    op.create_index(
        "ix_pledge_cards",
        "pledge",
        ["card_exp_year", "card_exp_month", "currency", "interval", "amount_minor"],
        postgresql_where="status = 'active' AND started_at IS NOT NULL AND ends_at IS NULL",
    )
    for table, (columns, keys) in SUPPORTERS.items():
        watch(table, columns, supporter=keys)
    all_keys("supporter", "SELECT 0")


def failures() -> None:
    op.create_table(
        "failure_day",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("remedy", sa.String(length=10), nullable=False),
        sa.Column("decline_code", sa.String(length=60), nullable=True),
        sa.Column("paid", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=10), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failure_day")),
    )
    op.create_index(op.f("ix_failure_day_day"), "failure_day", ["day"])
    op.create_table(
        "renewal_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "currency", name=op.f("pk_renewal_day")),
    )
    for table, (columns, keys) in FAILURES.items():
        watch(table, columns, failure_day=keys)
    for table, (columns, keys) in RENEWALS.items():
        watch(table, columns, renewal_day=keys)
    all_days("failure_day", "failed_payment.failed_at")
    all_days("renewal_day", "donation.received_at")


def yearly() -> None:
    op.create_table(
        "yearly_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("gifts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "currency", "amount_minor", name=op.f("pk_yearly_day")),
    )
    for table, (columns, keys) in YEARLY.items():
        watch(table, columns, yearly_day=keys)
    all_days("yearly_day", "donation.received_at")
