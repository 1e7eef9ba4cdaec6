"""Ids of page views, and what makes a path. See 0027_page_view_ids.sql."""

from pathlib import Path

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
