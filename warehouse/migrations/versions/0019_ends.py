"""Anonymous page views, and the order of commerce events. See 0019_ends.sql."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and say what they are of what is published."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
