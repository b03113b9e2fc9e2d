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
    op.create_table('voting_round',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('slug', sa.String(length=40), nullable=True),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('intro', sa.Text(), nullable=False),
    sa.Column('method', sa.String(length=20), nullable=False),
    sa.Column('max_choices', sa.SmallInteger(), nullable=False),
    sa.Column('seats', sa.SmallInteger(), nullable=False),
    sa.Column('tie_rule', sa.String(length=20), nullable=False),
    sa.Column('quorum', sa.Integer(), nullable=True),
    sa.Column('roll_rule', sa.String(length=30), nullable=False),
    sa.Column('opens_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('seed_commit', sa.LargeBinary(), nullable=True),
    sa.Column('seed_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('ballot_key_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('ballots_root', sa.LargeBinary(), nullable=True),
    sa.Column('void_reason', sa.Text(), nullable=True),
    sa.Column('drafted_by', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('frozen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tallied_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('shredded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.CheckConstraint("(status = 'draft') = (frozen_at IS NULL) AND (frozen_at IS NULL OR num_nulls(slug, seed_commit, seed_sealed, opens_at) = 0)", name=op.f('ck_voting_round_fixed_at_opening')),
    sa.CheckConstraint("(status = 'void') = (void_reason IS NOT NULL)", name=op.f('ck_voting_round_void_has_a_reason')),
    sa.CheckConstraint("method IN ('most_wanted', 'share_the_wins')", name=op.f('ck_voting_round_known_method')),
    sa.CheckConstraint("roll_rule IN ('patron_when_casting', 'patron_before_opening')", name=op.f('ck_voting_round_known_roll_rule')),
    sa.CheckConstraint("status IN ('draft', 'open', 'closed', 'tallied', 'published', 'void')", name=op.f('ck_voting_round_known_status')),
    sa.CheckConstraint("tie_rule IN ('include_all', 'lot', 'staff_decides')", name=op.f('ck_voting_round_known_tie_rule')),
    sa.CheckConstraint('opens_at < closes_at', name=op.f('ck_voting_round_opens_before_it_closes')),
    sa.CheckConstraint('seats > 0 AND max_choices > 0', name=op.f('ck_voting_round_positive')),
    sa.ForeignKeyConstraint(['drafted_by'], ['account.id'], name=op.f('fk_voting_round_drafted_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_voting_round')),
    sa.UniqueConstraint('slug', name=op.f('uq_voting_round_slug'))
    )
    op.create_index('ix_voting_round_owed', 'voting_round', ['due_at'], unique=False, postgresql_where='due_at IS NOT NULL')
    op.create_table('ballot',
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('ballot_key', sa.LargeBinary(), nullable=False),
    sa.Column('choices', postgresql.ARRAY(sa.SmallInteger()), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('receipt', sa.String(length=26), nullable=False),
    sa.Column('void_reason', sa.String(length=20), nullable=True),
    sa.ForeignKeyConstraint(['round_id'], ['voting_round.id'], name=op.f('fk_ballot_round_id')),
    sa.PrimaryKeyConstraint('round_id', 'ballot_key', name=op.f('pk_ballot')),
    sa.UniqueConstraint('round_id', 'receipt', name=op.f('uq_ballot_round_id_receipt'))
    )
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
    op.create_table('participation',
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('first_cast_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_participation_account_id')),
    sa.ForeignKeyConstraint(['round_id'], ['voting_round.id'], name=op.f('fk_participation_round_id')),
    sa.PrimaryKeyConstraint('round_id', 'account_id', name=op.f('pk_participation'))
    )
    op.create_index(op.f('ix_participation_account_id'), 'participation', ['account_id'], unique=False)
    op.create_table('roll_entry',
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('eligible', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_roll_entry_account_id')),
    sa.ForeignKeyConstraint(['round_id'], ['voting_round.id'], name=op.f('fk_roll_entry_round_id')),
    sa.PrimaryKeyConstraint('round_id', 'account_id', name=op.f('pk_roll_entry'))
    )
    op.create_index(op.f('ix_roll_entry_account_id'), 'roll_entry', ['account_id'], unique=False)
    op.create_table('round_topic',
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('summary', sa.Text(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_reason', sa.Text(), nullable=True),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)', name=op.f('ck_round_topic_withdrawn_has_a_reason')),
    sa.ForeignKeyConstraint(['round_id'], ['voting_round.id'], name=op.f('fk_round_topic_round_id')),
    sa.PrimaryKeyConstraint('round_id', 'number', name=op.f('pk_round_topic'))
    )
    op.create_table('tally',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('input_root', sa.LargeBinary(), nullable=False),
    sa.Column('params', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('params_hash', sa.LargeBinary(), nullable=False),
    sa.Column('code_version', sa.Integer(), nullable=False),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('result_hash', sa.LargeBinary(), nullable=False),
    sa.Column('voided', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['voting_round.id'], name=op.f('fk_tally_round_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tally')),
    sa.UniqueConstraint('round_id', 'input_root', 'params_hash', 'code_version', name=op.f('uq_tally_round_id_input_root_params_hash_code_version')),
    sa.UniqueConstraint('round_id', 'revision', name=op.f('uq_tally_round_id_revision'))
    )
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
    op.create_table('editorial_pick',
    sa.Column('round_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('picked_by', sa.BigInteger(), nullable=False),
    sa.Column('picked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['picked_by'], ['account.id'], name=op.f('fk_editorial_pick_picked_by')),
    sa.ForeignKeyConstraint(['round_id', 'number'], ['round_topic.round_id', 'round_topic.number'], name=op.f('fk_editorial_pick_round_id_number')),
    sa.PrimaryKeyConstraint('round_id', 'number', name=op.f('pk_editorial_pick'))
    )
    op.create_table('publication',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('tally_id', sa.BigInteger(), nullable=False),
    sa.Column('supersedes', sa.BigInteger(), nullable=True),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['voting_round.id'], name=op.f('fk_publication_round_id')),
    sa.ForeignKeyConstraint(['supersedes'], ['publication.id'], name=op.f('fk_publication_supersedes')),
    sa.ForeignKeyConstraint(['tally_id'], ['tally.id'], name=op.f('fk_publication_tally_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_publication')),
    sa.UniqueConstraint('supersedes', name=op.f('uq_publication_supersedes')),
    sa.UniqueConstraint('tally_id', name=op.f('uq_publication_tally_id'))
    )
    op.create_index(op.f('ix_publication_round_id'), 'publication', ['round_id'], unique=False)
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
    op.drop_index(op.f('ix_publication_round_id'), table_name='publication')
    op.drop_table('publication')
    op.drop_table('editorial_pick')
    op.drop_index('ix_donation_received', table_name='donation')
    op.drop_index(op.f('ix_donation_pledge_id'), table_name='donation')
    op.drop_index('ix_donation_owed', table_name='donation', postgresql_where='due_at IS NOT NULL')
    op.drop_index('ix_donation_account_received', table_name='donation')
    op.drop_table('donation')
    op.drop_table('tally')
    op.drop_table('round_topic')
    op.drop_index(op.f('ix_roll_entry_account_id'), table_name='roll_entry')
    op.drop_table('roll_entry')
    op.drop_index(op.f('ix_participation_account_id'), table_name='participation')
    op.drop_table('participation')
    op.drop_index(op.f('ix_checkout_pledge_id'), table_name='checkout')
    op.drop_index(op.f('ix_checkout_account_id'), table_name='checkout')
    op.drop_table('checkout')
    op.drop_table('ballot')
    op.drop_index('ix_voting_round_owed', table_name='voting_round', postgresql_where='due_at IS NOT NULL')
    op.drop_table('voting_round')
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
