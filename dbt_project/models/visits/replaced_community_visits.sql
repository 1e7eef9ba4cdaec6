-- One row per published visit to a community that the candidates replace.

{{ replaced_events('community_visits') }}
