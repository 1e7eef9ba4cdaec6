{#
    The columns of a mart in the order of its contract, each after `prefix`. Published tables may have them in another
    order: a column that came later stands last there. Unit tests are given no graph, but tables with the same columns in
    the same order, so that `*` names them, too.
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
