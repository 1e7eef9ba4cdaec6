{# A row that names a row of another mart finds it: among the candidates, or among what is published. #}
{% test belongs_to(model, to, columns) %}

{% set matches = [] %}
{% for column in columns %}
    {% do matches.append('parent.' ~ column ~ ' = child.' ~ column) %}
{% endfor %}

select {{ columns | join(', ') }}
from {{ model }} as child
where
    {{ columns | join(' is not null and ') }} is not null
    and not exists (select 1 from {{ ref(to) }} as parent where {{ matches | join(' and ') }})
    and not exists (select 1 from {{ source('published', to) }} as parent where {{ matches | join(' and ') }})

{% endtest %}
