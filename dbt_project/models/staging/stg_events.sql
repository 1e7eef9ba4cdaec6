-- One row per raw event, with the columns that the models need, read out of addresses and properties once.
--
-- There is no `with`: PostgreSQL does not merge a view that has one into a query, and would read out all
-- columns of a whole day to join a few visitors.
{{ config(materialized='view', unlogged=false) }}
{% set day_ms = 24 * 60 * 60 * 1000 %}
{% set contacts = var('contact_properties') %}
{% set detailed_events = "'" ~ (var('commerce_events') + ['community_visited']) | join("', '") ~ "'" %}

select
    site_id,
    coalesce(anonymous_id, 'user:' || user_id) as visitor_id,
    anonymous_id,
    user_id,
    client_session_id,
    event_date,
    occurred_at,
    event_id,
    -- One number for the order of events at one instant. A page view opens what others of that instant belong
    -- to, an end closes it. Within these, the count of the client; events without one come last.
    case
        when event_name = 'page_viewed' then 0
        when event_name in ('session_ended', 'user_signed_out') then 2000000000000000000
        else 1000000000000000000
    end + coalesce(sequence, 999999999999999999) as order_in_instant,
    sequence,
    event_name,
    event_category,
    page_view_id as client_page_view_id,
    -- A bare path has its host beside it, if the client names one.
    coalesce({{ origin_of('page_url') }}, 'https://' || page_host) as page_origin,
    -- Without a regular expression, which took 1.2 s for a million events.
    case
        when page_location like '%://%' and split_part(page_location, '/', 2) = ''
            then coalesce(nullif(substring(
                page_location,
                length(split_part(page_location, '/', 1)) + length(split_part(page_location, '/', 3)) + 3
            ), ''), '/')
        else page_location
    end as bare_path,
    -- A question mark may stand in a query.
    nullif(substring(page_address, length(page_location) + 2), '') as page_query,
    nullif(substring(page_url, length(page_address) + 2), '') as page_fragment,
    page_title,
    page_type,
    page_identifier,
    referrer,
    {{ origin_of('referrer') }} as referrer_origin,
    language,
    screen_width,
    screen_height,
    user_agent_id,
    context,
    {{ masked_address('ip') }} as ip_masked,
    country_code,
    city,
    event_name = 'page_viewed' as is_page_view,
    event_name = 'page_engaged' as is_ping,
    -- It belongs to what went before it, and makes no session.
    event_name in ('page_engaged', 'session_ended') as is_trailing,
    case
        when event_name = 'user_signed_out' then 'signed_out'
        when event_name = 'session_ended' then
            case {{ json_text('properties', 'reason') }}
                when 'sign_out' then 'signed_out'
                when 'user_switch' then 'user_switch'
            end
    end as hard_end,
    event_name = 'session_ended'
    and coalesce({{ json_text('properties', 'reason') }}, '') = 'page_unload' as is_page_unload,
    case
        when event_name = 'page_engaged' then {{ json_count('properties', 'engaged_ms', day_ms) }}
    end as engaged_ms,
    case
        when event_name = 'page_engaged' then {{ json_count('properties', 'scroll_depth', 100) }}
    end as scroll_percent,
    case
        when event_name = 'page_engaged' then {{ json_count('properties', 'clicks', 100000) }}
    end as click_count,
    case
        when event_name = 'message_received' then {{ json_count('properties', 'response_ms', day_ms) }}
    end as response_ms,
    case
        when event_name like 'widget%' then {{ json_text('properties', 'triggered_by') }}
    end as triggered_by,
    -- Without contacts: only raw and the vault hold those. Without mart `events`, only for the events whose
    -- properties other marts read.
    {% if var('events_mart') -%}
        {{ json_without('properties', contacts) }} as properties,
    {%- else -%}
        case
            when event_name in ({{ detailed_events }}) then {{ json_without('properties', contacts) }}
        end as properties,
    {%- endif %}
    contact_hash
from (
    -- An address is 'https://host:port/path?query#fragment', or a bare '/path?query' from an access log.
    select
        *,
        split_part(page_url, '#', 1) as page_address,
        split_part(split_part(page_url, '#', 1), '?', 1) as page_location
    from {{ raw_events() }}
) as addresses_split
