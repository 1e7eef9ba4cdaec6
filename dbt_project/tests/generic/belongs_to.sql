{# A row that names a row of another mart must find it, among the candidates or among the published rows. #}
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
