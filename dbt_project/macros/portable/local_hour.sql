{# The hour of the day, 0 to 23, by the clock of a timezone. #}
{% macro local_hour(moment, zone) %}{{ return(adapter.dispatch('local_hour')(moment, zone)) }}{% endmacro %}

{% macro postgres__local_hour(moment, zone) %}{{ return("cast(extract(hour from " ~ moment ~ " at time zone " ~ zone ~ ") as integer)") }}{% endmacro %}

{% macro spark__local_hour(moment, zone) %}{{ return("hour(from_utc_timestamp(" ~ moment ~ ", " ~ zone ~ "))") }}{% endmacro %}
