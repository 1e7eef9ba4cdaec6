{#
    The rows of a mart with keys in `within`, as they will be once the candidates are published: the candidates, and the
    published rows that stay. A candidate outside `within` is left out: it was only read again, or it moved to a day
    that a later build makes again.
#}
{% macro merged(mart, replaced, within, robots=true) %}
select {{ contract_columns(mart, 'candidates') }}
from {{ ref(mart) }} as candidates
inner join {{ ref(within) }} as within on {{ same_keys(within, 'candidates', 'within') }}
{{ 'where not candidates.is_bot' if not robots }}
union all
select {{ contract_columns(mart, 'published') }}
{{ staying(mart, replaced, within) }} {{ 'and not published.is_bot' if not robots }}
{%- endmacro %}
