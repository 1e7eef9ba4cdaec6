{#
    The columns of a mart in the order of its contract, each after `prefix`. A published table may have them in another
    order, because a column that was added later stands last there. Unit tests have no graph; their tables have the same
    columns in the same order, so `*` is enough there.
#}
{% macro contract_columns(mart, prefix) -%}
{%- if graph.nodes -%}
    {%- for column in graph.nodes['model.' ~ project_name ~ '.' ~ mart].columns -%}
        {{ prefix }}.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- else -%}
    {{ prefix }}.*
{%- endif -%}
{%- endmacro %}
