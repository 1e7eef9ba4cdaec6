"""Checks of `customer_days` and `customers`: the totals are those of the sessions and orders, and add up."""

from expectations.checks.check import Check, no_rows

CHECKS: dict[str, tuple[Check, ...]] = {
    "customer_days": (
        no_rows(
            "moments_are_in_order",
            "No customer is last seen before first seen, or signs up or in outside that time",
            """
            select site_id, user_id, event_date, first_seen_at, last_seen_at, registered_at, last_login_at
            from audit.customer_days
            where least(last_seen_at, registered_at, last_login_at) < first_seen_at
                or greatest(registered_at, last_login_at) > last_seen_at
            """,
        ),
        no_rows(
            "devices_do_not_exceed_the_sessions",
            "A user's day has no device, browser or operating system more often than sessions",
            """
            select d.site_id, d.user_id, d.event_date, d.session_count, listed.name, listed.session_count
            from audit.customer_days as d
            cross join lateral jsonb_each_text(
                coalesce(d.device_types, '{}') || coalesce(d.browsers, '{}') || coalesce(d.operating_systems, '{}')
            ) as listed (name, session_count)
            where cast(listed.session_count as bigint) not between 1 and d.session_count
            """,
        ),
        no_rows(
            "last_orders_are_there_where_counted",
            "A user's day has a last order exactly if it has orders, and a last booking if it has bookings",
            """
            select site_id, user_id, event_date, order_count, last_order_at, booking_count, last_booking_at
            from audit.customer_days
            where (order_count > 0) <> (last_order_at is not null)
                or (booking_count > 0) <> (last_booking_at is not null)
            """,
        ),
        no_rows(
            "totals_are_those_of_the_sessions",
            "The totals of each day being built are those of its sessions with a user, bots left out",
            """
            select d.site_id, d.event_date, t.session_count, s.session_count as sessions_found,
                t.session_seconds_total, s.session_seconds_total as seconds_found,
                t.page_view_count, s.page_view_count as page_views_found,
                t.review_count, s.review_count as reviews_found, t.users, s.users as users_found
            from audit.slice_days as d
            left join (
                select
                    site_id, event_date, count(*) as users, sum(session_count) as session_count,
                    sum(session_seconds_total) as session_seconds_total, sum(page_view_count) as page_view_count,
                    sum(review_count) as review_count
                from audit.customer_days
                group by site_id, event_date
            ) as t on t.site_id = d.site_id and t.event_date = d.event_date
            left join (
                select
                    site_id, event_date, count(distinct user_id) as users, count(*) as session_count,
                    sum(duration_seconds) as session_seconds_total, sum(page_view_count) as page_view_count,
                    sum(review_count) as review_count
                from audit.sessions
                where user_id is not null and not is_bot
                group by site_id, event_date
            ) as s on s.site_id = d.site_id and s.event_date = d.event_date
            where (t.users, t.session_count, t.session_seconds_total, t.page_view_count, t.review_count)
                is distinct from (s.users, s.session_count, s.session_seconds_total, s.page_view_count, s.review_count)
            """,
        ),
        no_rows(
            "orders_are_those_of_the_mart",
            "The orders and bookings of each day being built are those of the mart orders with a user, bots left out",
            """
            select d.site_id, d.event_date, t.order_count, o.order_count as orders_found, t.booking_count,
                o.booking_count as bookings_found
            from audit.slice_days as d
            left join (
                select site_id, event_date, sum(order_count) as order_count, sum(booking_count) as booking_count
                from audit.customer_days
                group by site_id, event_date
            ) as t on t.site_id = d.site_id and t.event_date = d.event_date
            left join (
                select
                    site_id, event_date, count(*) filter (where order_type = 'order') as order_count,
                    count(*) filter (where order_type = 'booking') as booking_count
                from audit.orders
                where user_id is not null and not is_bot
                group by site_id, event_date
            ) as o on o.site_id = d.site_id and o.event_date = d.event_date
            where coalesce(t.order_count, 0) <> coalesce(o.order_count, 0)
                or coalesce(t.booking_count, 0) <> coalesce(o.booking_count, 0)
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
            select c.site_id, c.user_id, t.active_day_count, c.active_day_count as days_found,
                t.session_count, c.session_count as sessions_found, t.order_count, c.order_count as orders_found,
                t.booking_count, c.booking_count as bookings_found
            from (
                select
                    site_id, user_id, count(*) as active_day_count, sum(session_count) as session_count,
                    sum(order_count) as order_count, sum(booking_count) as booking_count
                from (
                    select site_id, user_id, session_count, order_count, booking_count from audit.customer_days
                    union all
                    select p.site_id, p.user_id, p.session_count, p.order_count, p.booking_count
                    from marts.customer_days as p
                    inner join intermediate.replaced_customers as u on u.site_id = p.site_id and u.user_id = p.user_id
                    where not exists (
                        select 1 from intermediate.replaced_days as d
                        where d.site_id = p.site_id and d.event_date = p.event_date
                    )
                ) as days
                group by site_id, user_id
            ) as c
            full join audit.customers as t on t.site_id = c.site_id and t.user_id = c.user_id
            where (t.active_day_count, t.session_count, t.order_count, t.booking_count)
                is distinct from (c.active_day_count, c.session_count, c.order_count, c.booking_count)
            """,
        ),
    ),
}
