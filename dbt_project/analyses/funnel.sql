-- How far do sessions get, from their start to the purchase, and where are they lost?
select
    site_id,
    step_number,
    step,
    sum(entered) as entered,
    sum(completed) as completed,
    sum(abandoned) as abandoned,
    round(100.0 * sum(completed) / sum(entered), 2) as completed_percent,
    round(100.0 * sum(entered) / max(sum(entered)) over (partition by site_id), 2) as of_visits_percent
from {{ source('published', 'daily_funnel') }}
where {{ asked_for('event_date') }}
group by site_id, step_number, step
order by site_id, step_number
