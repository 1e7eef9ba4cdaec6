"""Sites whose timezone is unknown, or changes. See 0016_zones.sql."""

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the function and the tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
