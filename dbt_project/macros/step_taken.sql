{#
    What takes a step of a goal or funnel, `event:NAME` or the path of a page that is viewed: the name of the event, and the
    pattern of its page's path, null where any page will do.
#}
{% macro event_of_step(step) -%}
    case when {{ step }} like '/%' then 'page_viewed' else substring({{ step }}, 7) end
{%- endmacro %}

{% macro path_of_step(step) -%}
    case when {{ step }} like '/%' then {{ like_pattern(step) }} end
{%- endmacro %}

{# Join condition: the event takes the step. #}
{% macro takes_step(events, steps) -%}
    {{ events }}.site_id = {{ steps }}.site_id
            and {{ events }}.event_name = {{ steps }}.event_name
            and ({{ steps }}.page_pattern is null or {{ events }}.page_path like {{ steps }}.page_pattern)
{%- endmacro %}
