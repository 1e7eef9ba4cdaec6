"""When a reject was replayed. See 0042_replayed_rejects.sql."""

from pathlib import Path

from alembic import op

revision = "0042"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and leave what was replayed out of the figures of rejects."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text().replace("%", "%%"))
