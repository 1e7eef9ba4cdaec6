-- Days whose end and whose last change are longer ago than `lateness`. Publishing the same rows is no change.
update marts.daily_stats as d set is_final = true
where
    not d.is_final
    and d.event_date < :today - :lateness
    and not exists (
        select from ops.dirty_days as m
        where m.site_id = d.site_id and m.event_date = d.event_date
    )
    and not exists (
        select
        from (
            select
                published_at,
                (content_hash is distinct from (lag(content_hash) over (order by publication_id))) as changed
            from ops.publication_marts
            inner join ops.publications using (publication_id)
            where mart = 'daily_stats' and event_date = d.event_date
        ) as published
        where published.changed and published.published_at > now() - make_interval(days => :lateness)
    )
