{# A row that names a row of another mart finds it: among the candidates, or among what is published. #}
{% test belongs_to(model, to, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is not null and ') }} is not null
except
select {{ columns | join(', ') }}
from {{ ref(to) }}
except
select {{ columns | join(', ') }}
from {{ source('published', to) }}

{% endtest %}
