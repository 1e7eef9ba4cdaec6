-- One row per visit to a community on the replaced days, as they will be once the candidates are published.
-- Robots are left out.
{{ config(materialized='view') }}

{{ merged('community_visits', replaced='replaced_community_visits', within='replaced_days', robots=false) }}
union all
select {{ contract_columns('community_visits', 'pruned') }}
from {{ ref('int_pruned_community_visits') }} as pruned
