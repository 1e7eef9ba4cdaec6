-- One row per session of the replaced visitors, over their whole history as it will be once the candidates
-- are published: candidate sessions, and published ones that stay. The mart sessions comes later, because it
-- needs the visitors.
{{ config(materialized='view') }}
{% set columns = [
    'site_id', 'visitor_id', 'anonymous_id', 'session_id', 'first_event_id', 'event_date', 'started_at', 'ended_at',
    'user_id', 'identified_at', 'page_view_count', 'duration_seconds', 'anonymous_page_view_count', 'landing_page',
    'referrer', 'source', 'medium', 'campaign', 'channel',
] %}

with

candidates as (

    select
        sessions.*,
        traffic.source,
        traffic.medium,
        traffic.campaign,
        traffic.channel
    from {{ ref('int_sessions') }} as sessions
    inner join {{ ref('int_traffic') }} as traffic
        on sessions.site_id = traffic.site_id and sessions.session_id = traffic.session_id

)

select {{ columns | join(', ') }}
from candidates
union all
select published.{{ columns | join(', published.') }}
{{ staying('sessions', replaced='replaced_sessions', within='replaced_visitors') }}
