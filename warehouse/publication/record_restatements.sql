-- Each figure that changed, with its causes. For a day beyond the slice: why a row moved from or to it. Else: the
-- causes of the marks that the candidate covers. `code_version` is added where the models changed.
insert into ops.restatements (publication_id, site_id, event_date, figure, old_value, new_value, causes)
select
    :publication_id,
    :site,
    :day,
    :figure,
    :old,
    :new,
    array(
        select distinct case cause when 'events_loaded' then 'late_events' else cause end as cause
        from ops.dirty_days
        where
            mark_id in (
                select unnest(mark_ids) from ops.candidates
                where candidate_id = :candidate_id
            )
            and site_id = :site
            and not exists (
                select from intermediate.int_moved_days as moved
                where moved.site_id = :site and moved.event_date = :day and moved.is_whole
            )
        union
        select cause from intermediate.int_moved_days
        where site_id = :site and event_date = :day and is_whole
        union
        select 'code_version'
        where earlier.code_version <> this.code_version
        order by cause
    )
from ops.sites as s
inner join ops.publications as this on this.publication_id = :publication_id
-- Only days that were over when they were published: the figures of the current day always grow.
cross join
    lateral (
        select p.code_version
        from ops.publications as p
        inner join ops.candidates as c on p.candidate_id = c.candidate_id
        where
            p.publication_id < :publication_id
            and (c.sites is null or s.site_id = any(c.sites))
            and :day between p.first_date and p.last_date
            and p.published_at >= (cast(:day as timestamp) + interval '1 day') at time zone s.timezone
        order by p.publication_id desc
        limit 1
    ) as earlier
where s.site_id = :site
