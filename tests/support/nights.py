"""Material for nights in tests: people who look at pages, and a way to see dbt at work."""

from datetime import UTC, datetime, timedelta

from tests.support.events import event

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DBT_AT_WORK = "select 1 from pg_stat_activity where application_name = 'dbt' and datname = current_database()"


def visits(day: int, people: int = 3) -> list[dict]:
    """People who each view two pages on that day of November 2026."""
    return [
        event(
            START.replace(day=day) + timedelta(minutes=7 * person + view),
            device=f"d{person}",
            event_id=f"{day}-{person}-{view}",
        )
        for person in range(people)
        for view in range(2)
    ]
