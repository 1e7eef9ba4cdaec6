"""Checks of `sessions`: each session sound in itself and beside the others."""

from expectations.checks.check import Check, no_rows
from expectations.marts.completeness import COMPLETENESS

CHECKS: dict[str, tuple[Check, ...]] = {
    "sessions": (
        no_rows(
            "ends_after_it_starts",
            "No session ends before it starts",
            "select site_id, session_id, started_at, ended_at from audit.sessions where ended_at < started_at",
        ),
        no_rows(
            "duration_is_end_minus_start",
            "duration_seconds is the whole seconds from started_at to ended_at",
            """
            select site_id, session_id, started_at, ended_at, duration_seconds from audit.sessions
            where duration_seconds is distinct from floor(extract(epoch from ended_at - started_at))
            """,
        ),
        no_rows(
            "is_dated_by_its_start",
            "event_date is the site's own calendar day of started_at, unless that day is frozen",
            """
            with built as materialized (
                select site_id, timezone from ops.sites where site_id in (select d.site_id from audit.slice_days as d)
            )
            select c.site_id, c.session_id, c.event_date, c.started_at, s.timezone
            from audit.sessions as c
            inner join built as s on s.site_id = c.site_id
            where c.event_date <> cast(c.started_at at time zone s.timezone as date)
                and cast(c.started_at at time zone s.timezone as date) not in (select event_date from ops.frozen_days)
            """,
        ),
        no_rows(
            "engaged_means_two_of_three",
            "A session is engaged exactly when two of its three criteria hold",
            """
            select site_id, session_id, is_engaged, is_engaged_by_time, is_engaged_by_scroll, is_engaged_by_clicks
            from audit.sessions
            where is_engaged is distinct from (
                cast(is_engaged_by_time as int) + cast(is_engaged_by_scroll as int)
                + cast(is_engaged_by_clicks as int) >= 2
            )
            """,
        ),
        no_rows(
            "page_views_are_events",
            "Every session has an event, and no more page views than events",
            """
            select site_id, session_id, event_count, page_view_count from audit.sessions
            where event_count is null or event_count < 1 or page_view_count > event_count
            """,
        ),
        no_rows(
            "anonymous_means_no_user",
            "A session is anonymous exactly when it has no user_id",
            """
            select site_id, session_id, is_anonymous, user_id from audit.sessions
            where is_anonymous is distinct from (user_id is null)
            """,
        ),
        no_rows(
            "bots_have_a_reason",
            "A session is a bot's exactly when bot_reason says why",
            """
            select site_id, session_id, is_bot, bot_reason from audit.sessions
            where is_bot is distinct from (bot_reason is not null)
            """,
        ),
        no_rows(
            "conversations_have_a_message",
            "had_conversation is true exactly when the visitor sent a message",
            """
            select site_id, session_id, had_conversation, messages_sent_count from audit.sessions
            where had_conversation is distinct from (messages_sent_count > 0)
            """,
        ),
        no_rows(
            "bounces_are_single_views",
            "A session is a bounce exactly when it has one page view and is not engaged",
            """
            select site_id, session_id, is_bounce, page_view_count, is_engaged from audit.sessions
            where is_bounce is distinct from (page_view_count = 1 and not is_engaged)
            """,
        ),
        no_rows(
            "sign_ins_lie_within",
            "Sign-ups and sign-ins happen during the session, a sign-up no later than the last sign-in",
            """
            select site_id, session_id, started_at, ended_at, signed_up_at, signed_in_at from audit.sessions
            where least(signed_up_at, signed_in_at) < started_at or signed_in_at > ended_at
                or signed_up_at > signed_in_at or (signed_up_at is not null and signed_in_at is null)
            """,
        ),
        no_rows(
            "addresses_are_masked",
            "No session shows more of an address than /24 of IPv4 or /48 of IPv6",
            """
            select site_id, session_id, ip_masked from audit.sessions
            where ip_masked !~ '^([0-9.]+[.]0/24|[0-9a-f:]*::/48)$'
            """,
        ),
        no_rows(
            "do_not_overlap",
            "A visitor is in one session at a time",
            """
            select site_id, visitor_id, session_id, started_at, previous_ended_at
            from (
                select
                    site_id, visitor_id, session_id, started_at,
                    lag(ended_at) over (
                        partition by visitor_id, site_id order by started_at, ended_at, session_id
                    ) as previous_ended_at
                from audit.sessions
            ) as numbered
            where started_at < previous_ended_at
            """,
        ),
        no_rows(
            "do_not_overlap_what_stays_published",
            "No session overlaps a published one that stays; one on a dirty day is about to be built again",
            """
            select c.site_id, c.visitor_id, c.session_id, p.session_id as published_session_id, c.started_at,
                p.ended_at
            from audit.sessions as c
            inner join marts.sessions as p
                on p.site_id = c.site_id and p.visitor_id = c.visitor_id
                and p.started_at < c.ended_at and c.started_at < p.ended_at
            where p.event_date between (select min(event_date) - 2 from audit.sessions)
                and (select max(event_date) + 2 from audit.sessions)
                and not exists (
                    select 1 from ops.dirty_days as d
                    where d.site_id = p.site_id and d.event_date = p.event_date
                )
                and not exists (
                    select 1 from intermediate.replaced_sessions as s
                    where s.site_id = p.site_id and s.session_id = p.session_id
                )
            """,
        ),
        *COMPLETENESS,
    ),
}
