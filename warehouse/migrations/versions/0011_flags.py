"""What events are flagged with. See ingestion/event.py."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

MEANING = (
    "What was mended on the way in: clock_corrected, clock_clamped, sanitised, truncated, scrubbed (secrets, e-mail"
    " addresses, card numbers), private (a page view of somebody who asked not to be tracked); or is wrong and was left"
    " as it is: implausible (an amount or a duration that no model takes)."
)


def upgrade() -> None:
    """Say so in the comment."""
    op.alter_column("events", "flags", comment=MEANING, schema="raw")
