{# Where raw events are read from. #}
{% macro raw_events() %}{{ return(adapter.dispatch('raw_events')()) }}{% endmacro %}

{% macro default__raw_events() %}{{ return(source('raw', 'events')) }}{% endmacro %}
