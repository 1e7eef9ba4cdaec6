-- Which days stay as they were published, because a check failed?
select
    site_id,
    event_date,
    mart,
    expectation,
    reason,
    figure,
    usual,
    held_at
from ops.held_days_seen()
where {{ of_site() }}
order by event_date desc, site_id asc, mart asc, expectation asc
limit {{ asked('rows') }}
