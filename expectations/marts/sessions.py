"""Checks of `sessions` and `page_visits`: each row sound in itself, and every raw event in exactly one session."""

from expectations.check import Suite, between, never_null, no_rows, not_negative, one_of, unique

LONGEST_SESSION_SECONDS = 2 * 25 * 60 * 60
"""A session crosses one midnight at most, so it ends within two days, each of which has 25 hours at the most."""

# Events and session starts in one stream per visitor: one sort places every event, however many there are of one
# visitor. Sessions of a visitor do not overlap (a check of its own), so the last one begun is the only candidate.
PLACED_EVENTS = """
    with visible_days as (
        select
            least(min(s.session_date), (select min(d.event_date) from audit.slice_days as d)) as first_date,
            greatest(max(s.session_date) + 2, (select max(d.event_date) from audit.slice_days as d)) as last_date
        from audit.sessions as s
    ),
    stream as (
        select site_id, visitor_id, started_at as happened_at, 0 as is_event, ended_at, event_count, null as event_id,
            cast(null as date) as event_date
        from audit.sessions
        union all
        select site_id, coalesce(anonymous_id, 'user:' || user_id), occurred_at, 1, null, null, event_id,
            event_date
        from raw.events
        where event_date between (select first_date from visible_days) and (select last_date from visible_days)
    ),
    placed as (
        select
            *,
            max(ended_at) over (
                partition by site_id, visitor_id order by happened_at, is_event rows unbounded preceding
            ) as covered_until
        from stream
    )
"""

SESSIONS = Suite(
    mart="sessions",
    key=("site_id", "session_id"),
    checks=(
        *never_null("site_id", "session_id", "visitor_id", "session_date", "started_at", "ended_at"),
        *never_null("start_cause", "end_cause", "is_engaged", "is_anonymous", "is_bot"),
        unique("site_id", "session_id"),
        between("duration_seconds", 0, LONGEST_SESSION_SECONDS, "seconds"),
        between("scroll_depth_percent", 0, 100, "per cent"),
        *not_negative("page_view_count", "engaged_seconds", "click_count"),
        *not_negative("messages_sent_count", "messages_received_count", "avg_response_ms"),
        one_of("start_cause", "first_visit", "timeout", "signed_out", "user_switch", "midnight_cut"),
        one_of("end_cause", "timeout", "signed_out", "user_switch", "midnight_cut", "page_unload"),
        one_of("device_type", "desktop", "mobile", "tablet"),
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
            "session_date is the site's own calendar day of started_at",
            """
            select c.site_id, c.session_id, c.session_date, c.started_at, s.timezone
            from audit.sessions as c
            inner join ops.sites as s on s.site_id = c.site_id
            where c.session_date <> cast(c.started_at at time zone s.timezone as date)
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
            "do_not_overlap",
            "A visitor is in one session at a time",
            """
            select site_id, visitor_id, session_id, started_at, previous_ended_at
            from (
                select
                    site_id, visitor_id, session_id, started_at,
                    lag(ended_at) over (
                        partition by site_id, visitor_id order by started_at, ended_at, session_id
                    ) as previous_ended_at
                from audit.sessions
            ) as numbered
            where started_at < previous_ended_at
            """,
        ),
        no_rows(
            "do_not_overlap_what_stays_published",
            "No session overlaps a published one that stays",
            """
            select c.site_id, c.visitor_id, c.session_id, p.session_id as published_session_id, c.started_at,
                p.ended_at
            from audit.sessions as c
            inner join marts.sessions as p
                on p.site_id = c.site_id and p.visitor_id = c.visitor_id
                and p.started_at < c.ended_at and c.started_at < p.ended_at
            where p.session_date between (select min(session_date) - 2 from audit.sessions)
                and (select max(session_date) + 2 from audit.sessions)
                and not exists (
                    select 1 from intermediate.scope_sessions as s
                    where s.site_id = p.site_id and s.session_id = p.session_id
                )
            """,
        ),
        no_rows(
            "every_event_has_its_session",
            "Every raw event of the days being built lies in a session",
            PLACED_EVENTS
            + """
            select p.site_id, p.visitor_id, p.event_id, p.event_date, p.happened_at as occurred_at
            from placed as p
            inner join audit.slice_days as d on d.site_id = p.site_id and d.event_date = p.event_date
            where p.is_event = 1 and (p.covered_until is null or p.happened_at > p.covered_until)
            """,
        ),
        no_rows(
            "event_counts_match_raw",
            "The sessions of a visitor count exactly the raw events they span",
            PLACED_EVENTS
            # An event at the very instant at which the first session starts, or the last ends, may belong to the
            # session before, or after, which is not a candidate. Only such ties leave any room.
            + """
            , per_visitor as (
                select
                    site_id, visitor_id,
                    min(happened_at) filter (where is_event = 0) as first_started_at,
                    max(ended_at) as last_ended_at,
                    coalesce(sum(event_count), 0) as counted,
                    count(*) filter (where is_event = 1 and happened_at <= covered_until) as spanned
                from placed
                group by site_id, visitor_id
            ),
            ties as (
                select v.site_id, v.visitor_id,
                    count(*) - count(distinct p.happened_at) as tie_count
                from per_visitor as v
                inner join placed as p
                    on p.site_id = v.site_id and p.visitor_id = v.visitor_id and p.is_event = 1
                    and (p.happened_at = v.first_started_at or p.happened_at = v.last_ended_at)
                where v.counted <> v.spanned
                group by v.site_id, v.visitor_id
            )
            select v.site_id, v.visitor_id, v.counted as events_counted, v.spanned as raw_events,
                v.first_started_at, v.last_ended_at
            from per_visitor as v
            left join ties as t on t.site_id = v.site_id and t.visitor_id = v.visitor_id
            where v.first_started_at is not null and v.counted <> v.spanned
                and (v.counted > v.spanned or v.counted < v.spanned - coalesce(t.tie_count, 0))
            """,
        ),
        no_rows(
            "rows_are_there_where_due",
            "A site and day with raw events has sessions",
            """
            select d.site_id, d.event_date
            from audit.slice_days as d
            where exists (
                select 1 from raw.events as e where e.site_id = d.site_id and e.event_date = d.event_date
            )
            and not exists (
                select 1 from audit.sessions as c
                where c.site_id = d.site_id and c.started_at < d.ends_at and c.ended_at >= d.starts_at
            )
            """,
        ),
        no_rows(
            "are_as_fresh_as_raw",
            "The newest session reaches the newest raw event of the days being built",
            """
            select r.site_id, r.newest_event_at, c.newest_session_ended_at
            from (
                select e.site_id, max(e.occurred_at) as newest_event_at
                from raw.events as e
                inner join audit.slice_days as d on d.site_id = e.site_id and d.event_date = e.event_date
                group by e.site_id
            ) as r
            left join (
                select site_id, max(ended_at) as newest_session_ended_at from audit.sessions group by site_id
            ) as c on c.site_id = r.site_id
            where c.newest_session_ended_at is null or c.newest_session_ended_at < r.newest_event_at
            """,
        ),
        no_rows(
            "raw_holds_what_the_ledger_loaded",
            "Every load that touched a day has left its events there, or an erasure has since been there too",
            """
            select m.event_date, m.file_id, f.file_name, f.loaded_at
            from ops.dirty_days as m
            inner join ops.landed_files as f on f.file_id = m.file_id and f.state = 'loaded' and f.loaded_count > 0
            where m.event_date in (select event_date from audit.slice_days)
                and not exists (
                    select 1 from raw.events as e where e.event_date = m.event_date and e.file_id = m.file_id
                )
                and not exists (
                    select 1 from ops.dirty_days as other
                    where other.event_date = m.event_date and other.file_id is null
                )
            """,
        ),
    ),
)

PAGE_VISITS = Suite(
    mart="page_visits",
    key=("site_id", "visit_id"),
    checks=(
        *never_null("site_id", "visit_id", "session_id", "entered_at", "exited_at", "is_entry", "is_exit"),
        unique("site_id", "visit_id"),
        between("duration_seconds", 0, LONGEST_SESSION_SECONDS, "seconds"),
        between("scroll_depth_percent", 0, 100, "per cent"),
        *not_negative("engaged_seconds", "click_count"),
        no_rows(
            "ends_after_it_starts",
            "No page visit ends before it starts",
            "select site_id, visit_id, entered_at, exited_at from audit.page_visits where exited_at < entered_at",
        ),
        no_rows(
            "duration_is_end_minus_start",
            "duration_seconds is the whole seconds from entered_at to exited_at",
            """
            select site_id, visit_id, entered_at, exited_at, duration_seconds from audit.page_visits
            where duration_seconds is distinct from floor(extract(epoch from exited_at - entered_at))
            """,
        ),
        no_rows(
            "lie_within_their_session",
            "Every page visit lies within a session of the candidate",
            """
            select v.site_id, v.visit_id, v.session_id, v.entered_at, v.exited_at, s.started_at, s.ended_at
            from audit.page_visits as v
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
                from audit.page_visits
                group by site_id, session_id
            ) as v on v.site_id = s.site_id and v.session_id = s.session_id
            where s.page_view_count <> coalesce(v.visit_count, 0)
                or (v.visit_count > 0 and (
                    v.first_position <> 1 or v.last_position <> v.visit_count
                    or v.entry_count <> 1 or v.exit_count <> 1
                ))
            """,
        ),
    ),
)
