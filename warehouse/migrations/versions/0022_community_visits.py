"""A policy for anonymous visits to communities. See 0022_community_visits.sql."""

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the policy."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
