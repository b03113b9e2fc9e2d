"""The whole life of a gift: changes, failures, refunds, disputes, and gifts outside Stripe.

Revision: 0003
Follows: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

#: What of a donation may never change. The account may: two accounts can turn out to be one person.
FINAL = (
    "id, source, pledge_id, checkout_id, amount_minor, cover_minor, currency, received_at, "
    "entered_at, card_brand, card_last4, stripe_invoice_id, stripe_payment_intent_id, "
    "stripe_charge_id, reference, entered_by_id"
)
FINAL_BEFORE = (
    "id, account_id, pledge_id, checkout_id, amount_minor, currency, received_at, entered_at, "
    "card_brand, card_last4, stripe_invoice_id, stripe_payment_intent_id, stripe_charge_id"
)


def guard_donation(columns: str) -> None:
    op.execute("DROP TRIGGER donation_is_final ON donation")
    op.execute(
        f"CREATE TRIGGER donation_is_final BEFORE UPDATE OF {columns} OR DELETE ON donation "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    op.create_table('spent_link',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('spent_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_spent_link'))
    )
    op.create_index(op.f('ix_spent_link_spent_at'), 'spent_link', ['spent_at'], unique=False)
    op.create_table('failed_payment',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('pledge_id', sa.Uuid(), nullable=False),
    sa.Column('stripe_invoice_id', sa.String(length=255), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('remedy', sa.String(length=10), nullable=False),
    sa.Column('decline_code', sa.String(length=60), nullable=True),
    sa.Column('pay_url', sa.String(length=2000), nullable=True),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['pledge_id'], ['pledge.id'], name=op.f('fk_failed_payment_pledge_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_failed_payment')),
    sa.UniqueConstraint('stripe_invoice_id', 'attempt', name=op.f('uq_failed_payment_stripe_invoice_id_attempt'))
    )
    op.create_index('ix_failed_payment_failed', 'failed_payment', ['failed_at'], unique=False)
    op.create_index(op.f('ix_failed_payment_pledge_id'), 'failed_payment', ['pledge_id'], unique=False)
    op.create_table('pledge_change',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('pledge_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('by_account_id', sa.BigInteger(), nullable=True),
    sa.Column('via', sa.String(length=8), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('amount_before', sa.BigInteger(), nullable=False),
    sa.Column('interval_before', sa.String(length=8), nullable=False),
    sa.Column('amount_after', sa.BigInteger(), nullable=True),
    sa.Column('interval_after', sa.String(length=8), nullable=True),
    sa.Column('cover_after', sa.BigInteger(), nullable=True),
    sa.Column('resumes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=20), nullable=True),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.CheckConstraint("kind IN ('amount', 'interval', 'pause', 'resume', 'leave', 'leave_now', 'stay')", name=op.f('ck_pledge_change_known_kind')),
    sa.ForeignKeyConstraint(['by_account_id'], ['account.id'], name=op.f('fk_pledge_change_by_account_id')),
    sa.ForeignKeyConstraint(['pledge_id'], ['pledge.id'], name=op.f('fk_pledge_change_pledge_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pledge_change'))
    )
    op.create_index('ix_pledge_change_owed', 'pledge_change', ['due_at'], unique=False, postgresql_where='due_at IS NOT NULL')
    op.create_index(op.f('ix_pledge_change_pledge_id'), 'pledge_change', ['pledge_id'], unique=False)
    op.create_table('dispute',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('stripe_dispute_id', sa.String(length=255), nullable=False),
    sa.Column('donation_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=60), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('evidence_due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['donation_id'], ['donation.id'], name=op.f('fk_dispute_donation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute')),
    sa.UniqueConstraint('stripe_dispute_id', name=op.f('uq_dispute_stripe_dispute_id'))
    )
    op.create_index(op.f('ix_dispute_donation_id'), 'dispute', ['donation_id'], unique=False)
    op.create_table('fraud_warning',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('stripe_warning_id', sa.String(length=255), nullable=False),
    sa.Column('donation_id', sa.BigInteger(), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=False),
    sa.Column('warned_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['donation_id'], ['donation.id'], name=op.f('fk_fraud_warning_donation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fraud_warning')),
    sa.UniqueConstraint('stripe_warning_id', name=op.f('uq_fraud_warning_stripe_warning_id'))
    )
    op.create_index(op.f('ix_fraud_warning_donation_id'), 'fraud_warning', ['donation_id'], unique=False)
    op.create_table('refund',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('donation_id', sa.BigInteger(), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=20), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('tells', sa.Boolean(), nullable=False),
    sa.Column('ends_pledge', sa.Boolean(), nullable=False),
    sa.Column('asked_by_id', sa.BigInteger(), nullable=True),
    sa.Column('approved_by_id', sa.BigInteger(), nullable=True),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stripe_refund_id', sa.String(length=255), nullable=True),
    sa.Column('failure', sa.String(length=60), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.CheckConstraint("status IN ('asked', 'approved', 'declined', 'refused', 'pending', 'succeeded', 'failed', 'cancelled')", name=op.f('ck_refund_known_status')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_refund_positive')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['account.id'], name=op.f('fk_refund_approved_by_id')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['account.id'], name=op.f('fk_refund_asked_by_id')),
    sa.ForeignKeyConstraint(['donation_id'], ['donation.id'], name=op.f('fk_refund_donation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund')),
    sa.UniqueConstraint('stripe_refund_id', name=op.f('uq_refund_stripe_refund_id'))
    )
    op.create_index(op.f('ix_refund_donation_id'), 'refund', ['donation_id'], unique=False)
    op.create_index('ix_refund_owed', 'refund', ['due_at'], unique=False, postgresql_where='due_at IS NOT NULL')
    op.create_table('adjustment',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('donation_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('refund_id', sa.Uuid(), nullable=True),
    sa.Column('dispute_id', sa.BigInteger(), nullable=True),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('settled_minor', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('settled_currency', sa.String(length=3), nullable=False),
    sa.Column('stripe_balance_transaction_id', sa.String(length=255), nullable=True),
    sa.Column('happened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_account_id', sa.BigInteger(), nullable=True),
    sa.Column('note', sa.String(length=200), nullable=True),
    sa.CheckConstraint("(kind = 'correction') = (stripe_balance_transaction_id IS NULL)", name=op.f('ck_adjustment_has_a_source')),
    sa.CheckConstraint("kind IN ('refund', 'refund_failed', 'dispute', 'dispute_returned', 'correction')", name=op.f('ck_adjustment_known_kind')),
    sa.ForeignKeyConstraint(['by_account_id'], ['account.id'], name=op.f('fk_adjustment_by_account_id')),
    sa.ForeignKeyConstraint(['dispute_id'], ['dispute.id'], name=op.f('fk_adjustment_dispute_id')),
    sa.ForeignKeyConstraint(['donation_id'], ['donation.id'], name=op.f('fk_adjustment_donation_id')),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_adjustment_refund_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_adjustment')),
    sa.UniqueConstraint('stripe_balance_transaction_id', name=op.f('uq_adjustment_stripe_balance_transaction_id'))
    )
    op.create_index(op.f('ix_adjustment_dispute_id'), 'adjustment', ['dispute_id'], unique=False)
    op.create_index(op.f('ix_adjustment_donation_id'), 'adjustment', ['donation_id'], unique=False)
    op.create_index('ix_adjustment_happened', 'adjustment', ['happened_at'], unique=False)
    op.create_index(op.f('ix_adjustment_refund_id'), 'adjustment', ['refund_id'], unique=False)
    op.add_column('checkout', sa.Column('cover_minor', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('donation', sa.Column('source', sa.String(length=10), server_default='stripe', nullable=False))
    op.add_column('donation', sa.Column('cover_minor', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('donation', sa.Column('reference', sa.String(length=140), nullable=True))
    op.add_column('donation', sa.Column('entered_by_id', sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f('fk_donation_entered_by_id'), 'donation', 'account', ['entered_by_id'], ['id'])
    op.add_column('pledge', sa.Column('cover_minor', sa.BigInteger(), server_default='0', nullable=False))
    op.add_column('pledge', sa.Column('next_payment_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('pledge', sa.Column('resumes_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('pledge', sa.Column('card_brand', sa.String(length=20), nullable=True))
    op.add_column('pledge', sa.Column('card_last4', sa.String(length=4), nullable=True))
    op.add_column('pledge', sa.Column('card_exp_year', sa.SmallInteger(), nullable=True))
    op.add_column('pledge', sa.Column('card_exp_month', sa.SmallInteger(), nullable=True))
    op.drop_constraint("has_a_source", "donation", type_="check")
    op.create_check_constraint(
        "has_a_source",
        "donation",
        "(source = 'stripe') = (num_nonnulls(stripe_invoice_id, stripe_payment_intent_id) > 0)"
        " AND (source = 'stripe') = (entered_by_id IS NULL)",
    )
    op.create_check_constraint("known_source", "donation", "source IN ('stripe', 'bank', 'cash', 'other')")
    op.create_check_constraint("cover_is_a_part", "donation", "cover_minor BETWEEN 0 AND amount_minor - 1")
    guard_donation(FINAL)
    for table in ("adjustment", "failed_payment"):
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    guard_donation(FINAL_BEFORE)
    for name in ("cover_is_a_part", "known_source", "has_a_source"):
        op.drop_constraint(name, "donation", type_="check")
    op.create_check_constraint(
        "has_a_source", "donation", "num_nonnulls(stripe_invoice_id, stripe_payment_intent_id) > 0"
    )
    op.drop_column('pledge', 'card_exp_month')
    op.drop_column('pledge', 'card_exp_year')
    op.drop_column('pledge', 'card_last4')
    op.drop_column('pledge', 'card_brand')
    op.drop_column('pledge', 'resumes_at')
    op.drop_column('pledge', 'next_payment_at')
    op.drop_column('pledge', 'cover_minor')
    op.drop_constraint(op.f('fk_donation_entered_by_id'), 'donation', type_='foreignkey')
    op.drop_column('donation', 'entered_by_id')
    op.drop_column('donation', 'reference')
    op.drop_column('donation', 'cover_minor')
    op.drop_column('donation', 'source')
    op.drop_column('checkout', 'cover_minor')
    op.drop_index(op.f('ix_adjustment_refund_id'), table_name='adjustment')
    op.drop_index('ix_adjustment_happened', table_name='adjustment')
    op.drop_index(op.f('ix_adjustment_donation_id'), table_name='adjustment')
    op.drop_index(op.f('ix_adjustment_dispute_id'), table_name='adjustment')
    op.drop_table('adjustment')
    op.drop_index('ix_refund_owed', table_name='refund', postgresql_where='due_at IS NOT NULL')
    op.drop_index(op.f('ix_refund_donation_id'), table_name='refund')
    op.drop_table('refund')
    op.drop_index(op.f('ix_fraud_warning_donation_id'), table_name='fraud_warning')
    op.drop_table('fraud_warning')
    op.drop_index(op.f('ix_dispute_donation_id'), table_name='dispute')
    op.drop_table('dispute')
    op.drop_index(op.f('ix_pledge_change_pledge_id'), table_name='pledge_change')
    op.drop_index('ix_pledge_change_owed', table_name='pledge_change', postgresql_where='due_at IS NOT NULL')
    op.drop_table('pledge_change')
    op.drop_index(op.f('ix_failed_payment_pledge_id'), table_name='failed_payment')
    op.drop_index('ix_failed_payment_failed', table_name='failed_payment')
    op.drop_table('failed_payment')
    op.drop_index(op.f('ix_spent_link_spent_at'), table_name='spent_link')
    op.drop_table('spent_link')
