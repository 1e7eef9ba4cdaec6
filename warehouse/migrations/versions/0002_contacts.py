"""The vault of contacts, and the keyed hash that stands for them elsewhere. See 0002_contacts.sql."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the vault and the hash."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
