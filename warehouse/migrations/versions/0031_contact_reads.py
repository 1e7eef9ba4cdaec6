"""The trail of which token read contacts. See 0031_contact_reads.sql."""

from pathlib import Path

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the trail, and the policy that prunes it."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text())
