"""Tables of the room voting: what is published of ballots, and counts done again.

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
    what_is_published()


def downgrade() -> None:
    forget_what_is_published()


def what_is_published() -> None:
    op.add_column('voting_round', sa.Column('receipts', sa.String(length=20), server_default='with_choices', nullable=False))
    op.add_column('voting_round', sa.Column('export_from', sa.Integer(), server_default='100', nullable=False))
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
