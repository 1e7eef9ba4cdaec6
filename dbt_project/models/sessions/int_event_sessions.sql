-- One row per event of a candidate session, with the start of its session.
{{ config(materialized='view') }}

select * from {{ ref('int_event_sessions_even') }}
union all
select * from {{ ref('int_event_sessions_odd') }}
