"""Folders of models of one's own, each with one mart of sessions."""

from pathlib import Path

QUERY = "select site_id, session_id, event_date, visitor_id, user_id, started_at from {{ ref('sessions') }}"


def described(name: str, checks: str = "", columns: str = "") -> str:
    """The contract of a mart with the columns of QUERY, and what is added to its `meta` and its columns."""
    return f"""
models:
  - name: {name}
    description: 'One row per session.'
    config:
      schema: audit
      contract: {{enforced: true}}
      meta:
        dagster: {{group: audit}}
        primary_key: [site_id, session_id]
        replaced_keys: replaced_sessions
        people: {{user: user_id, device: visitor_id, at: started_at}}
        retention: {{signed_in: signed_in_sessions, anonymous: anonymous_sessions}}
{checks}
    columns:
      - {{name: site_id, data_type: text, description: 'The site.', constraints: [{{type: not_null}}]}}
      - {{name: session_id, data_type: text, description: 'The session.', constraints: [{{type: not_null}}]}}
      - {{name: event_date, data_type: date, description: 'Its day.', constraints: [{{type: not_null}}]}}
      - {{name: visitor_id, data_type: text, description: 'The device.', constraints: [{{type: not_null}}]}}
      - {{name: user_id, data_type: text, description: 'The user; null if anonymous.'}}
      - {{name: started_at, data_type: timestamptz, description: 'Start.', constraints: [{{type: not_null}}]}}
{columns}
"""


YML = described("visits_of_mine")


def write_models(folder: Path) -> None:
    """Write the mart `visits_of_mine`."""
    folder.mkdir()
    (folder / "visits_of_mine.sql").write_text(QUERY)
    (folder / "visits_of_mine.yml").write_text(YML)


def divided_by_views(folder: Path) -> Path:
    """A mart whose build divides by zero at a session of 7 page views, and its check at one of 9."""
    (folder / "visits_divided.sql").write_text(QUERY.replace(" from ", ", 10 / (7 - page_view_count) as tenths from "))
    checks = """        checks:
          - name: is_divided
            claim: 'Ten divided by what is left of nine page views is no hundred'
            query: >
              select d.site_id, d.event_date from audit.visits_divided d
              join audit.sessions s on s.site_id = d.site_id and s.session_id = d.session_id
              where 10 / (9 - s.page_view_count) = 100"""
    tenths = "      - {name: tenths, data_type: integer, description: 'Ten, divided.', meta: {range: [-100, 100]}}"
    (folder / "visits_divided.yml").write_text(described("visits_divided", checks, tenths))
    return folder
