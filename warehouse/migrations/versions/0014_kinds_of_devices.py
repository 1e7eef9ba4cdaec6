"""Two more kinds of devices in published days. See 0014_kinds_of_devices.sql."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Complete the kinds of devices of the days that are published."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
