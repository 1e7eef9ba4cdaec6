{#
    Steps that split events into runs: after a gap longer than the timeout, after a hard end, and where the known user
    becomes a different one. They expect a step `events_read` and leave `runs_found`, whose run_cause says why a run
    starts at that event; it is null on all others. `keys` are the columns that name whose events they are.
#}
{% macro run_steps(keys) %}
{%- set timeout = "interval '" ~ var('session_timeout_minutes') ~ "' minute" -%}
{%- set in_order = "partition by " ~ keys ~ " order by occurred_at, event_id" -%}
gaps_measured as (

    select
        *,
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

breaks_counted as (

    select
        *,
        count(break_cause) over ({{ in_order }} rows unbounded preceding) as break_count
    from breaks_found

),

users_looked_up as (

    -- Among the events since the last break that name a user, the one before names the known user.
    select
        *,
        lag(user_id) over user_seen as user_before,
        lag(event_date) over user_seen as user_before_date
    from breaks_counted
    window user_seen as (
        partition by {{ keys }}, break_count, (user_id is null)
        order by occurred_at, event_id
    )

),

runs_found as (

    -- Who was seen neither today nor yesterday is no longer known: else a day could not be built without all before.
    select
        *,
        case
            when break_cause is not null then break_cause
            when user_id <> user_before and user_before_date >= event_date - 1 then 'user_switch'
        end as run_cause
    from users_looked_up

)
{%- endmacro %}
