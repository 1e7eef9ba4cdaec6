-- Which pages are viewed most, and for how long? With `sort` anonymous: which by anonymous visitors.
select
    site_id,
    page_path,
    sum(page_view_count) as page_view_count,
    sum(anonymous_page_view_count) as anonymous_page_view_count,
    sum(new_visitor_count) as new_visitor_count,
    round(1.0 * sum(page_view_seconds_total) / sum(page_view_count), 2) as avg_seconds,
    sum(entry_count) as entry_count,
    sum(exit_count) as exit_count,
    sum(bounce_count) as bounce_count,
    count(*) over () as total
from {{ source('published', 'daily_page_stats') }}
where {{ asked_for('event_date') }}
group by site_id, page_path
order by
    {{ sorted_as_asked({
        'page_views': 'sum(page_view_count)', 'anonymous': 'sum(anonymous_page_view_count)',
    }) }},
    site_id asc,
    page_path asc
limit {{ asked('rows') }} offset ({{ asked('page') }} - 1) * {{ asked('rows') }}
