{#
    A parameter of a question. A question is compiled once and gets its values when it is asked. The default value is
    the variable of the same name.
#}
{% macro asked(name) -%}
    :{{ name }}
{%- endmacro %}
