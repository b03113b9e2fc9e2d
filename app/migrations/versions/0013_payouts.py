"""What Stripe paid out, and the newsroom's own rates of exchange.

Revision: 0013
Follows: 0012
"""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
