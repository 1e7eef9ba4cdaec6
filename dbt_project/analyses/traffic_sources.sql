-- Where do sessions come from? (direct) is a source like any other.
select
    site_id,
    channel,
    source,
    medium,
    campaign,
    referrer_host,
    sum(sessions) as sessions,
    round(100.0 * sum(sessions) / sum(sum(sessions)) over (partition by site_id), 2) as session_percent,
    sum(new_visitors) as new_visitors,
    sum(engaged_sessions) as engaged_sessions,
    sum(conversions) as conversions
from {{ source('published', 'daily_traffic') }}
where {{ asked_for('stat_date') }}
group by site_id, channel, source, medium, campaign, referrer_host
order by sessions desc, site_id asc, channel asc, source asc, medium asc, campaign asc, referrer_host asc
limit {{ var('rows') }}
