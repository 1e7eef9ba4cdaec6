{# A top-level key of a JSON column as a whole number, without its fraction; null if it is no number or above `most`. #}
{% macro json_count(column, key, most) -%}
    case
        when
            {{ matches(json_text(column, key), '^[0-9]{1,12}([.][0-9]{1,9})?$') }}
            and {{ text_cast(json_text(column, key), 'numeric(22, 9)') }} <= {{ most }}
            then cast(floor({{ text_cast(json_text(column, key), 'numeric(22, 9)') }}) as bigint)
    end
{%- endmacro %}
