-- The database's date, and the dates on record. The silence matters only before the first run.
with runs as (
    select
        max(run_date) as last_run,
        max(run_date) filter (where is_confirmed) as last_confirmed,
        min(run_date) filter (where run_date > current_date) as first_ahead
    from ops.retention_runs
),

loads as (
    select
        cast(max(loaded_at) as date) as newest_load,
        cast(min(loaded_at) filter (where loaded_at >= current_date + 1) as date) as first_ahead
    from ops.landed_files
),

published as (
    select cast(min(published_at) as date) as first_ahead
    from ops.publications
    where published_at >= current_date + 1
),

load_days as (
    select distinct cast(loaded_at as date) as load_date
    from ops.landed_files
    where not exists (select from ops.retention_runs)
),

next_load_days as (
    select
        load_date,
        lead(load_date) over (order by load_date) as next_load_date
    from load_days
),

silence as (
    select
        load_date as silent_after,
        next_load_date as silent_until
    from next_load_days
    where next_load_date - load_date > :most_days
    order by load_date desc
    limit 1
)

select
    current_date as today,
    runs.last_run,
    runs.last_confirmed,
    loads.newest_load,
    silence.silent_after,
    silence.silent_until,
    least(runs.first_ahead, loads.first_ahead, published.first_ahead) as first_ahead
from runs
cross join loads
cross join published
left join silence on true
