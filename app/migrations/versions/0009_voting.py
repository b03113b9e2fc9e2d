"""Tables of the room voting: the monthly template, pictures, corrections, what is published, recounts.

Revision: 0009
Follows: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    what_is_planned()
    what_is_published()


def downgrade() -> None:
    forget_what_is_published()
    forget_what_is_planned()


def what_is_published() -> None:
    op.add_column('voting_round', sa.Column('receipts', sa.String(length=20), server_default='with_choices', nullable=False))
    op.add_column('voting_round', sa.Column('export_from', sa.Integer(), server_default='100', nullable=False))
    # Who voted before was told that a code does not tell how one voted.
    op.execute("UPDATE voting_round SET receipts = 'inclusion_only' WHERE frozen_at IS NOT NULL")
    # The published list is in the order of the bytes, and its index is to have that order too.
    op.alter_column('ballot', 'receipt', type_=sa.String(length=26, collation='C'))
    op.create_check_constraint(
        op.f('ck_voting_round_known_receipts'), 'voting_round', "receipts IN ('with_choices', 'inclusion_only')"
    )
    op.create_table('recount',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('tally_id', sa.BigInteger(), nullable=False),
    sa.Column('identical', sa.Boolean(), nullable=False),
    sa.Column('by_account_id', sa.BigInteger(), nullable=True),
    sa.Column('counted_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_account_id'], ['account.id'], name=op.f('fk_recount_by_account_id_account')),
    sa.ForeignKeyConstraint(['tally_id'], ['tally.id'], name=op.f('fk_recount_tally_id_tally')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recount'))
    )
    op.create_index(op.f('ix_recount_tally_id'), 'recount', ['tally_id'], unique=False)
    op.execute(
        "CREATE TRIGGER recount_is_final BEFORE UPDATE OR DELETE ON recount "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def forget_what_is_published() -> None:
    op.drop_table('recount')
    op.drop_constraint(op.f('ck_voting_round_known_receipts'), 'voting_round', type_='check')
    op.alter_column('ballot', 'receipt', type_=sa.String(length=26, collation='default'))
    op.drop_column('voting_round', 'export_from')
    op.drop_column('voting_round', 'receipts')


def what_is_planned() -> None:
    op.create_table('topic_picture',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('content_type', sa.String(length=20), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_topic_picture'))
    )
    op.create_table('round_template',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('is_on', sa.Boolean(), nullable=False),
    sa.Column('opens_day', sa.SmallInteger(), nullable=False),
    sa.Column('opens_time', sa.Time(), nullable=False),
    sa.Column('days_open', sa.SmallInteger(), nullable=False),
    sa.Column('closes_time', sa.Time(), nullable=False),
    sa.Column('title', sa.String(length=180), nullable=False),
    sa.Column('intro', sa.Text(), nullable=False),
    sa.Column('method', sa.String(length=20), nullable=False),
    sa.Column('tie_rule', sa.String(length=20), nullable=False),
    sa.Column('roll_rule', sa.String(length=30), nullable=False),
    sa.Column('max_choices', sa.SmallInteger(), nullable=False),
    sa.Column('seats', sa.SmallInteger(), nullable=False),
    sa.Column('quorum', sa.Integer(), nullable=True),
    sa.Column('most_topics', sa.SmallInteger(), nullable=False),
    sa.Column('carried', sa.SmallInteger(), nullable=False),
    sa.Column('publish_after_hours', sa.SmallInteger(), nullable=True),
    sa.Column('opens_alone', sa.Boolean(), nullable=False),
    sa.Column('alone_since', sa.DateTime(timezone=True), nullable=True),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.BigInteger(), nullable=True),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.CheckConstraint('days_open BETWEEN 1 AND 28', name=op.f('ck_round_template_closes_before_the_next')),
    sa.CheckConstraint('opens_day BETWEEN 1 AND 28', name=op.f('ck_round_template_day_of_every_month')),
    sa.CheckConstraint('seats > 0 AND max_choices > 0 AND most_topics > seats', name=op.f('ck_round_template_positive')),
    sa.ForeignKeyConstraint(['changed_by'], ['account.id'], name=op.f('fk_round_template_changed_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_template'))
    )
    op.create_index('ix_round_template_owed', 'round_template', ['due_at'], unique=False, postgresql_where='due_at IS NOT NULL')
    op.create_table('round_correction',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=True),
    sa.Column('field', sa.String(length=20), nullable=False),
    sa.Column('before', sa.Text(), nullable=False),
    sa.Column('after', sa.Text(), nullable=False),
    sa.Column('by_account_id', sa.BigInteger(), nullable=False),
    sa.Column('corrected_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_account_id'], ['account.id'], name=op.f('fk_round_correction_by_account_id')),
    sa.ForeignKeyConstraint(['round_id'], ['voting_round.id'], name=op.f('fk_round_correction_round_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_correction'))
    )
    op.create_index(op.f('ix_round_correction_round_id'), 'round_correction', ['round_id'], unique=False)
    op.create_table('round_extension',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False),
    sa.Column('round_id', sa.BigInteger(), nullable=False),
    sa.Column('before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('by_account_id', sa.BigInteger(), nullable=False),
    sa.Column('extended_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('before < after', name=op.f('ck_round_extension_only_later')),
    sa.ForeignKeyConstraint(['by_account_id'], ['account.id'], name=op.f('fk_round_extension_by_account_id')),
    sa.ForeignKeyConstraint(['round_id'], ['voting_round.id'], name=op.f('fk_round_extension_round_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_round_extension'))
    )
    op.create_index(op.f('ix_round_extension_round_id'), 'round_extension', ['round_id'], unique=False)
    op.add_column('editorial_pick', sa.Column('instead_of', sa.SmallInteger(), nullable=True))
    op.add_column('round_topic', sa.Column('proposal_id', sa.BigInteger(), nullable=True))
    op.add_column('round_topic', sa.Column('carried_from', sa.BigInteger(), nullable=True))
    op.add_column('round_topic', sa.Column('credit', sa.String(length=200), server_default='', nullable=False))
    op.add_column('round_topic', sa.Column('picture_id', sa.BigInteger(), nullable=True))
    op.add_column('round_topic', sa.Column('picture_alt', sa.String(length=300), server_default='', nullable=False))
    op.create_index(op.f('ix_round_topic_proposal_id'), 'round_topic', ['proposal_id'], unique=False)
    op.create_foreign_key(op.f('fk_round_topic_proposal_id'), 'round_topic', 'proposal', ['proposal_id'], ['id'])
    op.create_foreign_key(op.f('fk_round_topic_picture_id'), 'round_topic', 'topic_picture', ['picture_id'], ['id'])
    op.create_foreign_key(op.f('fk_round_topic_carried_from'), 'round_topic', 'voting_round', ['carried_from'], ['id'])
    op.add_column('voting_round', sa.Column('template_id', sa.BigInteger(), nullable=True))
    op.add_column('voting_round', sa.Column('month', sa.Date(), nullable=True))
    op.add_column('voting_round', sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('voting_round', sa.Column('amended_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('voting_round', sa.Column('warned_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('voting_round', sa.Column('remind_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('voting_round', sa.Column('reminded_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('voting_round', sa.Column('publish_after_hours', sa.SmallInteger(), server_default='0', nullable=True))
    op.create_unique_constraint(op.f('uq_voting_round_template_id_month'), 'voting_round', ['template_id', 'month'])
    op.create_foreign_key(op.f('fk_voting_round_template_id'), 'voting_round', 'round_template', ['template_id'], ['id'])
    op.execute(
        "CREATE TRIGGER round_correction_is_final BEFORE UPDATE OR DELETE ON round_correction "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER round_extension_is_final BEFORE UPDATE OR DELETE ON round_extension "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def forget_what_is_planned() -> None:
    op.drop_constraint(op.f('fk_voting_round_template_id'), 'voting_round', type_='foreignkey')
    op.drop_constraint(op.f('uq_voting_round_template_id_month'), 'voting_round', type_='unique')
    op.drop_column('voting_round', 'publish_after_hours')
    op.drop_column('voting_round', 'reminded_at')
    op.drop_column('voting_round', 'remind_at')
    op.drop_column('voting_round', 'warned_at')
    op.drop_column('voting_round', 'amended_at')
    op.drop_column('voting_round', 'edited_at')
    op.drop_column('voting_round', 'month')
    op.drop_column('voting_round', 'template_id')
    op.drop_constraint(op.f('fk_round_topic_carried_from'), 'round_topic', type_='foreignkey')
    op.drop_constraint(op.f('fk_round_topic_picture_id'), 'round_topic', type_='foreignkey')
    op.drop_constraint(op.f('fk_round_topic_proposal_id'), 'round_topic', type_='foreignkey')
    op.drop_index(op.f('ix_round_topic_proposal_id'), table_name='round_topic')
    op.drop_column('round_topic', 'picture_alt')
    op.drop_column('round_topic', 'picture_id')
    op.drop_column('round_topic', 'credit')
    op.drop_column('round_topic', 'carried_from')
    op.drop_column('round_topic', 'proposal_id')
    op.drop_column('editorial_pick', 'instead_of')
    op.drop_index(op.f('ix_round_extension_round_id'), table_name='round_extension')
    op.drop_table('round_extension')
    op.drop_index(op.f('ix_round_correction_round_id'), table_name='round_correction')
    op.drop_table('round_correction')
    op.drop_index('ix_round_template_owed', table_name='round_template', postgresql_where='due_at IS NOT NULL')
    op.drop_table('round_template')
    op.drop_table('topic_picture')
