-- One row per event of the slice, and of the runs of activity that cross the slice's borders, with its session.
--
-- A run is what would be one session if there were no midnights: a visitor's events in time order, split after a gap
-- longer than the timeout, after a hard end, and where the known user becomes a different one. A run may cross a
-- border of the slice; the slice then takes it whole. To see it whole, the days around the slice are read too, but
-- only for visitors who were active near the border, and days further out only for those without any gap before.
{% set timeout = "interval '" ~ var('session_timeout_minutes') ~ "' minute" %}
{% set in_order = "order by occurred_at, event_id" %}

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

events as (

    select * from {{ ref('stg_events') }}

),

dirty_days as (

    select distinct event_date from {{ source('ops', 'dirty_days') }}

),

borders as (

    select
        site_id,
        min(event_date) as first_date,
        max(event_date) as last_date,
        min(starts_at) as starts_at,
        max(ends_at) as ends_at
    from slice_days
    group by site_id

),

slice_events as (

    select events.*
    from events
    inner join borders
        on events.site_id = borders.site_id and events.event_date between borders.first_date and borders.last_date
    where
        events.event_date >= (select min(slice_days.event_date) from slice_days)
        and events.event_date <= (select max(slice_days.event_date) from slice_days)

),

border_visitors as (

    select distinct
        events.site_id,
        events.visitor_id,
        events.event_date
    from events
    inner join borders
        on
            events.site_id = borders.site_id
            and (
                (events.event_date = borders.first_date - 1 and events.occurred_at >= borders.starts_at - {{ timeout }})
                or (events.event_date = borders.last_date + 1 and events.occurred_at <= borders.ends_at + {{ timeout }})
            )
    where
        events.event_date in (
            (select min(slice_days.event_date) - 1 from slice_days),
            (select max(slice_days.event_date) + 1 from slice_days)
        )

),

neighbour_events as (

    select events.*
    from events
    inner join border_visitors
        on
            events.site_id = border_visitors.site_id
            and events.visitor_id = border_visitors.visitor_id
            and events.event_date = border_visitors.event_date
    where
        events.event_date in (
            (select min(slice_days.event_date) - 1 from slice_days),
            (select max(slice_days.event_date) + 1 from slice_days)
        )

),

neighbour_gaps as (

    select
        site_id,
        visitor_id,
        event_date,
        occurred_at,
        occurred_at - lag(occurred_at) over (partition by site_id, visitor_id, event_date {{ in_order }}) as gap
    from neighbour_events

),

unbroken_visitors as (

    -- Active without a gap through the whole neighbouring day (of 23 hours or more): their run may go on beyond it.
    select
        site_id,
        visitor_id,
        event_date
    from neighbour_gaps
    group by site_id, visitor_id, event_date
    having
        max(gap) <= {{ timeout }}
        and max(occurred_at) - min(occurred_at) >= interval '23' hour - 2 * {{ timeout }}

),

further_events as (

    select events.*
    from events
    inner join unbroken_visitors
        on
            events.site_id = unbroken_visitors.site_id
            and events.visitor_id = unbroken_visitors.visitor_id
    inner join borders
        on
            unbroken_visitors.site_id = borders.site_id
            and case
                when unbroken_visitors.event_date < borders.first_date
                    then events.event_date between borders.first_date - 3 and borders.first_date - 2
                else events.event_date between borders.last_date + 2 and borders.last_date + 3
            end
    where
        events.event_date >= (select min(slice_days.event_date) - 3 from slice_days)
        and events.event_date <= (select max(slice_days.event_date) + 3 from slice_days)

),

events_read as (

    select * from slice_events
    union all
    select * from neighbour_events
    union all
    select * from further_events

),

gaps_measured as (

    select
        *,
        occurred_at - lag(occurred_at) over visitor as gap,
        case when hard_end is null then lag(hard_end) over visitor end as hard_end_before
    from events_read
    window visitor as (partition by site_id, visitor_id {{ in_order }})

),

breaks_found as (

    -- A hard end after a hard end changes nothing.
    select
        *,
        case when gap is null or gap > {{ timeout }} then 'timeout' else hard_end_before end as break_cause
    from gaps_measured

),

breaks_counted as (

    select
        *,
        count(break_cause) over (partition by site_id, visitor_id {{ in_order }} rows unbounded preceding)
            as break_count
    from breaks_found

),

users_compared as (

    -- Among the events since the last break that name a user, the one before names the known user.
    select
        *,
        case
            when break_cause is not null then break_cause
            when
                user_id is not null
                and user_id <> lag(user_id) over (
                    partition by site_id, visitor_id, break_count, (user_id is null) {{ in_order }}
                )
                then 'user_switch'
        end as run_cause
    from breaks_counted

),

runs_numbered as (

    select
        *,
        count(run_cause) over (partition by site_id, visitor_id {{ in_order }} rows unbounded preceding)
            as run_number,
        lead(occurred_at) over visitor is not null as has_next_event,
        lead(run_cause) over visitor as next_run_cause
    from users_compared
    window visitor as (partition by site_id, visitor_id {{ in_order }})

),

runs_measured as (

    -- A run belongs to the slice if it has an event in it, or reaches its border.
    select
        runs_numbered.*,
        borders.first_date,
        borders.last_date,
        max(runs_numbered.event_date) over run - min(runs_numbered.event_date) over run as midnights_crossed,
        max(runs_numbered.occurred_at) over run >= borders.starts_at - {{ timeout }}
        and min(runs_numbered.occurred_at) over run <= borders.ends_at + {{ timeout }} as belongs_to_slice
    from runs_numbered
    inner join borders on runs_numbered.site_id = borders.site_id
    window run as (partition by runs_numbered.site_id, runs_numbered.visitor_id, runs_numbered.run_number)

),

midnights_cut as (

    -- Of midnights in one run, a single one is crossed, several are cut at each.
    select
        *,
        case when midnights_crossed > 1 then event_date end as cut_date
    from runs_measured
    where belongs_to_slice

),

sessions_found as (

    select
        *,
        min(occurred_at) over session as started_at,
        min(event_date) over session as session_date,
        row_number() over in_session as position_in_session,
        lead(occurred_at) over in_session as next_occurred_at,
        sum(case when is_page_view then 1 else 0 end) over (in_session rows unbounded preceding) as page_view_number,
        first_value(event_id) over in_session as first_event_id,
        coalesce(run_cause, 'midnight_cut') as start_cause,
        case
            when hard_end is not null then hard_end
            when has_next_event and next_run_cause is null then 'midnight_cut'
            when next_run_cause = 'user_switch' then 'user_switch'
            when is_page_unload then 'page_unload'
            else 'timeout'
        end as end_cause
    from midnights_cut
    window
        session as (partition by site_id, visitor_id, run_number, cut_date),
        in_session as (partition by site_id, visitor_id, run_number, cut_date {{ in_order }})

),

sessions_kept as (

    -- Days around the slice that are dirty themselves are built on their own; those further out were context.
    select sessions_found.*
    from sessions_found
    where
        session_date between first_date and last_date
        or (
            session_date between first_date - 2 and last_date + 2
            and session_date not in (select dirty_days.event_date from dirty_days)
        )

),

sessions_named as (

    select
        {{ dbt.hash("site_id || '|' || visitor_id || '|' || first_event_id || '|' || cast(" ~ epoch_microseconds('started_at') ~ " as " ~ dbt.type_string() ~ ")") }} as session_id,
        site_id,
        visitor_id,
        run_number,
        session_date,
        started_at,
        position_in_session,
        page_view_number,
        start_cause,
        end_cause,
        session_date between first_date and last_date as is_of_slice,
        event_date,
        occurred_at,
        next_occurred_at,
        event_id,
        event_name,
        event_category,
        anonymous_id,
        user_id,
        client_session_id,
        page_host,
        page_path,
        page_query,
        page_title,
        page_type,
        page_identifier,
        referrer,
        referrer_host,
        screen_width,
        screen_height,
        user_agent_id,
        country_code,
        city,
        is_page_view,
        is_ping,
        engaged_ms,
        scroll_percent,
        click_count,
        response_ms,
        triggered_by
    from sessions_kept

)

select * from sessions_named
