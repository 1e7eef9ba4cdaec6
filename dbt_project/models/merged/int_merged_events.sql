-- One row per event of people on the replaced days, as they will be once the candidates are published.
{{ config(materialized='view') }}

{{ merged('events', replaced='replaced_events', within='replaced_days') }}
