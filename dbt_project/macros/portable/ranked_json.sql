{# A group's names with their counts as JSON, [{"name": …, "count": …}, …], in order of rank; null where there are none. #}
{% macro ranked_json(name, count, rank) %}{{ return(adapter.dispatch('ranked_json')(name, count, rank)) }}{% endmacro %}

{% macro postgres__ranked_json(name, count, rank) -%}
    jsonb_agg(jsonb_build_object('name', {{ name }}, 'count', {{ count }}) order by {{ rank }})
{%- endmacro %}

{% macro spark__ranked_json(name, count, rank) -%}
    nullif('[' || array_join(transform(
        sort_array(collect_list(struct({{ rank }} as rank, {{ name }} as name, {{ count }} as count))),
        entry -> '{"name": ' || {{ json_string_text('entry.name') }} || ', "count": ' || cast(entry.count as string) || '}'
    ), ', ') || ']', '[]')
{%- endmacro %}
