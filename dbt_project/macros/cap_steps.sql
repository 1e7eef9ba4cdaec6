{#
    Steps that keep the most frequent names of each site and day and put all others into the bucket `(other)`. They
    expect steps `site_options`, whose column `cap` says how many are kept, and `names_read` with site_id and event_date.
    They leave `names_capped`, whose `name` replaces `column`. Names of equal frequency are ranked by name.

    Each site has options, and yet the join is a left one: of an inner one PostgreSQL expects too few rows, and then
    compared each of 350,000 page views with each name of its day.
#}
{% macro cap_steps(column, frequency, cap) -%}
names_counted as (

    select
        site_id,
        event_date,
        {{ column }},
        {{ frequency }} as frequency
    from names_read
    group by site_id, event_date, {{ column }}

),

names_ranked as (

    select
        names_counted.*,
        case
            when
                row_number() over (
                    partition by names_counted.site_id, names_counted.event_date
                    order by names_counted.frequency desc, names_counted.{{ column }} asc
                ) <= site_options.{{ cap }}
                then names_counted.{{ column }}
            else '(other)'
        end as name
    from names_counted
    left join site_options on names_counted.site_id = site_options.site_id

),

names_capped as (

    select
        names_read.*,
        names_ranked.name
    from names_read
    inner join names_ranked
        on
            names_read.site_id = names_ranked.site_id
            and names_read.event_date = names_ranked.event_date
            and names_read.{{ column }} = names_ranked.{{ column }}

)
{%- endmacro %}
