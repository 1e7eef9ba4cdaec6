alter table ops.sealed_days rename to frozen_days;

-- Views over marts and raw are made anew at the next start, with the names of now.
do $$
declare found record;
begin
    for found in
        select format('%I.%I', schemaname, viewname) as name from pg_views
        where (schemaname, viewname) in (
            ('live', 'areas'), ('live', 'visitors_by_page'), ('live', 'active_sessions'), ('live', 'community_visitors'),
            ('live', 'payment_errors'), ('marts', 'sessions_current_user')
        )
        order by viewname <> 'areas', viewname <> 'visitors_by_page'
    loop
        execute 'drop view ' || found.name;
    end loop;
end
$$;

do $$
declare renamed record;
begin
    if to_regclass('marts.page_visits') is not null then
        alter table marts.page_visits rename to page_views;
        alter index marts.page_visits_pkey rename to page_views_pkey;
        drop index if exists marts.page_visits_by_session_id;
    end if;
    for renamed in
        select mart, old_name, new_name
        from (values
            ('checkouts', 'checkout_date', 'event_date'),
            ('commerce_events', 'session_date', 'event_date'),
            ('community_visits', 'session_date', 'event_date'),
            ('community_visits_daily', 'stat_date', 'event_date'),
            ('community_visits_daily', 'visits', 'visit_count'),
            ('community_visits_daily', 'visitors', 'visitor_count'),
            ('community_visits_daily', 'signed_in_visitors', 'signed_in_visitor_count'),
            ('community_visits_daily', 'anonymous_visitors', 'anonymous_visitor_count'),
            ('community_visits_daily', 'cross_division_visits', 'cross_division_visit_count'),
            ('community_visits_daily', 'cross_division_visitors', 'cross_division_visitor_count'),
            ('conversions', 'conversion_date', 'event_date'),
            ('conversions', 'sessions_before', 'anonymous_session_count'),
            ('conversions', 'page_views_before', 'anonymous_page_view_count'),
            ('customer_days', 'stat_date', 'event_date'),
            ('customer_days', 'sessions', 'session_count'),
            ('customer_days', 'seconds_total', 'session_seconds_total'),
            ('customer_days', 'page_views', 'page_view_count'),
            ('customer_days', 'orders', 'order_count'),
            ('customer_days', 'bookings', 'booking_count'),
            ('customer_days', 'reviews', 'review_count'),
            ('customers', 'active_days', 'active_day_count'),
            ('customers', 'seconds_total', 'session_seconds_total'),
            ('daily_devices', 'stat_date', 'event_date'),
            ('daily_devices', 'sessions', 'session_count'),
            ('daily_devices', 'visitors', 'visitor_count'),
            ('daily_event_stats', 'stat_date', 'event_date'),
            ('daily_event_stats', 'events', 'event_count'),
            ('daily_event_stats', 'sessions', 'session_count'),
            ('daily_event_stats', 'visitors', 'visitor_count'),
            ('daily_funnel', 'stat_date', 'event_date'),
            ('daily_page_stats', 'stat_date', 'event_date'),
            ('daily_page_stats', 'views', 'page_view_count'),
            ('daily_page_stats', 'anonymous_views', 'anonymous_page_view_count'),
            ('daily_page_stats', 'visitors', 'visitor_count'),
            ('daily_page_stats', 'sessions', 'session_count'),
            ('daily_page_stats', 'engaged_sessions', 'engaged_session_count'),
            ('daily_page_stats', 'seconds_total', 'page_view_seconds_total'),
            ('daily_page_stats', 'entries', 'entry_count'),
            ('daily_page_stats', 'exits', 'exit_count'),
            ('daily_page_stats', 'bounces', 'bounce_count'),
            ('daily_stats', 'stat_date', 'event_date'),
            ('daily_traffic', 'stat_date', 'event_date'),
            ('daily_traffic', 'sessions', 'session_count'),
            ('daily_traffic', 'visitors', 'visitor_count'),
            ('daily_traffic', 'new_visitors', 'new_visitor_count'),
            ('daily_traffic', 'engaged_sessions', 'engaged_session_count'),
            ('daily_traffic', 'conversions', 'conversion_count'),
            ('orders', 'order_date', 'event_date'),
            ('page_views', 'session_date', 'event_date'),
            ('page_views', 'visit_id', 'page_view_id'),
            ('payment_errors', 'error_date', 'event_date'),
            ('sessions', 'session_date', 'event_date'),
            ('sessions', 'page_views_before_identified', 'anonymous_page_view_count'),
            ('sessions', 'avg_response_ms', 'avg_response_time_ms')
        ) as names (mart, old_name, new_name)
        join pg_attribute on attrelid = to_regclass('marts.' || mart) and attname = old_name and not attisdropped
    loop
        execute format(
            'alter table marts.%I rename column %I to %I', renamed.mart, renamed.old_name, renamed.new_name
        );
    end loop;
    -- An index is named after its columns; one under its old name would be made a second time.
    for renamed in
        select indexname as old_name, new_name
        from pg_indexes
        cross join lateral regexp_replace(
            replace(indexname, 'page_visits', 'page_views'),
            '_(session|stat|checkout|order|error|conversion)_date', '_event_date'
        ) as new_name
        where schemaname = 'marts' and indexname <> new_name
    loop
        execute format('alter index marts.%I rename to %I', renamed.old_name, renamed.new_name);
    end loop;
    -- Of days whose raw events are gone as of all others.
    if to_regclass('marts.daily_stats') is not null then
        alter table marts.daily_stats add column if not exists conversation_rate numeric(5, 4);
        update marts.daily_stats
        set conversation_rate = round(cast(total_conversations as numeric) / nullif(session_count, 0), 4);
    end if;
end
$$;

update ops.publication_marts set mart = 'page_views' where mart = 'page_visits';
alter table ops.publication_marts rename mart_date to event_date;
alter table ops.restatements rename stat_date to event_date;
