{#
    A parameter of a question: a question is compiled once, and given its values when it is asked. The default is the
    variable of the same name.
#}
{% macro asked(name) -%}
    :{{ name }}
{%- endmacro %}
