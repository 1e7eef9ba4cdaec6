-- From which hosts do sessions come? From none: direct.
select
    site_id,
    case when referrer_host = '(none)' then 'direct' else referrer_host end as referrer_host,
    sum(session_count) as session_count
from {{ source('published', 'daily_traffic') }}
where {{ asked_for('event_date') }}
group by site_id, referrer_host
order by session_count desc, site_id asc, referrer_host asc
limit {{ asked('rows') }}
