"""How many visitors came in any range of days, by sketches. See 0049_visitors_between.sql."""

from pathlib import Path

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

# Weeks, months and years are merged by nights: with the open day, they stand for the days before it.
_WHOLE_UNTIL = {
    "marts": "$3",
    "with_today": (
        "least($3, (select min(t.event_date) - 1 from today.daily_visitor_sketches as t where t.site_id = $1))"
    ),
}


def upgrade() -> None:
    """Create it for what is published, and for that with the open day. The tables come with the first build."""
    query = Path(__file__).with_suffix(".sql").read_text().replace("%", "%%")
    connection = op.get_bind()
    connection.exec_driver_sql("set local check_function_bodies = off")
    for schema, whole_until in _WHOLE_UNTIL.items():
        connection.exec_driver_sql(query.replace("{schema}", schema).replace("{whole_until}", whole_until))
