"""Checks of `customer_days` and `customers`: the totals are those of the sessions and orders, and add up."""

from expectations.checks.check import Check, no_rows

CHECKS: dict[str, tuple[Check, ...]] = {
    "customer_days": (
        no_rows(
            "moments_are_in_order",
            "Nobody is last seen before first seen, nor signs up or in outside that time",
            """
            select site_id, user_id, stat_date, first_seen_at, last_seen_at, registered_at, last_login_at
            from audit.customer_days
            where least(last_seen_at, registered_at, last_login_at) < first_seen_at
                or greatest(registered_at, last_login_at) > last_seen_at
            """,
        ),
        no_rows(
            "devices_do_not_exceed_the_sessions",
            "A user's day has no device, browser or operating system more often than sessions",
            """
            select d.site_id, d.user_id, d.stat_date, d.sessions, listed.name, listed.session_count
            from audit.customer_days as d
            cross join lateral jsonb_each_text(
                coalesce(d.device_types, '{}') || coalesce(d.browsers, '{}') || coalesce(d.operating_systems, '{}')
            ) as listed (name, session_count)
            where cast(listed.session_count as bigint) not between 1 and d.sessions
            """,
        ),
        no_rows(
            "last_orders_are_there_where_counted",
            "A user's day has a last order exactly if it has orders, and a last booking if it has bookings",
            """
            select site_id, user_id, stat_date, orders, last_order_at, bookings, last_booking_at
            from audit.customer_days
            where (orders > 0) <> (last_order_at is not null) or (bookings > 0) <> (last_booking_at is not null)
            """,
        ),
        no_rows(
            "totals_are_those_of_the_sessions",
            "The totals of each day being built are those of its sessions with a user, bots left out",
            """
            select d.site_id, d.event_date as stat_date, t.sessions, s.sessions as sessions_found,
                t.seconds_total, s.seconds_total as seconds_found, t.page_views, s.page_views as page_views_found,
                t.reviews, s.reviews as reviews_found, t.users, s.users as users_found
            from audit.slice_days as d
            left join (
                select
                    site_id, stat_date, count(*) as users, sum(sessions) as sessions,
                    sum(seconds_total) as seconds_total, sum(page_views) as page_views, sum(reviews) as reviews
                from audit.customer_days
                group by site_id, stat_date
            ) as t on t.site_id = d.site_id and t.stat_date = d.event_date
            left join (
                select
                    site_id, session_date, count(distinct user_id) as users, count(*) as sessions,
                    sum(duration_seconds) as seconds_total, sum(page_view_count) as page_views,
                    sum(review_count) as reviews
                from audit.sessions
                where user_id is not null and not is_bot
                group by site_id, session_date
            ) as s on s.site_id = d.site_id and s.session_date = d.event_date
            where (t.users, t.sessions, t.seconds_total, t.page_views, t.reviews)
                is distinct from (s.users, s.sessions, s.seconds_total, s.page_views, s.reviews)
            """,
        ),
        no_rows(
            "orders_are_those_of_the_mart",
            "The orders and bookings of each day being built are those of the mart orders with a user, bots left out",
            """
            select d.site_id, d.event_date as stat_date, t.orders, o.orders as orders_found, t.bookings,
                o.bookings as bookings_found
            from audit.slice_days as d
            left join (
                select site_id, stat_date, sum(orders) as orders, sum(bookings) as bookings from audit.customer_days
                group by site_id, stat_date
            ) as t on t.site_id = d.site_id and t.stat_date = d.event_date
            left join (
                select
                    site_id, order_date, count(*) filter (where order_type = 'order') as orders,
                    count(*) filter (where order_type = 'booking') as bookings
                from audit.orders
                where user_id is not null and not is_bot
                group by site_id, order_date
            ) as o on o.site_id = d.site_id and o.order_date = d.event_date
            where coalesce(t.orders, 0) <> coalesce(o.orders, 0) or coalesce(t.bookings, 0) <> coalesce(o.bookings, 0)
            """,
        ),
    ),
    "customers": (
        no_rows(
            "are_last_seen_after_first",
            "No customer is last seen before first seen",
            """
            select site_id, user_id, first_seen_at, last_seen_at from audit.customers
            where last_seen_at < first_seen_at
            """,
        ),
        no_rows(
            "totals_are_those_of_the_days",
            "A customer's totals are those of the candidate's days and of the published ones that stay",
            """
            select c.site_id, c.user_id, t.active_days, c.active_days as days_found,
                t.session_count, c.session_count as sessions_found, t.order_count, c.order_count as orders_found,
                t.booking_count, c.booking_count as bookings_found
            from (
                select
                    site_id, user_id, count(*) as active_days, sum(sessions) as session_count,
                    sum(orders) as order_count, sum(bookings) as booking_count
                from (
                    select site_id, user_id, sessions, orders, bookings from audit.customer_days
                    union all
                    select p.site_id, p.user_id, p.sessions, p.orders, p.bookings
                    from marts.customer_days as p
                    inner join intermediate.replaced_customers as u on u.site_id = p.site_id and u.user_id = p.user_id
                    where not exists (
                        select 1 from intermediate.replaced_days as d
                        where d.site_id = p.site_id and d.stat_date = p.stat_date
                    )
                ) as days
                group by site_id, user_id
            ) as c
            full join audit.customers as t on t.site_id = c.site_id and t.user_id = c.user_id
            where (t.active_days, t.session_count, t.order_count, t.booking_count)
                is distinct from (c.active_days, c.session_count, c.order_count, c.booking_count)
            """,
        ),
    ),
}
