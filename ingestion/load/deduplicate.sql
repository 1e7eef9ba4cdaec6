-- Delete every copy of a repeated event except the first received, and return the deleted copies.
with keys as (
    select
        site_id,
        event_id,
        count(*) as copy_count
    from loading_keys
    group by site_id, event_id
),

repeated as (
    select
        site_id,
        event_id
    from keys
    where copy_count > 1
    union
    select
        site_id,
        event_id
    from keys
    inner join raw.events as e using (site_id, event_id)
    where e.event_date between :first and :last and e.file_id <> :file_id
    union
    select
        site_id,
        event_id
    from keys
    inner join raw.lost_copies as l using (site_id, event_id)
    where l.event_date between :first and :last
),

copies as (
    -- What was said stays as it is stored, and is compared as bytes: 8 KiB of 1e308 are 400 KB as a text.
    select
        e.site_id,
        e.event_id,
        e.event_date,
        e.received_at,
        e.occurred_at,
        e.sequence,
        case when e.is_counted then e.sequence end as counted,
        e.anonymous_id,
        e.file_id,
        e.line_number,
        e.tableoid as part,
        e.ctid as place,
        row({said}) as said
    from raw.events as e
    inner join repeated using (site_id, event_id)
    where e.event_date between :first_joined and :last_joined
),

days as (
    -- Consecutive days share this value: an id used again days later is another event.
    select
        site_id,
        event_id,
        event_date,
        event_date
        - row_number() over (partition by site_id, event_id order by event_date)::int as run_of_days
    from (
        select
            site_id,
            event_id,
            event_date
        from copies
        union
        select
            site_id,
            event_id,
            event_date
        from raw.lost_copies
        inner join repeated using (site_id, event_id)
    ) as seen
),

ranked as (
    select
        *,
        row_number() over first_received as copy_number,
        first_value(said) over first_received as first_said,
        first_value(counted) over first_received as first_counted,
        first_value(event_date) over first_received as first_date
    from copies
    inner join days using (site_id, event_id, event_date)
    window first_received as (
        partition by site_id, event_id, run_of_days
        -- The copy on a frozen day stays, because the day stays as it is published.
        -- A count says which copy stays only at last: it may be a place in a file. Of copies received at once,
        -- as imports are, the greater count stays: a file that begins later counts less.
        order by
            event_date in (select f.event_date from ops.frozen_days as f) desc,
            received_at asc, said {by_bytes},
            occurred_at asc, sequence desc nulls last, anonymous_id asc, file_id asc, line_number asc
    )
),

losers as (
    select
        *,
        said {differs_from} first_said or coalesce(counted <> first_counted, false) as is_conflict
    from ranked
    where copy_number > 1
),

deleted as (
    delete from raw.events e
    using losers l
    where
        e.tableoid = l.part and e.ctid = l.place
        and e.event_date between :first and :last
    returning e.*, l.is_conflict
),

forgotten as (
    delete from ops.contact_vault v
    using losers l
    where v.file_id = l.file_id and v.line_number = l.line_number
),

remembered as (
    insert into raw.lost_copies (site_id, event_id, event_date)
    select distinct
        site_id,
        event_id,
        event_date
    from losers
    where event_date <> first_date
    on conflict do nothing
),

rejected as (
    insert into raw.rejects (file_id, line_number, site_id, received_at, reason, field, payload)
    select
        file_id,
        line_number,
        site_id,
        received_at,
        'id_conflict',
        'event_id',
        left((select row_to_json(payload) from (select {payload}) as payload)::text, :most)
    from deleted as d
    where is_conflict
)

select
    file_id,
    site_id,
    event_date,
    is_conflict
from losers
