"""Checks of `commerce_events`, `checkouts`, `orders` and `payment_errors`: sound alone and beside each other."""

from expectations.checks.check import Check, no_rows


def _amount_and_currency_go_together(mart: str, *key: str) -> Check:
    return no_rows(
        "amount_and_currency_go_together",
        "An amount has a currency of three capital letters, and a currency an amount",
        f"""
        select {", ".join(key)}, amount, currency from audit.{mart}
        where (amount is null) <> (currency is null) or currency !~ '^[A-Z]{{3}}$'
        """,
    )


CHECKS: dict[str, tuple[Check, ...]] = {
    "commerce_events": (
        _amount_and_currency_go_together("commerce_events", "site_id", "event_id"),
        no_rows(
            "have_the_ids_they_need",
            "Checkouts and payments belong to a checkout; orders and bookings, and nothing else, have an order_id",
            """
            select site_id, event_id, event_name, checkout_id, order_type, order_id from audit.commerce_events
            where order_type is distinct from
                    case event_name when 'order_placed' then 'order' when 'booking_placed' then 'booking' end
                or (order_type is null) <> (order_id is null)
                or (checkout_id is null and order_type is null)
            """,
        ),
        no_rows(
            "lie_within_their_session",
            "Every commerce event lies within a session of the candidate",
            """
            select e.site_id, e.event_id, e.session_id, e.occurred_at, s.started_at, s.ended_at
            from audit.commerce_events as e
            left join audit.sessions as s on s.site_id = e.site_id and s.session_id = e.session_id
            where s.session_id is null or e.occurred_at < s.started_at or e.occurred_at > s.ended_at
            """,
        ),
        no_rows(
            "are_as_many_as_the_sessions_count",
            "Every session has as many commerce events of each name as it counts",
            """
            select s.site_id, s.session_id, s.event_name, s.event_count, e.event_count as events_found
            from (
                select c.site_id, c.session_id, n.event_name, cast(n.event_count as bigint) as event_count
                from audit.sessions as c
                cross join lateral jsonb_each_text(c.event_counts) as n (event_name, event_count)
                inner join staging.stg_site_options as o on o.site_id = c.site_id
                where n.event_name = any(o.commerce_events)
            ) as s
            full join (
                select site_id, session_id, event_name, count(*) as event_count from audit.commerce_events
                group by site_id, session_id, event_name
            ) as e on e.site_id = s.site_id and e.session_id = s.session_id and e.event_name = s.event_name
            where s.event_count is distinct from e.event_count
            """,
        ),
    ),
    "checkouts": (
        _amount_and_currency_go_together("checkouts", "site_id", "checkout_id"),
        no_rows(
            "ends_after_it_starts",
            "No checkout ends before it starts, and nothing of it happened before or after",
            """
            select site_id, checkout_id, started_at, ended_at, checkout_started_at, payment_started_at,
                first_failed_at, succeeded_at
            from audit.checkouts
            where ended_at < started_at
                or least(checkout_started_at, payment_started_at, first_failed_at, succeeded_at) < started_at
                or greatest(checkout_started_at, payment_started_at, first_failed_at, succeeded_at) > ended_at
            """,
        ),
        no_rows(
            "status_follows_from_what_happened",
            "A checkout succeeded if it has a success, else failed if it has an error, else was abandoned at a step",
            """
            select site_id, checkout_id, status, succeeded_at, error_count, abandoned_step, seconds_to_success
            from audit.checkouts
            where status is distinct from case
                    when succeeded_at is not null then 'succeeded' when error_count > 0 then 'failed' else 'abandoned'
                end
                or (abandoned_step is not null) <> (status = 'abandoned')
                or (seconds_to_success is not null) <> (status = 'succeeded')
            """,
        ),
        no_rows(
            "recovered_means_an_error_before_the_success",
            "A recovered checkout has an error, a retry and a success, in this order",
            """
            select site_id, checkout_id, is_recovered, status, error_count, retry_count, first_failed_at, succeeded_at
            from audit.checkouts
            where is_recovered and (
                    status <> 'succeeded' or error_count = 0 or retry_count = 0 or first_failed_at > succeeded_at
                )
                or not is_recovered and first_failed_at < succeeded_at
                or retry_count > error_count
            """,
        ),
        no_rows(
            "every_event_has_its_checkout",
            "Every commerce event's checkout is there, begun no later and ended no earlier than the event",
            """
            select e.site_id, e.checkout_id, e.first_event_at, e.last_event_at, c.started_at, c.ended_at
            from (
                select site_id, checkout_id, min(occurred_at) as first_event_at, max(occurred_at) as last_event_at
                from audit.commerce_events
                where checkout_id is not null
                group by site_id, checkout_id
            ) as e
            left join audit.checkouts as c on c.site_id = e.site_id and c.checkout_id = e.checkout_id
            where c.checkout_id is null or c.started_at > e.first_event_at or c.ended_at < e.last_event_at
            """,
        ),
    ),
    "orders": (
        _amount_and_currency_go_together("orders", "site_id", "order_type", "order_id"),
        no_rows(
            "every_report_has_its_order",
            "Every order or booking that an event reports is there, placed no later, and reported at least as often",
            """
            select e.site_id, e.order_type, e.order_id, e.first_event_at, e.event_count, o.ordered_at,
                o.event_count as events_counted
            from (
                select site_id, order_type, order_id, min(occurred_at) as first_event_at, count(*) as event_count
                from audit.commerce_events
                where order_id is not null
                group by site_id, order_type, order_id
            ) as e
            left join audit.orders as o
                on o.site_id = e.site_id and o.order_type = e.order_type and o.order_id = e.order_id
            where o.order_id is null or o.ordered_at > e.first_event_at or o.event_count < e.event_count
            """,
        ),
    ),
    "payment_errors": (
        _amount_and_currency_go_together("payment_errors", "site_id", "event_id"),
        no_rows(
            "what_follows_comes_after",
            "A failed payment is retried and recovered exactly when there is a moment for it, and not before it failed",
            """
            select site_id, event_id, occurred_at, is_retried, retried_at, is_recovered, recovered_at
            from audit.payment_errors
            where is_retried <> (retried_at is not null) or is_recovered <> (recovered_at is not null)
                or retried_at < occurred_at or recovered_at < retried_at or (is_recovered and not is_retried)
            """,
        ),
        no_rows(
            "add_up_to_their_checkouts",
            "A checkout has as many failed payments as errors, numbered from 1",
            """
            select c.site_id, c.checkout_id, c.error_count, e.error_count as errors_found, e.last_attempt
            from audit.checkouts as c
            full join (
                select site_id, checkout_id, count(*) as error_count, max(attempt_number) as last_attempt,
                    count(distinct attempt_number) as attempt_count
                from audit.payment_errors
                group by site_id, checkout_id
            ) as e on e.site_id = c.site_id and e.checkout_id = c.checkout_id
            where c.error_count is distinct from coalesce(e.error_count, 0)
                or e.last_attempt <> e.error_count or e.attempt_count <> e.error_count
            """,
        ),
    ),
}
