"""Policies for signed-in and for anonymous people. See 0021_kinds_of_people.sql."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the statements."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
