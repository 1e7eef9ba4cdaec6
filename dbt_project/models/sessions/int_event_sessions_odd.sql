-- Placed events of the other half of the visitors.
{{ config(sql_header=hash_joins_only()) }}

select * from {{ ref('int_placed_events') }}
where {{ half_of('visitor_id') }} = 1
