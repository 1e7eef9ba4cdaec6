"""Checks of the sessions against raw events and the ledger: nothing lost, nothing counted twice, nothing stale."""

from expectations.checks.check import Check, no_rows

# Loads go on while a candidate is built and checked. The candidate does not cover their new marks: it may or may not
# hold these events, and another build follows.
UNCOVERED = """
    uncovered as (
        select distinct m.site_id, m.event_date, m.file_id
        from ops.dirty_days as m
        where m.mark_id not in (select unnest(c.mark_ids) from ops.candidates as c where c.state = 'built')
    )
"""

# This condition limits raw events to the partitions of the slice: a join alone would read all of history.
IN_SLICE = """
    e.event_date >= (select min(event_date) from audit.slice_days)
    and e.event_date <= (select max(event_date) from audit.slice_days)
"""

# What may come after a session's end and count for it, or belong to no session. All other events make sessions.
TRAILING = ("page_engaged", "session_ended", "user_signed_out")
MAKES_SESSIONS = "e.event_name not in ('" + "', '".join(TRAILING) + "')"
_TRAILING_COUNTED = " + ".join(f"coalesce(cast(event_counts ->> '{name}' as bigint), 0)" for name in TRAILING)

# Sessions that are no candidates, because their visitor is anonymous and saw fewer pages than the site's option asks
# for. They hold events too, and may be a day's only ones. Where no site has that option above 1, no event is read.
LEFT_OUT = f"""
    left_out as (
        select
            e.site_id, e.visitor_id, min(e.occurred_at) as started_at,
            max(e.occurred_at) filter (where e.is_late is not true) as ended_at,
            count(*) filter (where {MAKES_SESSIONS}) as event_count,
            count(*) filter (where not ({MAKES_SESSIONS})) as trailing_count
        from staging.stg_site_options as o
        inner join intermediate.int_session_events as e on e.site_id = o.site_id
        where o.anonymous_min_page_views > 1
        group by e.site_id, e.visitor_id, e.session_id, o.anonymous_min_page_views
        having max(e.user_id) filter (where e.is_late is not true) is null
            and count(*) filter (where e.is_page_view) < o.anonymous_min_page_views
    )
"""

# Session starts and events form one stream per visitor, so that one sort places every event. Sessions of a visitor do
# not overlap (another check proves that), so the session of an event is the last one begun before it. The sort compares
# visitors before sites, which are few: 1.9 s for a million events, not 3.6.
#
# Three kinds of visitors are left out. Visitors with uncovered events. Visitors with events on a neighbouring day that
# is dirty: the build of that day decides about a session across the border. Visitors whose session on a frozen day
# reaches into the slice: that session stays as published, with its events.
#
# Only events that make sessions are placed. Pings and ends may lie after their session's end, and belong to none where
# nothing goes before them. Sessions never hold more of them than there are.
#
# An event at the instant at which a visitor's first session starts, or the last one ends, may belong to the session
# before or after it, which need not be a candidate. Only such ties leave any room.
EVERY_EVENT_IN_ONE_SESSION = f"""
    with {UNCOVERED},
    {LEFT_OUT},
    neighbours as (
        select distinct u.site_id, u.event_date from uncovered as u
        where not exists (
            select 1 from audit.slice_days as d where d.site_id = u.site_id and d.event_date = u.event_date
        )
    ),
    span as (
        select
            least(
                min(s.event_date),
                (select min(d.event_date) from audit.slice_days as d),
                (select min(n.event_date) from neighbours as n
                    where n.event_date + 1 in (select event_date from audit.slice_days))
            ) as first_date,
            greatest(max(s.event_date) + 2, (select max(event_date) from audit.slice_days)) as last_date
        from audit.sessions as s
    ),
    stream as (
        select
            site_id, visitor_id, started_at as happened_at, 0 as is_event, ended_at,
            event_count - ({_TRAILING_COUNTED}) as event_count, {_TRAILING_COUNTED} as trailing_count,
            false as is_due, false as is_uncovered
        from audit.sessions
        union all
        select site_id, visitor_id, started_at, 0, ended_at, event_count, trailing_count, false, false from left_out
        union all
        select
            e.site_id, raw.visitor_id(e.anonymous_id, e.user_id), e.occurred_at,
            case when {MAKES_SESSIONS} then 1 else 2 end, null, null, null,
            d.event_date is not null, u.event_date is not null or n.event_date is not null
        from raw.events as e
        left join audit.slice_days as d on d.site_id = e.site_id and d.event_date = e.event_date
        left join uncovered as u
            on u.site_id = e.site_id and u.event_date = e.event_date and u.file_id = e.file_id
        left join neighbours as n on n.site_id = e.site_id and n.event_date = e.event_date
        where e.event_date between (select first_date from span) and (select last_date from span)
            and e.site_id in (select s.site_id from audit.slice_days as s)
        union all
        select p.site_id, p.visitor_id, p.ended_at, 0, null, null, null, false, true
        from marts.sessions as p
        inner join audit.slice_days as d
            on d.site_id = p.site_id and d.event_date = p.event_date + 1 and d.starts_at <= p.ended_at
        where p.event_date in (select event_date from ops.frozen_days)
    ),
    placed as (
        select
            *,
            max(ended_at) over (
                partition by visitor_id, site_id order by happened_at, is_event rows unbounded preceding
            ) as covered_until
        from stream
    ),
    per_visitor as (
        select
            site_id, visitor_id,
            count(*) filter (
                where is_event = 1 and is_due and (covered_until is null or happened_at > covered_until)
            ) as events_without_session,
            count(*) filter (where is_event = 1 and happened_at <= covered_until) as events_in_sessions,
            cast(coalesce(sum(event_count), 0) as bigint) as events_counted,
            count(*) filter (where is_event = 2) as trailing_found,
            cast(coalesce(sum(trailing_count), 0) as bigint) as trailing_counted,
            min(happened_at) filter (where is_event = 0) as first_started_at,
            max(ended_at) as last_ended_at
        from placed
        group by visitor_id, site_id
        having not bool_or(is_uncovered)
    ),
    mismatched as (
        select * from per_visitor
        where events_without_session > 0 or events_counted <> events_in_sessions or trailing_counted > trailing_found
    ),
    ties as (
        select m.site_id, m.visitor_id, count(*) - count(distinct e.occurred_at) as tie_count
        from mismatched as m
        inner join raw.events as e
            on e.site_id = m.site_id and raw.visitor_id(e.anonymous_id, e.user_id) = m.visitor_id
            and e.occurred_at in (m.first_started_at, m.last_ended_at)
        where e.event_date between (select first_date from span) and (select last_date from span)
        group by m.site_id, m.visitor_id
    )
    select m.*
    from mismatched as m
    left join ties as t on t.site_id = m.site_id and t.visitor_id = m.visitor_id
    where m.events_without_session > 0
        or m.trailing_counted > m.trailing_found
        or m.events_counted > m.events_in_sessions
        or m.events_counted < m.events_in_sessions - coalesce(t.tie_count, 0)
"""

COMPLETENESS: tuple[Check, ...] = (
    no_rows(
        "every_event_is_in_one_session",
        "Every raw event of the days being built that makes sessions is in exactly one, and no ping or end in two",
        EVERY_EVENT_IN_ONE_SESSION,
    ),
    no_rows(
        "rows_are_there_where_due",
        "A site and day with raw events that make sessions has some, or all are left out by anonymous_min_page_views",
        f"""
        with {UNCOVERED},
        {LEFT_OUT}
        select r.site_id, r.event_date
        from (
            select distinct e.site_id, e.event_date
            from raw.events as e
            left join uncovered as u
                on u.site_id = e.site_id and u.event_date = e.event_date
                and (u.file_id is null or u.file_id = e.file_id)
            where {IN_SLICE} and {MAKES_SESSIONS} and u.event_date is null
        ) as r
        inner join audit.slice_days as d on d.site_id = r.site_id and d.event_date = r.event_date
        where not exists (
            select 1 from audit.sessions as s
            where s.site_id = d.site_id and s.started_at < d.ends_at and s.ended_at >= d.starts_at
        )
        and not exists (
            select 1 from left_out as l
            where l.site_id = d.site_id and l.started_at < d.ends_at and l.ended_at >= d.starts_at
        )
        """,
    ),
    no_rows(
        "are_as_fresh_as_raw",
        "The newest session, one left out included, reaches the newest raw event that makes sessions",
        f"""
        with {UNCOVERED},
        {LEFT_OUT}
        select r.site_id, r.newest_event_at, s.newest_session_ended_at
        from (
            select e.site_id, max(e.occurred_at) as newest_event_at
            from raw.events as e
            inner join audit.slice_days as d on d.site_id = e.site_id and d.event_date = e.event_date
            left join uncovered as u
                on u.site_id = e.site_id and u.event_date = e.event_date
                and (u.file_id is null or u.file_id = e.file_id)
            where {IN_SLICE} and {MAKES_SESSIONS} and u.event_date is null
            group by e.site_id
        ) as r
        left join (
            select site_id, max(ended_at) as newest_session_ended_at
            from (
                select site_id, ended_at from audit.sessions
                union all
                select site_id, ended_at from left_out
            ) as sessions
            group by site_id
        ) as s on s.site_id = r.site_id
        where s.newest_session_ended_at is null or s.newest_session_ended_at < r.newest_event_at
        """,
    ),
    no_rows(
        "raw_holds_what_the_ledger_loaded",
        "Every load that touched a day has left its events there, unless some were removed since",
        f"""
        with held as materialized (
            select distinct e.site_id, e.event_date, e.file_id from raw.events as e where {IN_SLICE}
        )
        select m.site_id, m.event_date, m.file_id, f.file_name, f.loaded_at
        from ops.dirty_days as m
        inner join audit.slice_days as d on d.site_id = m.site_id and d.event_date = m.event_date
        inner join ops.landed_files as f on f.file_id = m.file_id and f.state = 'loaded' and f.loaded_count > 0
        where not exists (
                select 1 from held as h
                where h.site_id = m.site_id and h.event_date = m.event_date and h.file_id = m.file_id
            )
            and not exists (
                select 1 from ops.dirty_days as other
                where other.site_id = m.site_id and other.event_date = m.event_date
                    and other.cause <> 'events_loaded'
            )
        """,
    ),
)
