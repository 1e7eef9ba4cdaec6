-- Of days whose raw events are gone as of all others: the five kinds of devices are all sessions. What was published
-- knew no televisions.
do $$
begin
    if to_regclass('marts.daily_stats') is not null then
        alter table marts.daily_stats
        add column if not exists tv_sessions integer,
        add column if not exists unknown_device_sessions integer;
        update marts.daily_stats
        set
            tv_sessions = 0,
            unknown_device_sessions = session_count - desktop_sessions - mobile_sessions - tablet_sessions;
    end if;
end
$$;
