-- What was published when, and how many checks did it pass? The newest publication first.
select
    site_id,
    publication_id,
    published_at,
    first_day,
    last_day,
    check_count,
    failed_check_count
from ops.publications_seen()
where {{ of_site() }}
order by publication_id desc, site_id asc
limit {{ asked('rows') }}
