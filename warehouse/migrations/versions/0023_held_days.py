"""Marks of single sites, and days of a site that are held back. See 0023_held_days.sql."""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the statements."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
