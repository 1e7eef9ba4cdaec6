insert into ops.retention_policies (policy, keep_days, description) values
    ('check_results', 30, 'Rows that checks quoted, and the pages of checks'),
    ('exports', 30, 'Exports of what is known of a person'),
    ('logs', 30, 'Logs of the processes and of PostgreSQL');
update ops.retention_policies
set description = 'Rejected events, and files that were refused'
where policy = 'rejects';
