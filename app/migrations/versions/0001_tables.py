"""Every table of the first release.

Revision: 0001
Follows: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('locale', sa.String(length=8), nullable=False),
    sa.Column('listed', sa.Boolean(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('session_version', sa.Integer(), nullable=False),
    sa.Column('totp_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('totp_step', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.CheckConstraint("role IN ('editor', 'fundraiser', 'finance', 'owner')", name=op.f('ck_account_known_role')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account'))
    )
    op.create_index('uq_account_email_lower', 'account', [sa.literal_column('lower(email)')], unique=True)
    op.create_table('inbox_event',
    sa.Column('id', sa.String(length=255), nullable=False),
    sa.Column('type', sa.String(length=100), nullable=False),
    sa.Column('stripe_object_id', sa.String(length=255), nullable=True),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox_event'))
    )
    op.create_index('ix_inbox_event_owed', 'inbox_event', ['due_at'], unique=False, postgresql_where='due_at IS NOT NULL')
    op.create_table('receipt_year',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last_number', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year', name=op.f('pk_receipt_year'))
    )
    op.create_table('letter',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('matter', sa.String(length=80), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('urgency', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.CheckConstraint('(sent_at IS NULL) OR (due_at IS NULL)', name=op.f('ck_letter_sent_is_not_due')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_letter_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('kind', 'matter', name=op.f('uq_letter_kind_matter'))
    )
    op.create_index(op.f('ix_letter_account_id'), 'letter', ['account_id'], unique=False)
    op.create_index('ix_letter_owed', 'letter', ['urgency', 'due_at'], unique=False, postgresql_where='due_at IS NOT NULL')
    op.create_table('pledge',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('interval', sa.String(length=8), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('article', sa.String(length=500), nullable=True),
    sa.Column('stripe_customer_id', sa.String(length=255), nullable=True),
    sa.Column('stripe_subscription_id', sa.String(length=255), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('paid_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('past_due_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.String(length=20), nullable=True),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("interval IN ('month', 'year')", name=op.f('ck_pledge_known_interval')),
    sa.CheckConstraint("status IN ('pending', 'abandoned', 'active', 'past_due', 'paused', 'lapsed', 'ended')", name=op.f('ck_pledge_known_status')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_pledge_positive')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_pledge_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_pledge')),
    sa.UniqueConstraint('stripe_subscription_id', name=op.f('uq_pledge_stripe_subscription_id'))
    )
    op.create_index(op.f('ix_pledge_account_id'), 'pledge', ['account_id'], unique=False)
    op.create_index('ix_pledge_status_account', 'pledge', ['status', 'account_id'], unique=False)
    op.create_index(op.f('ix_pledge_stripe_customer_id'), 'pledge', ['stripe_customer_id'], unique=False)
    op.create_table('recovery_code',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_recovery_code_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code'))
    )
    op.create_index(op.f('ix_recovery_code_account_id'), 'recovery_code', ['account_id'], unique=False)
    op.create_table('sign_in',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=True),
    sa.Column('token_hash', sa.LargeBinary(), nullable=True),
    sa.Column('code_hash', sa.LargeBinary(), nullable=True),
    sa.Column('wrong_codes', sa.Integer(), nullable=False),
    sa.Column('next_path', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_sign_in_account_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_token_hash'))
    )
    op.create_index(op.f('ix_sign_in_account_id'), 'sign_in', ['account_id'], unique=False)
    op.create_table('checkout',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('pledge_id', sa.Uuid(), nullable=True),
    sa.Column('interval', sa.String(length=8), nullable=False),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('article', sa.String(length=500), nullable=True),
    sa.Column('locale', sa.String(length=8), nullable=False),
    sa.Column('status', sa.String(length=10), nullable=False),
    sa.Column('stripe_session_id', sa.String(length=255), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("(pledge_id IS NULL) = (interval = 'once')", name=op.f('ck_checkout_pledge_unless_once')),
    sa.CheckConstraint("interval IN ('once', 'month', 'year')", name=op.f('ck_checkout_known_interval')),
    sa.CheckConstraint("status IN ('open', 'paid', 'expired')", name=op.f('ck_checkout_known_status')),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_checkout_positive')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_checkout_account_id')),
    sa.ForeignKeyConstraint(['pledge_id'], ['pledge.id'], name=op.f('fk_checkout_pledge_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_checkout')),
    sa.UniqueConstraint('stripe_session_id', name=op.f('uq_checkout_stripe_session_id'))
    )
    op.create_index(op.f('ix_checkout_account_id'), 'checkout', ['account_id'], unique=False)
    op.create_index(op.f('ix_checkout_pledge_id'), 'checkout', ['pledge_id'], unique=False)
    op.create_table('donation',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('pledge_id', sa.Uuid(), nullable=True),
    sa.Column('checkout_id', sa.Uuid(), nullable=True),
    sa.Column('amount_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('card_brand', sa.String(length=20), nullable=True),
    sa.Column('card_last4', sa.String(length=4), nullable=True),
    sa.Column('stripe_invoice_id', sa.String(length=255), nullable=True),
    sa.Column('stripe_payment_intent_id', sa.String(length=255), nullable=True),
    sa.Column('stripe_charge_id', sa.String(length=255), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.CheckConstraint('amount_minor > 0', name=op.f('ck_donation_positive')),
    sa.CheckConstraint('num_nonnulls(stripe_invoice_id, stripe_payment_intent_id) > 0', name=op.f('ck_donation_has_a_source')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_donation_account_id')),
    sa.ForeignKeyConstraint(['checkout_id'], ['checkout.id'], name=op.f('fk_donation_checkout_id')),
    sa.ForeignKeyConstraint(['pledge_id'], ['pledge.id'], name=op.f('fk_donation_pledge_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_donation')),
    sa.UniqueConstraint('stripe_charge_id', name=op.f('uq_donation_stripe_charge_id')),
    sa.UniqueConstraint('stripe_invoice_id', name=op.f('uq_donation_stripe_invoice_id')),
    sa.UniqueConstraint('stripe_payment_intent_id', name=op.f('uq_donation_stripe_payment_intent_id'))
    )
    op.create_index('ix_donation_account_received', 'donation', ['account_id', 'received_at'], unique=False)
    op.create_index('ix_donation_owed', 'donation', ['due_at'], unique=False, postgresql_where='due_at IS NOT NULL')
    op.create_index(op.f('ix_donation_pledge_id'), 'donation', ['pledge_id'], unique=False)
    op.create_index('ix_donation_received', 'donation', ['received_at'], unique=False)
    op.create_table('donation_fee',
    sa.Column('donation_id', sa.BigInteger(), nullable=False),
    sa.Column('fee_minor', sa.BigInteger(), nullable=False),
    sa.Column('net_minor', sa.BigInteger(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('stripe_balance_transaction_id', sa.String(length=255), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['donation_id'], ['donation.id'], name=op.f('fk_donation_fee_donation_id')),
    sa.PrimaryKeyConstraint('donation_id', name=op.f('pk_donation_fee')),
    sa.UniqueConstraint('stripe_balance_transaction_id', name=op.f('uq_donation_fee_stripe_balance_transaction_id'))
    )
    op.create_table('receipt',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('donation_id', sa.BigInteger(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('donor_name', sa.String(length=120), nullable=False),
    sa.Column('locale', sa.String(length=8), nullable=False),
    sa.ForeignKeyConstraint(['donation_id'], ['donation.id'], name=op.f('fk_receipt_donation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
    sa.UniqueConstraint('donation_id', name=op.f('uq_receipt_donation_id')),
    sa.UniqueConstraint('year', 'number', name=op.f('uq_receipt_year_number'))
    )


def downgrade() -> None:
    op.drop_table('receipt')
    op.drop_table('donation_fee')
    op.drop_index('ix_donation_received', table_name='donation')
    op.drop_index(op.f('ix_donation_pledge_id'), table_name='donation')
    op.drop_index('ix_donation_owed', table_name='donation', postgresql_where='due_at IS NOT NULL')
    op.drop_index('ix_donation_account_received', table_name='donation')
    op.drop_table('donation')
    op.drop_index(op.f('ix_checkout_pledge_id'), table_name='checkout')
    op.drop_index(op.f('ix_checkout_account_id'), table_name='checkout')
    op.drop_table('checkout')
    op.drop_index(op.f('ix_sign_in_account_id'), table_name='sign_in')
    op.drop_table('sign_in')
    op.drop_index(op.f('ix_recovery_code_account_id'), table_name='recovery_code')
    op.drop_table('recovery_code')
    op.drop_index(op.f('ix_pledge_stripe_customer_id'), table_name='pledge')
    op.drop_index('ix_pledge_status_account', table_name='pledge')
    op.drop_index(op.f('ix_pledge_account_id'), table_name='pledge')
    op.drop_table('pledge')
    op.drop_index('ix_letter_owed', table_name='letter', postgresql_where='due_at IS NOT NULL')
    op.drop_index(op.f('ix_letter_account_id'), table_name='letter')
    op.drop_table('letter')
    op.drop_table('receipt_year')
    op.drop_index('ix_inbox_event_owed', table_name='inbox_event', postgresql_where='due_at IS NOT NULL')
    op.drop_table('inbox_event')
    op.drop_index('uq_account_email_lower', table_name='account')
    op.drop_table('account')
