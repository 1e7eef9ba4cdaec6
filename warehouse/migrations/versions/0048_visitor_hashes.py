"""The hashes of visitors from which sketches are made. See 0048_visitor_hashes.sql."""

from pathlib import Path

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables. The next load or night makes the key and hashes the visitors of events loaded before."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text().replace("%", "%%"))
