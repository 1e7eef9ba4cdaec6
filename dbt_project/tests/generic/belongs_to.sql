{# A row that names a row of another mart finds it: among the candidates, or among what is published. #}
{% test belongs_to(model, to, columns) %}

select {{ columns | join(', ') }}
from {{ model }} as child
where
    {%- for column in columns %}
    child.{{ column }} is not null and
    {%- endfor %}
    not exists (
        select 1 from {{ ref(to) }} as parent
        where {% for column in columns %}parent.{{ column }} = child.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    )
    and not exists (
        select 1 from {{ source('published', to) }} as parent
        where {% for column in columns %}parent.{{ column }} = child.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
    )

{% endtest %}
