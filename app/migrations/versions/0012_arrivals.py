"""How readers came: first and last touch of a pledge, and counts of the steps to a gift.

Revision: 0012
Follows: 0011
"""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
