"""Checks of `community_visits` and `community_visits_daily`: no visit lost on the way from event to day."""

from expectations.checks.check import Check, no_rows

CHECKS: dict[str, tuple[Check, ...]] = {
    "community_visits": (
        no_rows(
            "lie_within_their_session",
            "Every visit lies within a session of the candidate, and has its day",
            """
            select v.site_id, v.event_id, v.session_id, v.event_date, v.occurred_at, s.started_at, s.ended_at
            from audit.community_visits as v
            left join audit.sessions as s on s.site_id = v.site_id and s.session_id = v.session_id
            where s.session_id is null or v.event_date <> s.event_date
                or v.occurred_at < s.started_at or v.occurred_at > s.ended_at
            """,
        ),
        no_rows(
            "are_as_many_as_the_events",
            "Every session has as many visits as events community_visited",
            """
            select s.site_id, s.session_id, s.event_counts, v.visit_count
            from audit.sessions as s
            left join (
                select site_id, session_id, count(*) as visit_count from audit.community_visits
                group by site_id, session_id
            ) as v on v.site_id = s.site_id and v.session_id = s.session_id
            where coalesce(cast(s.event_counts ->> 'community_visited' as bigint), 0) <> coalesce(v.visit_count, 0)
            """,
        ),
        no_rows(
            "divisions_differ_where_it_is_said",
            "is_cross_division says whether two known divisions differ",
            """
            select site_id, event_id, visitor_division_id, community_division_id, is_cross_division
            from audit.community_visits
            where is_cross_division is distinct from (visitor_division_id <> community_division_id)
            """,
        ),
    ),
    "community_visits_daily": (
        no_rows(
            "parts_do_not_exceed_the_whole",
            "Visitors and visits across divisions are at most the visits, visitors across divisions at most either",
            """
            select site_id, event_date, community_id, visit_count, visitor_count,
                cross_division_visit_count, cross_division_visitor_count
            from audit.community_visits_daily
            where greatest(visitor_count, cross_division_visit_count) > visit_count
                or cross_division_visitor_count > least(visitor_count, cross_division_visit_count)
            """,
        ),
        no_rows(
            "signed_in_and_anonymous_are_all",
            "Signed-in and anonymous visitors together are the visitors, and signed_in_share follows from them",
            """
            select site_id, event_date, community_id, visitor_count,
                signed_in_visitor_count, anonymous_visitor_count, signed_in_share
            from audit.community_visits_daily
            where signed_in_visitor_count + anonymous_visitor_count <> visitor_count
                or signed_in_share <> round(100 * cast(signed_in_visitor_count as numeric) / visitor_count, 2)
            """,
        ),
        no_rows(
            "visits_add_up_to_the_days",
            "The visits of each day being built are those of its sessions, bots left out",
            """
            select d.site_id, d.event_date, t.visit_count, v.visit_count as visits_found,
                t.cross_division_visit_count, v.cross_division_visit_count as cross_division_found
            from audit.slice_days as d
            left join (
                select
                    site_id, event_date, sum(visit_count) as visit_count,
                    sum(cross_division_visit_count) as cross_division_visit_count
                from audit.community_visits_daily
                group by site_id, event_date
            ) as t on t.site_id = d.site_id and t.event_date = d.event_date
            left join (
                select
                    site_id, event_date, count(*) as visit_count,
                    count(*) filter (where is_cross_division) as cross_division_visit_count
                from audit.community_visits
                where not is_bot
                group by site_id, event_date
            ) as v on v.site_id = d.site_id and v.event_date = d.event_date
            where coalesce(t.visit_count, 0) <> coalesce(v.visit_count, 0)
                or coalesce(t.cross_division_visit_count, 0) <> coalesce(v.cross_division_visit_count, 0)
            """,
        ),
    ),
}
