-- One row per visit to a community that publishing replaces. One that is published in a session on a dirty
-- day, which a candidate session takes it from, counts once. An id that is used again days later is another.

{{ replaced_keys('replaced_community_visits', 'community_visits', by='replaced_sessions') }}
