"""What events take on disk, indexes with them."""

from footfall.pipeline.installation import Installation
from sqlalchemy import text

from bench.scene import count

SCHEMAS = ["raw", "marts", "staging", "intermediate", "audit"]


def bytes_per_event(here: Installation) -> dict[str, int]:
    """By schema, and in the landing zone. What dbt builds, in the last three, is there for one slice at a time."""
    events = count(here, "raw.events")
    with here.engine.connect() as connection:
        schemas = connection.execute(
            text(
                "select relnamespace::regnamespace::text as schema, sum(pg_total_relation_size(oid)) as bytes"
                " from pg_class where relkind = 'r' and relnamespace = any(cast(:schemas as regnamespace[]))"
                " group by 1 order by 1"
            ),
            {"schemas": SCHEMAS},
        ).all()
    landed = sum(path.stat().st_size for path in here.settings.landing.rglob("*") if path.is_file())
    return {"landing": round(landed / events)} | {row.schema: round(row.bytes / events) for row in schemas}
