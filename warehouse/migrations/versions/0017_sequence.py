"""The client's own count of events. See 0017_sequence.sql."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
