-- Which published figures changed later, and why? The newest change first.
select
    site_id,
    event_date,
    figure,
    old_value,
    new_value,
    array_to_string(causes, ', ') as causes,
    restated_at
from ops.restatements_seen()
where {{ asked_for('event_date') }}
order by restated_at desc, site_id asc, event_date asc, figure asc
limit {{ asked('rows') }}
