-- Which events were there, newest first? `name` and `session` choose some, `since` and `until` the time.
{# Of a name the index of names has the order. The planner is kept from that of days, which seems short. #}
{% set day = "case when " ~ asked('name') ~ " = '' then event_date else event_date + 0 end" %}
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
    {{ asked_for(day) }}
    -- The same bounds for the index by days: a day begins at most a day before or after that of UTC.
    and {{ day }} >= (select cast({{ earliest_as_asked() }} as date) - 1)
    and {{ day }} <= (select cast({{ latest_as_asked() }} as date) + 1)
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
