{#
    The published events of a mart that the candidates replace: those of replaced sessions, and those that a candidate
    session holds. Such an event is still published in another session where that one's day is dirty, and left to its
    own build. An id may be used again days later for another event: the time tells them apart.
#}
{% macro replaced_events(mart) %}
with

of_replaced_sessions as (

    select
        published_events.site_id,
        published_events.event_id,
        published_events.occurred_at
    from {{ source('published', mart) }} as published_events
    inner join {{ ref('replaced_sessions') }} as replaced_sessions
        on
            published_events.site_id = replaced_sessions.site_id
            and published_events.session_id = replaced_sessions.session_id

),

of_candidate_sessions as (

    select
        published_events.site_id,
        published_events.event_id,
        published_events.occurred_at
    from {{ source('published', mart) }} as published_events
    inner join {{ ref(mart) }} as events
        on
            published_events.site_id = events.site_id
            and published_events.event_id = events.event_id
            and published_events.occurred_at = events.occurred_at

)

select * from of_replaced_sessions
union
select * from of_candidate_sessions
{% endmacro %}
