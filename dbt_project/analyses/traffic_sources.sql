-- Where do sessions come from? (direct) is a source like any other.
select
    site_id,
    channel,
    source,
    medium,
    campaign,
    referrer_host,
    sum(session_count) as session_count,
    round(100.0 * sum(session_count) / sum(sum(session_count)) over (partition by site_id), 2)
        as session_percent,
    sum(new_visitor_count) as new_visitor_count,
    sum(engaged_session_count) as engaged_session_count,
    sum(conversion_count) as conversion_count
from {{ source('published', 'daily_traffic') }}
where {{ asked_for('event_date') }}
group by site_id, channel, source, medium, campaign, referrer_host
order by session_count desc, site_id asc, channel asc, source asc, medium asc, campaign asc, referrer_host asc
limit {{ asked('rows') }}
