"""Publish asks of which marts an audit says something, however many audits there were before."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index("check_results_audit_id", "check_results", ["audit_id"], schema="ops")
