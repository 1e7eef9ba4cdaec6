"""A folder of models of one's own, with one mart."""

QUERY = "select site_id, session_id, event_date, visitor_id, user_id, started_at from {{ ref('sessions') }}"
YML = """
models:
  - name: visits_of_mine
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
    columns:
      - {name: site_id, data_type: text, description: 'The site.', constraints: [{type: not_null}]}
      - {name: session_id, data_type: text, description: 'The session.', constraints: [{type: not_null}]}
      - {name: event_date, data_type: date, description: 'Its day.', constraints: [{type: not_null}]}
      - {name: visitor_id, data_type: text, description: 'The device.', constraints: [{type: not_null}]}
      - {name: user_id, data_type: text, description: 'The user; null if anonymous.'}
      - {name: started_at, data_type: timestamptz, description: 'Start.', constraints: [{type: not_null}]}
"""


def write_models(folder):
    folder.mkdir()
    (folder / "visits_of_mine.sql").write_text(QUERY)
    (folder / "visits_of_mine.yml").write_text(YML)
