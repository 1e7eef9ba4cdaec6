-- One row per event and declared property of the replaced days, as they will be once the candidates are
-- published.
{{ config(materialized='view') }}

{{ merged('event_properties', replaced='replaced_events', within='replaced_days') }}
