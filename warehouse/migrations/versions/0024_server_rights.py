"""Rights on the server itself: none of readers, what the steps need.

Nothing is changed here: `warehouse.access.server_rights` grants and revokes after each migration. This version brings
it to a database that needs no other one.
"""

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""
