"""Rules of alarms, the alarms they raised, and messages on their way. See 0035_alarms.sql."""

from pathlib import Path

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, the rules that hold at first, and the policies that prune."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text().replace("%", "%%"))
