"""P2 and P3 as anybody can check them: every line of every file is accounted for, and every event is there once."""

from sqlalchemy import Engine

from tests.support.database import rows


def uneven_files(engine: Engine) -> list[tuple]:
    """Loaded files of which the ledger says something else than lies in the tables."""
    return rows(
        engine,
        "select file_name, line_count, loaded_count, duplicate_count, rejected_count, suppressed_count, events, rejects"
        " from ops.landed_files f"
        " left join (select file_id, count(*) as events from raw.events group by 1) e using (file_id)"
        " left join (select file_id, count(*) as rejects from raw.rejects group by 1) r using (file_id)"
        " where state = 'loaded' and (line_count <> loaded_count + duplicate_count + rejected_count + suppressed_count"
        " or loaded_count <> coalesce(events, 0) or rejected_count <> coalesce(rejects, 0))",
    )


def require_balance(engine: Engine) -> None:
    """Every line of every file, and every event of a file."""
    assert uneven_files(engine) == []
    assert rows(engine, "select 1 from raw.events where file_id not in (select file_id from ops.landed_files)") == []


def found_events(engine: Engine) -> list[str]:
    """The ids of all raw events, each as often as it is there."""
    return [event_id for (event_id,) in rows(engine, "select event_id from raw.events order by 1")]
