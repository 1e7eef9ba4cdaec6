{#
    The sessions of people on the days asked for, or on `any_day`: those of one channel, device type and country, that viewed one path,
    where these are asked for. Each has its names as the daily marts write them.
#}
{% macro narrowed_sessions(any_day=false) -%}
{%- set channel, device = key_text('channel', '(none)'), key_text('device_type', '(unknown)') -%}
{%- set country = key_text('country_code', '(unknown)') -%}
    select
        sessions.*,
        {{ channel }} as channel_name,
        {{ device }} as device_name,
        {{ country }} as country_name
    from {{ source('published', 'sessions') }} as sessions
    where
        not is_bot
        and {{ of_site() if any_day else asked_for('event_date') }}
        and ({{ asked('channel') }} = '' or {{ channel }} = {{ asked('channel') }})
        and ({{ asked('device') }} = '' or {{ device }} = {{ asked('device') }})
        and ({{ asked('country') }} = '' or {{ country }} = {{ asked('country') }})
        and (
            {{ asked('path') }} = ''
            or (site_id, session_id) in (
                select
                    page_views.site_id,
                    page_views.session_id
                from {{ source('published', 'page_views') }} as page_views
                where
                    {{ of_site() if any_day else asked_for('page_views.event_date') }}
                    and {{ key_text('page_views.page_path', '(unknown)', most=600) }} = {{ asked('path') }}
            )
        )
{%- endmacro %}
