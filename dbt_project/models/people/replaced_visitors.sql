-- One row per visitor whose history the candidates change: with a candidate session, or with one that is
-- replaced.

{{ replaced_keys('replaced_visitors', 'sessions', by='replaced_sessions', candidates='int_sessions') }}
