"""Ledger and tallies are added to, never changed: the database itself refuses.

Revision: 0002
Follows: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

#: What of each table may never change once it is entered; empty for every column. The columns left out of
#: `donation` say when its fee is asked for again.
ENTRIES = {
    "donation": (
        "id, account_id, pledge_id, checkout_id, amount_minor, currency, received_at, entered_at, "
        "card_brand, card_last4, stripe_invoice_id, stripe_payment_intent_id, stripe_charge_id"
    ),
    "donation_fee": (
        "donation_id, fee_minor, net_minor, currency, stripe_balance_transaction_id, entered_at"
    ),
    "receipt": "id, donation_id, year, number, issued_on, donor_name, locale",
    # A count that was wrong is followed by another and never mended.
    "tally": "",
    "publication": "",
}


def upgrade() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'entries of % are added, never changed', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    for table, columns in ENTRIES.items():
        change = f"UPDATE OF {columns}" if columns else "UPDATE"
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE {change} OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    for table in ENTRIES:
        op.execute(f"DROP TRIGGER {table}_is_final ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
