-- One row per item of a checkout, in the order in which they were sent. Shops name its keys differently.
with

items as (

    select
        checkouts.site_id,
        checkouts.checkout_id,
        checkouts.event_date,
        checkouts.status,
        checkouts.currency,
        cast(listed.place as int) as position,
        listed.item,
        case when jsonb_typeof(listed.item) = 'string' then listed.item #>> '{}' end as named
    from marts.checkouts
    cross join lateral jsonb_array_elements(checkouts.items) with ordinality as listed (item, place)

)

select
    site_id,
    checkout_id,
    event_date,
    position,
    coalesce(item ->> 'item_id', item ->> 'sku', item ->> 'product_id', item ->> 'id') as item_id,
    coalesce(item ->> 'item_name', item ->> 'name', item ->> 'title', named) as item_name,
    coalesce(item ->> 'item_category', item ->> 'category') as category,
    case
        when item ->> 'quantity' ~ '^[0-9]{1,9}([.][0-9]+)?$' then cast(item ->> 'quantity' as numeric)
    end as quantity,
    case
        when item ->> 'price' ~ '^[0-9]{1,12}([.][0-9]+)?$' then cast(item ->> 'price' as numeric)
    end as price,
    currency,
    status,
    item
from items
