-- The raw events that a candidate is certainly built from. Files whose marks it does not cover are left out.
insert into ops.candidate_days (candidate_id, event_date, raw_events, raw_fingerprint)
select
    :candidate_id,
    cast(days.day as date) as event_date,
    count(e.event_id) as raw_events,
    {fingerprint} as raw_fingerprint
from generate_series(cast(:first as timestamp), cast(:last as timestamp), '1 day') as days (day)
left join raw.events as e
    on
        e.event_date = cast(days.day as date)
        and e.event_date between :first and :last
        and not exists (
            select
            from ops.dirty_days as m
            where
                m.file_id = e.file_id
                and m.site_id = e.site_id
                and m.event_date = e.event_date
                and m.mark_id not in (
                    select unnest(c.mark_ids) from ops.candidates as c
                    where c.candidate_id = :candidate_id
                )
        )
group by days.day
