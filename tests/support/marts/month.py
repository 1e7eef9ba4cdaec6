"""Two months of a lively shop, written into the marts: enough to see what charts look like. No night made them."""

from sqlalchemy import Connection, text

_SESSIONS = """
insert into marts.sessions
select made.*
from (select * from marts.sessions where site_id = 'shop' order by session_id limit 1) as s
cross join generate_series(1, 16000) as numbers (n)
cross join lateral (select abs(hashint4(n)) % 1000000 as h) as hashed
cross join lateral jsonb_populate_record(cast(null as marts.sessions), to_jsonb(s) || jsonb_build_object(
    'session_id', md5(n::text), 'first_event_id', n::text, 'event_date', date '2026-10-25' - n % 56,
    'visitor_id', 'v' || h / 7 % 190 + n % 56 * 40, 'is_bot', false, 'start_cause', 'timeout',
    'channel', (array['Organic Search', 'Direct', 'Organic Search', 'Email', 'Paid Search', 'Direct', 'Organic Social',
        'AI Assistant', 'Organic Search', 'Referral', 'Direct'])[1 + h % 11],
    'device_type', (array['mobile', 'desktop', 'mobile', 'desktop', 'mobile', 'tablet', 'desktop'])[1 + h / 11 % 7],
    'country_code', (array['DE', 'DE', 'FR', 'DE', 'NL', 'AT', 'DE', 'CH', 'FR', 'PL'])[1 + h / 77 % 10],
    'is_engaged', h / 100 % 100 < 50 + (56 - n % 56) / 6, 'page_view_count', 1 + h % 7, 'duration_seconds', 20 + h % 400
)) as made
where h % 100 < 40 + (56 - n % 56) + 12 * sin(n % 56 * 0.9)
"""
_FIRST_VISITS = """
update marts.sessions as s
set start_cause = 'first_visit'
where
    first_event_id = any(:made)
    and not exists (
        select from marts.sessions as t
        where t.site_id = s.site_id and t.visitor_id = s.visitor_id
            and (t.event_date, t.session_id) < (s.event_date, s.session_id)
    )
"""
_DAILY_STATS = """
insert into marts.daily_stats
select made.*
from (select * from marts.daily_stats where site_id = 'shop' limit 1) as d
cross join (
    select event_date, count(*) as session_count, sum(duration_seconds) as session_seconds_total,
        count(*) filter (where is_engaged) as engaged_sessions, sum(page_view_count) as visits,
        count(distinct visitor_id) as unique_users,
        count(distinct visitor_id) filter (where start_cause = 'first_visit') as new_users,
        round(avg(duration_seconds), 2) as avg_session_duration_seconds, true as is_final
    from marts.sessions where first_event_id = any(:made) group by event_date
) as found
cross join lateral jsonb_populate_record(cast(null as marts.daily_stats), to_jsonb(d) || to_jsonb(found)) as made
where not exists (select from marts.daily_stats as t where t.site_id = 'shop' and t.event_date = found.event_date)
"""
_OTHERS = {
    "daily_traffic": "channel, 'x' as source, count(*) filter (where is_engaged) as engaged_session_count",
    "daily_devices": "device_type, 'Firefox' as browser, 'Linux' as os",
    "daily_page_stats": """
        (array['/', '/c/chairs', '/o/oak-table', '/c/lamps', '/checkout', '/o/reading-lamp', '/', '/c/chairs', '/blog/wood',
            '/c/rugs', '/o/armchair', '/search', '/', '/c/lamps', '/o/wool-rug'])[1 + page_view_count * duration_seconds % 15]
            as page_path,
        sum(page_view_count) as page_view_count, sum(duration_seconds) as page_view_seconds_total,
        count(*) / 2 as entry_count, count(*) / 3 as exit_count""",
}
_OTHER = """
insert into marts.{mart}
select made.*
from (select * from marts.{mart} where site_id = 'shop' limit 1) as d
cross join (
    select event_date, {columns}, count(*) as session_count, count(distinct visitor_id) as visitor_count
    from marts.sessions where first_event_id = any(:made) group by event_date, {groups}
) as found
cross join lateral jsonb_populate_record(cast(null as marts.{mart}), to_jsonb(d) || to_jsonb(found)) as made
on conflict do nothing
"""
_GROUPS = {"daily_traffic": "channel", "daily_devices": "device_type", "daily_page_stats": "page_path"}


def write_month(connection: Connection) -> None:
    """Write them for the site shop, the last 28 days of which end on 25 October 2026."""
    made = [str(number) for number in range(1, 16_001)]
    connection.execute(text("set local session_replication_role = replica"))
    connection.execute(text(_SESSIONS))
    connection.execute(text("create index on marts.sessions (visitor_id)"))
    connection.execute(text(_FIRST_VISITS), {"made": made})
    connection.execute(text(_DAILY_STATS), {"made": made})
    for mart, columns in _OTHERS.items():
        connection.execute(text(_OTHER.format(mart=mart, columns=columns, groups=_GROUPS[mart])), {"made": made})
