"""Checks of `page_views`: each visit sound in itself and within its session, and none missing."""

from expectations.checks.check import Check, no_rows

CHECKS: dict[str, tuple[Check, ...]] = {
    "page_views": (
        no_rows(
            "ends_after_it_starts",
            "No page visit ends before it starts",
            "select site_id, page_view_id, entered_at, exited_at from audit.page_views where exited_at < entered_at",
        ),
        no_rows(
            "duration_is_end_minus_start",
            "duration_seconds is the whole seconds from entered_at to exited_at",
            """
            select site_id, page_view_id, entered_at, exited_at, duration_seconds from audit.page_views
            where duration_seconds is distinct from floor(extract(epoch from exited_at - entered_at))
            """,
        ),
        no_rows(
            "lie_within_their_session",
            "Every page visit lies within a session of the candidate",
            """
            select v.site_id, v.page_view_id, v.session_id, v.entered_at, v.exited_at, s.started_at, s.ended_at
            from audit.page_views as v
            left join audit.sessions as s on s.site_id = v.site_id and s.session_id = v.session_id
            where s.session_id is null or v.entered_at < s.started_at or v.exited_at > s.ended_at
            """,
        ),
        no_rows(
            "are_as_many_as_page_views",
            "Every session has as many page visits as page views, numbered from 1, one entry and one exit",
            """
            select s.site_id, s.session_id, s.page_view_count, v.visit_count, v.first_position, v.last_position,
                v.entry_count, v.exit_count
            from audit.sessions as s
            left join (
                select
                    site_id, session_id, count(*) as visit_count, min(position) as first_position,
                    max(position) as last_position, count(*) filter (where is_entry) as entry_count,
                    count(*) filter (where is_exit) as exit_count
                from audit.page_views
                group by site_id, session_id
            ) as v on v.site_id = s.site_id and v.session_id = s.session_id
            where s.page_view_count <> coalesce(v.visit_count, 0)
                or (v.visit_count > 0 and (
                    v.first_position <> 1 or v.last_position <> v.visit_count
                    or v.entry_count <> 1 or v.exit_count <> 1
                ))
            """,
        ),
        no_rows(
            "are_anonymous_until_the_user_is_known",
            "A session's page views are anonymous up to identified_at, all of them without a user",
            """
            select s.site_id, s.session_id, s.user_id, s.identified_at, s.page_view_count, s.anonymous_page_view_count,
                v.anonymous_count, v.last_anonymous_position
            from audit.sessions as s
            inner join (
                select
                    site_id, session_id, count(*) filter (where is_anonymous) as anonymous_count,
                    coalesce(max(position) filter (where is_anonymous), 0) as last_anonymous_position,
                    min(identified_at) as first_identified_at, max(identified_at) as last_identified_at,
                    max(entered_at) filter (where is_anonymous) as last_anonymous_at,
                    min(entered_at) filter (where not is_anonymous) as first_signed_in_at
                from audit.page_views
                group by site_id, session_id
            ) as v on v.site_id = s.site_id and v.session_id = s.session_id
            where v.anonymous_count <> case
                    when s.user_id is null then s.page_view_count else coalesce(s.anonymous_page_view_count, 0)
                end
                or v.last_anonymous_position <> v.anonymous_count
                or v.first_identified_at is distinct from s.identified_at
                or v.last_identified_at is distinct from s.identified_at
                or v.last_anonymous_at > s.identified_at or v.first_signed_in_at < s.identified_at
            """,
        ),
    ),
}
