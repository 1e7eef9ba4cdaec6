-- One row per site and area of a shop, also of an empty area. A visitor whose last payment failed is in payment_error
-- and in no other area, until another page than those of checkout and payment is viewed.
with

areas as (

    select
        sites.site_id,
        areas.area,
        areas.area_number
    from ops.sites
    cross join
        unnest(array['homepage', 'category', 'offer', 'checkout', 'payment', 'payment_error'])
        with ordinality as areas (area, area_number)
    where (
        (select pg_has_role('footfall_analyst', 'usage'))
        or sites.site_id = (select ops.site_of(current_user))
        or sites.site_id = any(cast((select ops.sites_of_token()) as text[]))
    )

),

visitors_placed as (

    select
        site_id,
        last_seen_at,
        case when has_payment_error then 'payment_error' else page_type end as area
    from live.active_sessions

)

select
    areas.site_id,
    cast(areas.area_number as integer) as area_number,
    areas.area,
    cast(count(visitors_placed.area) as integer) as visitor_count,
    max(visitors_placed.last_seen_at) as last_update_at
from areas
left join visitors_placed on areas.site_id = visitors_placed.site_id and areas.area = visitors_placed.area
group by areas.site_id, areas.area_number, areas.area
