{#
    Steps that split events into runs: after a gap longer than the timeout, after a hard end, and where the known user
    becomes a different one. They expect a step `events_read` and leave `runs_found`, whose run_cause says why a run
    starts at that event; it is null on all others. `keys` are the columns that name whose events they are.

    All windows have one order, so that one sort serves them all. No two events of a site share an id: nothing ties.
    Where keys begin with the one of most values, the first bytes decide most comparisons: that halves the sort.
#}
{% macro run_steps(keys) %}
{%- set timeout = "interval '" ~ var('session_timeout_minutes') ~ "' minute" -%}
{%- set in_order = "partition by " ~ keys ~ " order by occurred_at, event_id" -%}
gaps_measured as (

    select
        *,
        row_number() over visitor as event_position,
        occurred_at - lag(occurred_at) over visitor as gap,
        case when hard_end is null then lag(hard_end) over visitor end as hard_end_before
    from events_read
    window visitor as ({{ in_order }})

),

breaks_found as (

    -- A hard end after a hard end changes nothing.
    select
        *,
        case when gap is null or gap > {{ timeout }} then 'timeout' else hard_end_before end as break_cause
    from gaps_measured

),

users_looked_up as (

    -- The last user named before, behind the position, because the greatest position is the last.
    select
        *,
        max(case when break_cause is not null then event_position end) over before as break_position,
        max(case when user_id is not null then event_position end) over before as user_position,
        max(case when user_id is not null then event_date end) over before as user_date,
        max(lpad(cast(event_position as {{ dbt.type_string() }}), 12, '0') || user_id) over before as user_before
    from breaks_found
    window before as ({{ in_order }} rows between unbounded preceding and 1 preceding)

),

runs_found as (

    -- Who was seen neither today nor yesterday is no longer known: else a day could not be built without all before.
    select
        *,
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
{%- endmacro %}
