-- Who signed in for the first time, and what did they do before?
with

newest as (

    -- All that are asked for are counted and sorted: only by what that takes.
    select
        conversions.site_id,
        conversions.visitor_id,
        conversions.converted_at,
        count(*) over () as total
    from (
        select * from {{ source('published', 'conversions') }}
        where
            {{ asked_for('event_date') }}
            and {{ of_narrowed_session('first_session_id', any_day=true) }}
    ) as conversions
    left join {{ source('published', 'sessions') }} as sessions
        on conversions.site_id = sessions.site_id and conversions.session_id = sessions.session_id
    -- Whether a pruned session was a robot's is unknown: it counts as a person's.
    where not coalesce(sessions.is_bot, false)
    order by conversions.converted_at desc, conversions.site_id asc, conversions.visitor_id asc
    {{ asked_page() }}

)

select
    conversions.site_id,
    conversions.user_id,
    conversions.visitor_id,
    conversions.converted_at,
    conversions.landing_page,
    conversions.referrer,
    conversions.channel,
    conversions.source,
    conversions.medium,
    conversions.campaign,
    conversions.anonymous_session_count,
    conversions.anonymous_page_view_count,
    conversions.anonymous_seconds,
    newest.total
from newest
inner join {{ source('published', 'conversions') }} as conversions
    on newest.site_id = conversions.site_id and newest.visitor_id = conversions.visitor_id
order by newest.converted_at desc, newest.site_id asc, newest.visitor_id asc
