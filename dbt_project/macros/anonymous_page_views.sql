{# Page views of a row of `sessions` before its user was known; all of them where none was. #}
{% macro anonymous_page_views(sessions) -%}
    case
        when {{ sessions }}.is_anonymous then {{ sessions }}.page_view_count
        else coalesce({{ sessions }}.anonymous_page_view_count, 0)
    end
{%- endmacro %}
