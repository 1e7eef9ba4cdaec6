-- One row per event and side it is seen from, with the number of its run.
--
-- A run is what would be one session if there were no midnights: a visitor's events in time order, split
-- after a gap longer than the timeout, after a hard end, and where the known user becomes a different one.
--
-- From side `slice` all events are seen, those of the slice and those around it. From `before` and `after`
-- only the border events are: what the slice holds must not change where a border run begins or ends. A view,
-- so that nothing is written twice; a condition on side reaches down to the events.
{{ config(materialized='view') }}
{% set timeout = "interval '" ~ var('session_timeout_minutes') ~ "' minute" %}
{% set in_order = 'partition by visitor_id, site_id, side order by occurred_at, event_id' %}
{% set columns = [
    'site_id', 'visitor_id', 'event_date', 'occurred_at', 'event_id', 'anonymous_id', 'user_id', 'hard_end',
    'is_page_unload', 'is_page_view',
] %}

with

slice_days as (

    select * from {{ source('audit', 'slice_days') }}

),

borders as (

    select
        site_id,
        min(event_date) as first_date
    from slice_days
    group by site_id

),

frozen_sessions as (

    -- A session that came in from a day whose raw events are gone stays as published, with all its events.
    -- The events that it has of the slice must not become a second session, so they are left out here.
    -- Only the eve can have one: a session over more midnights is cut at each of them.
    select
        published_sessions.site_id,
        published_sessions.visitor_id,
        max(published_sessions.ended_at) as ended_at
    from {{ source('published', 'sessions') }} as published_sessions
    where
        published_sessions.event_date in (
            select frozen_days.event_date
            from {{ source('ops', 'frozen_days') }} as frozen_days
            where frozen_days.event_date = (select min(slice_days.event_date) - 1 from slice_days)
        )
        and published_sessions.ended_at >= (select min(slice_days.starts_at) from slice_days)
    group by published_sessions.site_id, published_sessions.visitor_id

),

slice_events as (

    -- The days as bounds, and not as a join, so that all other days' partitions stay closed.
    -- Narrow: the windows below pass over every event, and what else is known of it joins later.
    -- The frozen sessions are few, and none in most builds.
    select
        {% for column in columns -%}
            events.{{ column }},
        {% endfor -%}
        'slice' as side
    from {{ ref('stg_events') }} as events
    left join frozen_sessions
        on events.site_id = frozen_sessions.site_id and events.visitor_id = frozen_sessions.visitor_id
    where
        events.event_date >= (select min(slice_days.event_date) from slice_days)
        and events.event_date <= (select max(slice_days.event_date) from slice_days)
        and (frozen_sessions.ended_at is null or events.occurred_at > frozen_sessions.ended_at)

),

events_read as (

    -- The border events stand twice: once with the slice's own, and once without.
    -- Before and after are two sides, because nothing connects them without the slice.
    -- They are few beside the slice's own, so that this costs next to nothing.
    select * from slice_events
    union all
    select
        {{ columns | join(', ') }},
        'slice' as side
    from {{ ref('int_border_events') }}
    union all
    select
        border_events.{{ columns | join(', border_events.') }},
        case when border_events.event_date < borders.first_date then 'before' else 'after' end as side
    from {{ ref('int_border_events') }} as border_events
    inner join borders on border_events.site_id = borders.site_id

),

gaps_measured as (

    -- A gap, and a hard end before, are what parts two runs at a glance; the first event has neither.
    -- All windows of the model have one order, so that one sort serves them all. It begins with the visitor:
    -- where keys begin with the column of most values, the first bytes decide, which halves the sort.
    select
        *,
        row_number() over visitor as event_position,
        occurred_at - lag(occurred_at) over visitor as gap,
        case when hard_end is null then lag(hard_end) over visitor end as hard_end_before
    from events_read
    window visitor as ({{ in_order }})

),

breaks_found as (

    -- A gap wins over a hard end: who comes back after an hour was away, however the last session ended.
    -- A hard end after a hard end changes nothing: the tracker may report one sign-out twice.
    -- Exactly the timeout is no break; the first event is one.
    select
        *,
        case when gap is null or gap > {{ timeout }} then 'timeout' else hard_end_before end as break_cause
    from gaps_measured

),

users_looked_up as (

    -- The last user named before, when, and whether a break came since: a break makes a user unknown.
    -- The user stands behind the position, because the greatest position is the last, so that a plain
    -- maximum over all rows before finds what `lag` with `ignore nulls` would, which PostgreSQL has not.
    select
        *,
        max(case when break_cause is not null then event_position end) over before as break_position,
        max(case when user_id is not null then event_position end) over before as user_position,
        max(case when user_id is not null then event_date end) over before as user_date,
        max(lpad(cast(event_position as {{ dbt.type_string() }}), 12, '0') || user_id) over before
            as user_before
    from breaks_found
    window before as ({{ in_order }} rows between unbounded preceding and 1 preceding)

),

runs_found as (

    -- Another user on the device is another run, though no gap parts them; signing in is not.
    -- Who was seen neither today nor yesterday is no longer known: else a day could not be built without
    -- all days before it.
    select
        {% for column in columns -%}
            {{ column }},
        {% endfor -%}
        side,
        case
            when break_cause is not null then break_cause
            when
                user_position >= break_position
                and user_date >= event_date - 1
                and substring(user_before, 13) <> user_id
                then 'user_switch'
        end as run_cause
    from users_looked_up

)

-- What a visitor's runs are to each other: their number, and why the next one starts.
-- A window, and no `select *`, must be the last step: PostgreSQL keeps the order in which a view's rows come
-- only if its last step is of that order, and would sort all events once more.
select
    *,
    count(run_cause) over visitor as run_number,
    lead(occurred_at) over visitor is not null as has_next_event,
    lead(run_cause) over visitor as next_run_cause
from runs_found
window visitor as ({{ in_order }} rows unbounded preceding)
