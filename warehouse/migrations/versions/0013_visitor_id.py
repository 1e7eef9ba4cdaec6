"""A function that names the visitor of an event. See 0013_visitor_id.sql."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the function."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
