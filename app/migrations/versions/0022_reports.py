"""Reports: of payouts no words are kept that might name people, and articles have titles.

Revision: 0022
Follows: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_touch_titled",
        "touch",
        ["article", "on"],
        postgresql_where=sa.text("title IS NOT NULL"),
    )
    # What Stripe says of a payment may name people, and only of its own charges is it ever shown.
    # The rows are guarded against changes of any kind.
    op.execute("ALTER TABLE payout_entry DISABLE TRIGGER USER")
    op.execute(
        "UPDATE payout_entry SET description = NULL"
        " WHERE kind <> 'stripe_fee' AND description IS NOT NULL"
    )
    op.execute("ALTER TABLE payout_entry ENABLE TRIGGER USER")


def downgrade() -> None:
    op.drop_index("ix_touch_titled", "touch")
