"""Limits of each token, and what the server of answers is notified of. See 0038_limits.sql."""

from pathlib import Path

from alembic import op

revision = "0038"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the limits, and notify of each change that makes answers others."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text().replace("%", "%%"))
