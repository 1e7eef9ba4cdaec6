-- Which events were there, newest first? `name` and `session` choose some, `since` and `until` the time.
select
    site_id,
    event_id,
    event_name,
    event_category,
    occurred_at,
    event_date,
    session_id,
    position,
    visitor_id,
    user_id,
    page_view_id,
    page_host,
    page_path,
    properties
from {{ source('published', 'events') }}
where
    {{ asked_for('event_date') }}
    -- The same bounds for the index by days: a day begins at most a day before or after that of UTC.
    and event_date >= (select cast({{ earliest_as_asked() }} as date) - 1)
    and event_date <= (select cast({{ latest_as_asked() }} as date) + 1)
    and {{ happened_as_asked() }}
    and ({{ asked('name') }} = '' or event_name = {{ asked('name') }})
    and ({{ asked('session') }} = '' or session_id = {{ asked('session') }})
    and {{ of_narrowed_session() }}
-- Days are in the order of time. One index has the events of a day in this order, another those of a name.
order by
    case when {{ asked('name') }} = '' then event_date end desc,
    occurred_at desc,
    session_id desc,
    position desc
limit {{ asked('rows') }}
