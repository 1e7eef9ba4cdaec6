-- One row per site and week, month or year with a day whose figures the candidates change. The open day
-- changes none: its night merges it.
{% set periods = ['week', 'month', 'year'] %}

with

days as (

    select * from {{ ref('replaced_days') }}

),

periods_begun as (

    {% for period in periods -%}
        select distinct
            site_id,
            '{{ period }}' as period,
            cast(date_trunc('{{ period }}', event_date) as date) as first_day
        from days
        {{ 'where false' if target.name == 'today' }}
        {{ 'union all' if not loop.last }}
    {% endfor -%}

),

periods_ended as (

    select
        site_id,
        period,
        first_day,
        case period
            {% for period in periods -%}
                when '{{ period }}' then cast(first_day + interval '1 {{ period }}' as date) - 1
            {% endfor -%}
        end as last_day
    from periods_begun

)

select * from periods_ended
