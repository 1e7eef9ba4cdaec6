"""The days on which retention ran. See 0025_retention_runs.sql."""

from pathlib import Path

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
