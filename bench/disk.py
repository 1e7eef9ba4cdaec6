"""The size of events on disk, with indexes."""

from sqlalchemy import text

from bench.scene import count
from footfall.pipeline.installation import Installation

SCHEMAS = ["raw", "marts", "staging", "intermediate", "audit"]


def bytes_per_event(installation: Installation) -> dict[str, int]:
    """By schema, and in the landing zone. What dbt builds, in the last three, is there for one slice at a time."""
    events = count(installation, "raw.events")
    with installation.engine.connect() as connection:
        schemas = connection.execute(
            text(
                "select relnamespace::regnamespace::text as schema, sum(pg_total_relation_size(oid)) as bytes"
                " from pg_class where relkind = 'r' and relnamespace = any(cast(:schemas as regnamespace[]))"
                " group by 1 order by 1"
            ),
            {"schemas": SCHEMAS},
        ).all()
    landed = sum(path.stat().st_size for path in installation.settings.landing.rglob("*") if path.is_file())
    return {"landing": round(landed / events)} | {row.schema: round(row.bytes / events) for row in schemas}
