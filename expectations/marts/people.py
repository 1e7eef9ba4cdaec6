"""Checks of `visitors`, `identities` and `conversions`: which devices came, whose they were, and since when."""

from expectations.checks.check import Check, no_rows

CHECKS: dict[str, tuple[Check, ...]] = {
    "visitors": (
        no_rows(
            "are_last_seen_after_first",
            "No visitor is last seen before first seen",
            """
            select site_id, visitor_id, first_seen_at, last_seen_at from audit.visitors
            where last_seen_at < first_seen_at
            """,
        ),
        no_rows(
            "span_their_sessions",
            "Every session's visitor is there, first seen no later and last seen no earlier than the session",
            """
            select s.site_id, s.visitor_id, s.first_started_at, s.last_ended_at, v.first_seen_at, v.last_seen_at
            from (
                select
                    site_id, visitor_id, min(started_at) as first_started_at, max(ended_at) as last_ended_at
                from audit.sessions
                group by site_id, visitor_id
            ) as s
            left join audit.visitors as v on v.site_id = s.site_id and v.visitor_id = s.visitor_id
            where v.visitor_id is null or v.first_seen_at > s.first_started_at or v.last_seen_at < s.last_ended_at
            """,
        ),
    ),
    "identities": (
        no_rows(
            "end_after_they_start",
            "No interval ends before it starts",
            "select site_id, visitor_id, user_id, from_at, to_at from audit.identities where to_at < from_at",
        ),
        no_rows(
            "do_not_overlap",
            "A device belongs to one user at a time; only its last interval is open",
            """
            select site_id, visitor_id, user_id, from_at, to_at, next_from_at
            from (
                select
                    site_id, visitor_id, user_id, from_at, to_at,
                    lead(from_at) over (
                        partition by site_id, visitor_id order by from_at, session_id
                    ) as next_from_at
                from audit.identities
            ) as followed
            where next_from_at is not null and (to_at is null or to_at > next_from_at)
            """,
        ),
    ),
    "conversions": (
        no_rows(
            "are_the_first_identity",
            "A device converts to its first user, at the moment it first had one",
            """
            select c.site_id, c.visitor_id, c.user_id, c.converted_at, i.first_user_id, i.first_from_at
            from audit.conversions as c
            left join (
                select site_id, visitor_id, user_id as first_user_id, from_at as first_from_at,
                    row_number() over (partition by site_id, visitor_id order by from_at, session_id) as position
                from audit.identities
            ) as i on i.site_id = c.site_id and i.visitor_id = c.visitor_id and i.position = 1
            where i.first_user_id is distinct from c.user_id or i.first_from_at is distinct from c.converted_at
            """,
        ),
        no_rows(
            "were_anonymous_before",
            "Who converts was seen before without a user, in an earlier session or in the same one",
            """
            select c.site_id, c.visitor_id, c.converted_at, c.anonymous_session_count, v.first_seen_at
            from audit.conversions as c
            left join audit.visitors as v on v.site_id = c.site_id and v.visitor_id = c.visitor_id
            where c.anonymous_session_count = 0 and (v.first_seen_at < c.converted_at) is not true
            """,
        ),
    ),
}
