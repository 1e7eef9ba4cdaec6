-- One row per day. Metrics look here for the days on which nothing happened.
{{ config(materialized='view') }}

with

days as (

    {{ dbt.date_spine('day', "cast('2020-01-01' as date)", "cast('2040-01-01' as date)") }}

)

select cast(date_day as date) as calendar_date
from days
