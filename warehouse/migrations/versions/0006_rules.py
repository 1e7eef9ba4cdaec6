"""By which rules user agents were parsed. See 0006_rules.sql."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
