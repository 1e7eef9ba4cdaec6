-- From which addresses did a customer come? One row per session with an address.
select
    session_id,
    host(ip) as ip
from {{ source('marts_views', 'session_contacts') }}
where ip is not null and {{ of_site() }} and {{ of_user() }}
order by started_at desc, site_id asc, session_id asc
limit {{ asked('rows') }}
