-- Which contacts did a customer leave last?
select
    user_id,
    email,
    phone,
    name,
    metadata,
    contact_left_at
from {{ source('marts_views', 'customer_contacts') }}
where contact_left_at is not null and {{ of_site() }} and {{ of_user() }}
order by site_id, user_id
limit {{ asked('rows') }}
