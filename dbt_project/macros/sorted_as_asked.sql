{#
    Order of a question's rows: by the column that `sort` names, ascending or descending as `ascending` says; by the
    first column where `sort` names none. `columns` maps the names that `sort` may have to columns.
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
