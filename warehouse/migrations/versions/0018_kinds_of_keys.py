"""Keys of servers, and who said what an event says. See 0018_kinds_of_keys.sql."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
