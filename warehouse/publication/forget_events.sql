-- Subtract raw events that are about to be deleted from those that published days were built from. Events loaded after
-- the publication do not count.
update ops.candidate_days as d set
    raw_events = d.raw_events - gone.raw_events,
    raw_fingerprint = cast(cast(d.raw_fingerprint as numeric) - cast(gone.fingerprint as numeric) as text)
from (
    select
        e.event_date,
        count(*) as raw_events,
        {fingerprint} as fingerprint
    from raw.events as e
    where
        (e.file_id, e.line_number) in (select
            file_id,
            line_number
        from {going})
        and not exists (
            select
            from ops.dirty_days as m
            where
                m.file_id = e.file_id and m.site_id = e.site_id and m.event_date = e.event_date
                and m.cause = 'events_loaded'
        )
    group by e.event_date
) as gone
inner join ops.published_days as p on gone.event_date = p.event_date
inner join ops.publications on p.publication_id = publications.publication_id
where d.event_date = gone.event_date and d.candidate_id = publications.candidate_id
