create table ops.contact_reads (
    -- Of every database alone: a restore joins the trail of then and of now.
    read_id uuid primary key default gen_random_uuid(),
    read_at timestamptz not null default clock_timestamp(),
    token_id text collate "C" not null references ops.tokens,
    site_id text collate "C" not null,
    asked text not null,
    user_id text collate "C",
    row_count integer
);
create index contact_reads_read_at on ops.contact_reads (read_at);
create index contact_reads_user on ops.contact_reads (site_id, user_id) where user_id is not null;
comment on table ops.contact_reads is
'One row per answer with contacts that a token was given over HTTP, written before the answer.';
comment on column ops.contact_reads.asked is 'The route, with the names of its parameters instead of their values.';
comment on column ops.contact_reads.user_id is
'The user who was asked for; null where none was named, or the person was erased since.';
comment on column ops.contact_reads.row_count is 'Rows of the answer; null where it was sent before all rows were known.';

insert into ops.retention_policies (policy, keep_days, description) values
('contact_reads', 365, 'The trail of which token read contacts');
