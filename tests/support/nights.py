"""Material for nights in tests: people who look at pages, and a way to see dbt at work."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

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


def divided_by_views(folder: Path) -> Path:
    """A model of one's own: its build divides by zero at a session of 7 page views, its check at one of 9."""
    (folder / "visits_divided.sql").write_text(
        "select site_id, session_id, event_date, visitor_id, user_id, started_at,"
        " 10 / (7 - page_view_count) as tenths from {{ ref('sessions') }}"
    )
    (folder / "visits_divided.yml").write_text("""
models:
  - name: visits_divided
    description: 'One row per session.'
    config:
      schema: audit
      contract: {enforced: true}
      meta:
        dagster: {group: audit}
        primary_key: [site_id, session_id]
        replaced_keys: replaced_sessions
        people: {user: user_id, device: visitor_id, at: started_at}
        retention: {signed_in: signed_in_sessions, anonymous: anonymous_sessions}
        checks:
          - name: is_divided
            claim: 'Ten divided by what is left of nine page views is no hundred'
            query: >
              select d.site_id, d.event_date from audit.visits_divided d
              join audit.sessions s on s.site_id = d.site_id and s.session_id = d.session_id
              where 10 / (9 - s.page_view_count) = 100
    columns:
      - {name: site_id, data_type: text, description: 'The site.', constraints: [{type: not_null}]}
      - {name: session_id, data_type: text, description: 'The session.', constraints: [{type: not_null}]}
      - {name: event_date, data_type: date, description: 'Its day.', constraints: [{type: not_null}]}
      - {name: visitor_id, data_type: text, description: 'The device.', constraints: [{type: not_null}]}
      - {name: user_id, data_type: text, description: 'The user; null if anonymous.'}
      - {name: started_at, data_type: timestamptz, description: 'Start.', constraints: [{type: not_null}]}
      - {name: tenths, data_type: integer, description: 'Ten, divided.', meta: {range: [-100, 100]}}
""")
    return folder
