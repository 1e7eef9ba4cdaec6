"""Checks of the daily tables: the totals are those of the sessions, and believable."""

from expectations.checks.check import Check, no_rows, usual

PAST_DAYS = 14
"""A day's sessions are compared with the median of up to this many published days before it."""
LEAST_PAST_DAYS = 7
"""With fewer published days a site is too new to know its usual traffic."""
LEAST_MEDIAN = 20
"""Below this median a day can look odd by chance alone."""
LEAST_SHARE = 0.2
"""Fewer sessions than this share of the median: part of the day is missing."""
GREATEST_SHARE = 5.0
"""More sessions than this multiple of the median: events count twice, or a robot counts as people."""

CHECKS: dict[str, tuple[Check, ...]] = {
    "daily_stats": (
        no_rows(
            "parts_do_not_exceed_the_whole",
            "Engaged sessions, conversations and visitors are at most the sessions",
            """
            select site_id, event_date, session_count, engaged_sessions, total_conversations, unique_users
            from audit.daily_stats
            where greatest(engaged_sessions, total_conversations, unique_users) > session_count
            """,
        ),
        no_rows(
            "devices_are_all",
            "Sessions of the four kinds of device and of unknown ones together are the sessions",
            """
            select site_id, event_date, session_count, desktop_sessions, mobile_sessions, tablet_sessions,
                tv_sessions, unknown_device_sessions
            from audit.daily_stats
            where session_count is distinct from
                desktop_sessions + mobile_sessions + tablet_sessions + tv_sessions + unknown_device_sessions
            """,
        ),
        no_rows(
            "new_and_returning_are_all",
            "New and returning visitors together are the visitors",
            """
            select site_id, event_date, new_users, returning_users, unique_users from audit.daily_stats
            where new_users + returning_users <> unique_users
            """,
        ),
        no_rows(
            "rates_follow_from_their_parts",
            "conversation_rate is conversations as a share of sessions, conversion_rate the same in per cent",
            """
            select site_id, event_date, conversation_rate, conversion_rate, total_conversations, session_count
            from audit.daily_stats
            where conversation_rate is distinct from
                    round(cast(total_conversations as numeric) / nullif(session_count, 0), 4)
                or conversion_rate is distinct from
                    round(100 * cast(total_conversations as numeric) / nullif(session_count, 0), 2)
            """,
        ),
        no_rows(
            "totals_are_those_of_the_sessions",
            "The totals of each day being built are those of its sessions, bots left out",
            """
            select d.site_id, d.event_date, t.session_count, s.session_count as sessions_found,
                t.session_seconds_total, s.session_seconds_total as seconds_found,
                t.engaged_sessions, s.engaged_sessions as engaged_found,
                t.visits, s.visits as visits_found, t.unique_users, s.unique_users as users_found
            from audit.slice_days as d
            left join audit.daily_stats as t on t.site_id = d.site_id and t.event_date = d.event_date
            left join (
                select
                    site_id, event_date, count(*) as session_count,
                    sum(duration_seconds) as session_seconds_total,
                    count(*) filter (where is_engaged) as engaged_sessions,
                    sum(page_view_count) as visits, count(distinct visitor_id) as unique_users
                from audit.sessions
                where not is_bot
                group by site_id, event_date
            ) as s on s.site_id = d.site_id and s.event_date = d.event_date
            where coalesce(t.session_count, 0) <> coalesce(s.session_count, 0)
                or coalesce(t.session_seconds_total, 0) <> coalesce(s.session_seconds_total, 0)
                or coalesce(t.engaged_sessions, 0) <> coalesce(s.engaged_sessions, 0)
                or coalesce(t.visits, 0) <> coalesce(s.visits, 0)
                or coalesce(t.unique_users, 0) <> coalesce(s.unique_users, 0)
            """,
        ),
        no_rows(
            "orders_are_those_of_the_mart",
            "The orders, bookings and revenue of each day being built are those of the mart orders, bots left out",
            """
            select d.site_id, d.event_date, t.orders, o.orders as orders_found, t.bookings,
                o.bookings as bookings_found, t.revenue, r.revenue as revenue_found
            from audit.slice_days as d
            left join audit.daily_stats as t on t.site_id = d.site_id and t.event_date = d.event_date
            left join (
                select
                    site_id, event_date, count(*) filter (where order_type = 'order') as orders,
                    count(*) filter (where order_type = 'booking') as bookings
                from audit.orders
                where not is_bot
                group by site_id, event_date
            ) as o on o.site_id = d.site_id and o.event_date = d.event_date
            left join (
                select site_id, event_date, jsonb_object_agg(currency, amount) as revenue
                from (
                    select site_id, event_date, currency, sum(amount) as amount from audit.orders
                    where not is_bot and currency is not null
                    group by site_id, event_date, currency
                ) as sums
                group by site_id, event_date
            ) as r on r.site_id = d.site_id and r.event_date = d.event_date
            where coalesce(t.orders, 0) <> coalesce(o.orders, 0)
                or coalesce(t.bookings, 0) <> coalesce(o.bookings, 0)
                or t.revenue is distinct from r.revenue
            """,
        ),
        no_rows(
            "payment_failures_are_those_of_the_events",
            "The failed payments of each day being built are those of the mart payment_errors, bots left out",
            """
            select d.site_id, d.event_date, t.payment_failures, e.errors
            from audit.slice_days as d
            left join audit.daily_stats as t on t.site_id = d.site_id and t.event_date = d.event_date
            left join (
                select site_id, event_date, count(*) as errors from audit.payment_errors
                where not is_bot
                group by site_id, event_date
            ) as e on e.site_id = d.site_id and e.event_date = d.event_date
            where coalesce(t.payment_failures, 0) <> coalesce(e.errors, 0)
            """,
        ),
        usual(
            "volume_is_usual",
            f"A whole day has {LEAST_SHARE:.0%} to {GREATEST_SHARE:.0%} of the sessions usual on its site",
            f"""
            select t.site_id, t.event_date, t.session_count as figure, past.median_session_count as usual,
                past.day_count as past_days
            from audit.daily_stats as t
            inner join audit.slice_days as d
                on d.site_id = t.site_id and d.event_date = t.event_date and d.ends_at <= now()
            cross join lateral (
                select
                    percentile_cont(0.5) within group (order by recent.session_count) as median_session_count,
                    count(*) as day_count
                from (
                    select p.session_count
                    from marts.daily_stats as p
                    where p.site_id = t.site_id and p.event_date < t.event_date
                    order by p.event_date desc
                    limit {PAST_DAYS}
                ) as recent
            ) as past
            where past.day_count >= {LEAST_PAST_DAYS}
                and past.median_session_count >= {LEAST_MEDIAN}
                and (
                    t.session_count < {LEAST_SHARE} * past.median_session_count
                    or t.session_count > {GREATEST_SHARE} * past.median_session_count
                )
            """,
        ),
    ),
    "daily_page_stats": (
        no_rows(
            "parts_do_not_exceed_the_whole",
            "Of a page's page views no part is larger than the whole it belongs to",
            """
            select site_id, event_date, page_path, page_view_count, anonymous_page_view_count, session_count,
                visitor_count, new_visitor_count, engaged_session_count, entry_count, exit_count, bounce_count
            from audit.daily_page_stats
            where greatest(anonymous_page_view_count, session_count, entry_count, exit_count) > page_view_count
                or greatest(visitor_count, engaged_session_count) > session_count
                or new_visitor_count > visitor_count
                or bounce_count > entry_count
            """,
        ),
        no_rows(
            "views_add_up_to_the_days",
            "The page views of a day's pages add up to the day's",
            """
            select coalesce(d.site_id, p.site_id) as site_id,
                coalesce(d.event_date, p.event_date) as event_date, d.visits, p.page_view_count as views_of_all_pages
            from audit.daily_stats as d
            full join (
                select site_id, event_date, sum(page_view_count) as page_view_count from audit.daily_page_stats
                group by site_id, event_date
            ) as p on p.site_id = d.site_id and p.event_date = d.event_date
            where coalesce(d.visits, 0) <> coalesce(p.page_view_count, 0)
            """,
        ),
    ),
    "daily_event_stats": (
        no_rows(
            "parts_do_not_exceed_the_whole",
            "An event happens to at most as many visitors as sessions, in at most as many sessions as it happens",
            """
            select site_id, event_date, event_name, event_count, session_count, visitor_count
            from audit.daily_event_stats
            where session_count > event_count or visitor_count > session_count
            """,
        ),
        no_rows(
            "events_add_up_to_the_sessions",
            "The events of each day being built are those of its sessions, bots left out",
            """
            select d.site_id, d.event_date, e.event_count, s.event_count as events_of_all_sessions
            from audit.slice_days as d
            left join (
                select site_id, event_date, sum(event_count) as event_count from audit.daily_event_stats
                group by site_id, event_date
            ) as e on e.site_id = d.site_id and e.event_date = d.event_date
            left join (
                select site_id, event_date, sum(event_count) as event_count from audit.sessions
                where not is_bot
                group by site_id, event_date
            ) as s on s.site_id = d.site_id and s.event_date = d.event_date
            where coalesce(e.event_count, 0) <> coalesce(s.event_count, 0)
            """,
        ),
    ),
    "daily_traffic": (
        no_rows(
            "parts_do_not_exceed_the_whole",
            "Visitors, engaged sessions and conversions are at most the sessions, new visitors at most the visitors",
            """
            select site_id, event_date, channel, source, medium, campaign, referrer_host, session_count,
                visitor_count, new_visitor_count, engaged_session_count, conversion_count
            from audit.daily_traffic
            where greatest(visitor_count, engaged_session_count, conversion_count) > session_count
                or new_visitor_count > visitor_count
            """,
        ),
        no_rows(
            "sessions_add_up_to_the_days",
            "The sessions, engaged sessions and new visitors of a day's sources add up to the day's",
            """
            select coalesce(d.site_id, t.site_id) as site_id,
                coalesce(d.event_date, t.event_date) as event_date,
                d.session_count, t.session_count as sessions_of_all_sources,
                d.engaged_sessions, t.engaged_session_count as engaged_of_all_sources,
                d.new_users, t.new_visitor_count as new_of_all_sources
            from audit.daily_stats as d
            full join (
                select
                    site_id, event_date, sum(session_count) as session_count,
                    sum(engaged_session_count) as engaged_session_count, sum(new_visitor_count) as new_visitor_count
                from audit.daily_traffic
                group by site_id, event_date
            ) as t on t.site_id = d.site_id and t.event_date = d.event_date
            where coalesce(d.session_count, 0) <> coalesce(t.session_count, 0)
                or coalesce(d.engaged_sessions, 0) <> coalesce(t.engaged_session_count, 0)
                or coalesce(d.new_users, 0) <> coalesce(t.new_visitor_count, 0)
            """,
        ),
        no_rows(
            "conversions_are_those_of_the_mart",
            "The conversions of each day being built are those of the mart conversions, bots left out",
            """
            select d.site_id, d.event_date, t.conversion_count, c.conversion_count as conversions_found
            from audit.slice_days as d
            left join (
                select site_id, event_date, sum(conversion_count) as conversion_count from audit.daily_traffic
                group by site_id, event_date
            ) as t on t.site_id = d.site_id and t.event_date = d.event_date
            left join (
                select s.site_id, s.event_date, count(*) as conversion_count
                from audit.conversions as c
                inner join audit.sessions as s on s.site_id = c.site_id and s.session_id = c.session_id
                where not s.is_bot
                group by s.site_id, s.event_date
            ) as c on c.site_id = d.site_id and c.event_date = d.event_date
            where coalesce(t.conversion_count, 0) <> coalesce(c.conversion_count, 0)
            """,
        ),
    ),
    "daily_devices": (
        no_rows(
            "parts_do_not_exceed_the_whole",
            "A device's visitors are at most its sessions",
            """
            select site_id, event_date, device_type, browser, os, session_count, visitor_count from audit.daily_devices
            where visitor_count > session_count
            """,
        ),
        no_rows(
            "sessions_add_up_to_the_days",
            "The sessions of a day's devices add up to the day's",
            """
            select coalesce(d.site_id, t.site_id) as site_id,
                coalesce(d.event_date, t.event_date) as event_date,
                d.session_count, t.session_count as sessions_of_all_devices
            from audit.daily_stats as d
            full join (
                select site_id, event_date, sum(session_count) as session_count from audit.daily_devices
                group by site_id, event_date
            ) as t on t.site_id = d.site_id and t.event_date = d.event_date
            where coalesce(d.session_count, 0) <> coalesce(t.session_count, 0)
            """,
        ),
    ),
    "daily_funnel": (
        no_rows(
            "completed_and_abandoned_are_all",
            "Every session that entered a step completed or abandoned it, and only who completed it took time",
            """
            select site_id, event_date, step, entered, completed, abandoned, median_seconds from audit.daily_funnel
            where completed + abandoned <> entered
                or (median_seconds is not null) <> (completed > 0 and step <> 'purchase')
            """,
        ),
        no_rows(
            "visits_are_the_days_sessions",
            "As many sessions enter the first step as the day has, and no step is entered by more",
            """
            select coalesce(d.site_id, f.site_id) as site_id,
                coalesce(d.event_date, f.event_date) as event_date, d.session_count, f.first_entered, f.most_entered
            from audit.daily_stats as d
            full join (
                select
                    site_id, event_date, sum(entered) filter (where step = 'visit') as first_entered,
                    max(entered) as most_entered
                from audit.daily_funnel
                group by site_id, event_date
            ) as f on f.site_id = d.site_id and f.event_date = d.event_date
            where d.session_count is distinct from f.first_entered or f.most_entered > d.session_count
            """,
        ),
        no_rows(
            "each_step_is_within_the_one_before",
            "Whoever reached a step has reached the one before, and all who entered it have reached it",
            """
            select f.site_id, f.event_date, f.step, f.entered, f.reached, b.reached as reached_before
            from audit.daily_funnel as f
            left join audit.daily_funnel as b
                on b.site_id = f.site_id and b.event_date = f.event_date and b.step_number = f.step_number - 1
            where f.entered > f.reached or (f.step_number > 1 and coalesce(b.reached, 0) < f.reached)
            """,
        ),
    ),
}
