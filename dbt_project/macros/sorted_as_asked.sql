{#
    Order of a question by the column that is asked for with `sort`, `ascending` or not; by the first where none of
    them is. `columns` are the names to ask for, each with its column.
#}
{% macro sorted_as_asked(columns) -%}
{%- set others = columns.keys() | list | reject('equalto', columns.keys() | first) | list -%}
{%- for name, column in columns.items() %}
{%- set wanted -%}
{{ asked('sort') }} {% if loop.first %}not in ('{{ others | join("', '") }}'){% else %}= '{{ name }}'{% endif %}
{%- endset %}
    case when {{ wanted }} and {{ asked('ascending') }} then {{ column }} end asc nulls last,
    case when {{ wanted }} and not {{ asked('ascending') }} then {{ column }} end desc nulls last
{%- if not loop.last %},{% endif %}
{%- endfor %}
{%- endmacro %}
