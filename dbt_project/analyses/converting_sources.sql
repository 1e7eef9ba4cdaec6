-- Which sources of a first session bring visitors who sign in? By the visitor's first day.
with

visitors as (

    select * from {{ source('published', 'visitors') }}
    where
        {{ asked_for('first_seen_date') }}
        and {{ of_narrowed_session('first_session_id', any_day=true) }}

)

select
    visitors.site_id,
    visitors.first_channel,
    visitors.first_source,
    visitors.first_medium,
    count(*) as visitor_count,
    count(conversions.visitor_id) as conversion_count,
    round(100.0 * count(conversions.visitor_id) / count(*), 2) as conversion_percent
from visitors
left join {{ source('published', 'conversions') }} as conversions
    on visitors.site_id = conversions.site_id and visitors.visitor_id = conversions.visitor_id
left join {{ source('published', 'sessions') }} as first_sessions
    on visitors.site_id = first_sessions.site_id and visitors.first_session_id = first_sessions.session_id
-- Whether a pruned session was a robot's is unknown: it counts as a person's.
where not coalesce(first_sessions.is_bot, false)
group by visitors.site_id, visitors.first_channel, visitors.first_source, visitors.first_medium
order by
    conversion_count desc,
    conversion_percent desc,
    visitors.site_id asc,
    visitors.first_channel asc,
    visitors.first_source asc,
    visitors.first_medium asc
limit {{ asked('rows') }}
