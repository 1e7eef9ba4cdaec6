-- dbt reads it as staging.stg_events.visitor_id; what reads raw events besides calls this. PostgreSQL inlines it.
create function raw.visitor_id(anonymous_id text, user_id text) returns text
language sql immutable parallel safe
return coalesce(anonymous_id, 'user:' || user_id);
comment on function raw.visitor_id is 'The device, or user: and the user where no device is known.';
