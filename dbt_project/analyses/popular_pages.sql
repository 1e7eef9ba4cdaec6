-- Which pages are viewed most, and for how long? With `sort` anonymous_views: which by anonymous visitors.
select
    site_id,
    page_path,
    sum(views) as views,
    sum(anonymous_views) as anonymous_views,
    round(1.0 * sum(seconds_total) / sum(views), 2) as avg_seconds,
    sum(entries) as entries,
    sum(exits) as exits,
    sum(bounces) as bounces
from {{ source('published', 'daily_page_stats') }}
where {{ asked_for('stat_date') }}
group by site_id, page_path
order by
    {{ 'anonymous_views' if var('sort') == 'anonymous_views' else 'views' }} desc, site_id asc, page_path asc
limit {{ var('rows') }}
