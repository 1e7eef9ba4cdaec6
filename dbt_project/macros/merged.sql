{#
    The rows of a mart as they will be once the candidates are published, of the keys in `within`: the candidates, and
    the published rows that stay. A candidate outside `within` was only read again, or has moved to a day that is going
    to be built again.
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
