{# Condition of the analyses: whether only sessions of one channel, path, device type or country are asked for. #}
{% macro is_narrowed() -%}
    {{ asked('channel') }} || {{ asked('path') }} || {{ asked('device') }} || {{ asked('country') }} <> ''
{%- endmacro %}
