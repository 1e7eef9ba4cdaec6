-- One row per conversion on the replaced days, as they will be once the candidates are published.
{{ config(materialized='view') }}

{{ merged('conversions', replaced='replaced_visitors', within='replaced_days') }}
