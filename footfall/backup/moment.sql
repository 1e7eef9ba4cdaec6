-- The moment of a backup, and the size of the database's content at that moment.
select
    now() as made_at,
    cast(current_user as text) as owner,
    (
        select count(*) from ops.landed_files
        where state = 'loaded'
    ) as loaded_files,
    (
        select cast(coalesce(sum(loaded_count), 0) as bigint)
        from ops.landed_files
        where state = 'loaded'
    ) as loaded_events,
    (select count(*) from ops.publications) as publications
