{#
    The frame of a window whose functions look ahead as well as back: from the first row up to this one. PostgreSQL
    counts rows, which is faster. Spark lets `lead` have no frame; without one it takes all rows that do not come later,
    which is the same where no two rows tie.
#}
{% macro running_frame() %}{{ return(adapter.dispatch('running_frame')()) }}{% endmacro %}

{% macro postgres__running_frame() %}{{ return('rows unbounded preceding') }}{% endmacro %}

{% macro spark__running_frame() %}{{ return('') }}{% endmacro %}
