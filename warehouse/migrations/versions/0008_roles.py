"""The roles of the server, what they call, and which analysts belong to a site. See 0008_roles.sql.

Who may do what is not here but in `warehouse/rights.py`, granted after each migration.
"""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the roles that the server does not have yet, and what belongs to them."""
    statements = Path(__file__).with_suffix(".sql").read_text()
    op.get_bind().exec_driver_sql(statements.replace("%", "%%"))
