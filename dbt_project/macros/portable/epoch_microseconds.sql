{# Microseconds since 1970 as a whole number: exact, so that it may be hashed. #}
{% macro epoch_microseconds(moment) %}{{ return(adapter.dispatch('epoch_microseconds')(moment)) }}{% endmacro %}

{% macro postgres__epoch_microseconds(moment) %}{{ return("cast(extract(epoch from " ~ moment ~ ") * 1000000 as bigint)") }}{% endmacro %}

{% macro spark__epoch_microseconds(moment) %}{{ return("unix_micros(" ~ moment ~ ")") }}{% endmacro %}
