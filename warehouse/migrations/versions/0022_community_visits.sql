-- Visits of anonymous people to communities may go before their sessions do, or never become rows at all.
insert into ops.retention_policies (policy, kind, keep_days, least_days, description) values
(
    'community_visits', 'anonymous', null, 0,
    'Visits to communities, at most as long as their sessions; 0 days: only the day''s figures'
);
