-- One row per event and side that it is seen from, with the number of its run on that side.
--
-- A run would be one session if there were no midnights. A visitor's events in time order are split into runs
-- after a gap longer than the timeout, after a hard end, and where the known user changes. Pings and ends
-- make no session: without another event before them in their run they are stray; after a hard end they are
-- late, and belong to the session that ended there.
--
-- Side `slice` sees all events, those of the slice and those around it. Sides `before` and `after` see the
-- border events alone, because the slice must not change where a border run begins or ends. This is a view,
-- so that nothing is written twice; PostgreSQL applies a condition on side to the events themselves.
{{ config(materialized='view') }}
{% set in_order = 'partition by visitor_id, site_id, side order by ' ~ event_order() | join(', ') %}
{% set columns = [
    'site_id', 'visitor_id', 'event_date', 'occurred_at', 'order_in_instant', 'event_id', 'anonymous_id', 'user_id',
    'hard_end', 'is_page_unload', 'is_page_view', 'is_trailing',
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

    -- A session that began on a frozen day and reaches into the slice stays as published, with all its
    -- events. Its events of the slice must not become a second session, so they are left out here. It can
    -- only begin on the day before the slice: a session over more midnights is cut at each of them.
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

    -- The days are bounds and not a join, so that PostgreSQL opens no other day's partition.
    -- Few columns are read: the windows below copy every row, and other columns are joined later.
    -- Frozen sessions are few; most builds have none.
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

site_options as (

    select * from {{ ref('stg_site_options') }}

),

events_read as (

    -- Each border event is read twice: once with the slice's own events, and once without them.
    -- Before and after are two sides, because without the slice nothing connects them.
    -- Border events are few beside the slice's own, so that this costs little.
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

timeouts_known as (

    -- A site whose timezone is unknown has no days, and so no options. Its events are left out here.
    select
        events_read.*,
        site_options.session_timeout_minutes
    from events_read
    inner join site_options on events_read.site_id = site_options.site_id

),

gaps_measured as (

    -- All windows of the model have one order, so that one sort serves them all. The order begins with the
    -- visitor, the column with most values: then the first bytes of a key decide, which halves the sort.
    select
        *,
        row_number() over visitor as event_position,
        occurred_at - lag(occurred_at) over visitor as gap
    from timeouts_known
    window visitor as ({{ in_order }})

),

breaks_found as (

    -- A gap of exactly the timeout is no break. The first event of a visitor is one.
    select
        *,
        is_trailing is not true as is_opener,
        is_trailing is not true and hard_end is null as is_activity,
        case
            when gap is null or gap > session_timeout_minutes * interval '1' minute then event_position
        end as break_position
    from gaps_measured

),

looked_back as (

    -- Finds the last break, the last event that makes a session, and the last user named before, and the day.
    -- Whose session it is only activity says: a ping names who is signed in when it is sent.
    -- The user's text begins with the event's position, so that the greatest text holds the last user.
    -- `lag` with `ignore nulls` would say the same, but PostgreSQL has no `ignore nulls`.
    select
        *,
        coalesce(break_position, max(break_position) over before) as chain_position,
        max(case when is_opener then event_position end) over before as opener_position,
        max(case when is_activity then event_position end) over before as activity_position,
        max(case when is_activity and user_id is not null then event_position end) over before
            as user_position,
        max(case when is_activity and user_id is not null then event_date end) over before as user_date,
        max(
            case
                when is_activity
                    then lpad(cast(event_position as {{ dbt.type_string() }}), 12, '0') || user_id
            end
        ) over before as user_before
    from breaks_found
    window before as ({{ in_order }} rows between unbounded preceding and 1 preceding)

),

stretches_found as (

    -- A stretch goes from an activity or a break to the next one. Its first hard end ends the session.
    select
        *,
        greatest(activity_position, chain_position) as stretch,
        coalesce(opener_position >= chain_position, false) as has_opener
    from looked_back

),

ends_looked_up as (

    -- The greatest text holds the last stretch with a hard end, and the first hard end of that stretch.
    select
        *,
        max(
            case
                when hard_end is not null then
                    lpad(cast(stretch as {{ dbt.type_string() }}), 12, '0')
                    || lpad(cast(999999999999 - event_position as {{ dbt.type_string() }}), 12, '0')
                    || hard_end
            end
        ) over before as end_before
    from stretches_found
    window before as ({{ in_order }} rows between unbounded preceding and 1 preceding)

),

ends_read as (

    select
        *,
        coalesce(cast(substring(end_before, 1, 12) as bigint) = stretch, false) as is_ended,
        999999999999 - cast(substring(end_before, 13, 12) as bigint) as end_position,
        substring(end_before, 25) as end_kind
    from ends_looked_up

),

runs_found as (

    -- A gap wins over a hard end: after a timeout, a sign-out before it does not matter.
    -- A second hard end changes nothing: the tracker may report one sign-out twice.
    -- Another user on the device starts another run, even without a gap. Signing in starts none.
    -- A break or a hard end makes the user unknown. So does a day: a user who was named neither today nor
    -- yesterday is no longer known. Otherwise a day could not be built without all days before it.
    select
        {% for column in columns -%}
            {{ column }},
        {% endfor -%}
        side,
        is_opener,
        not is_opener and not has_opener as is_stray,
        is_ended and not is_activity and has_opener as is_late,
        case
            when break_position is not null then 'timeout'
            when is_ended and is_activity then end_kind
            when
                is_opener
                and not is_ended
                and user_position >= chain_position
                and user_position > coalesce(end_position, 0)
                and user_date >= event_date - 1
                and substring(user_before, 13) <> user_id
                then 'user_switch'
        end as run_cause
    from ends_read

)

-- Numbers a visitor's runs and says why the next run starts. The windows must be the last step, without a
-- `select *` after them: only then does PostgreSQL know the order of the view's rows. Otherwise it would sort
-- all events once more.
select
    *,
    count(run_cause) over visitor as run_number,
    max(case when is_opener and not is_late then event_date end) over visitor as opener_date,
    lead(occurred_at) over visitor is not null as has_next_event,
    lead(run_cause) over visitor as next_run_cause
from runs_found
window visitor as ({{ in_order }} {{ running_frame() }})
