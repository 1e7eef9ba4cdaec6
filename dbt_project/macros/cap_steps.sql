{#
    Steps that keep the most frequent names of each site and day and put all others into the bucket `(other)`. They
    expect steps `site_options`, whose column `cap` says how many are kept, and `names_read` with site_id and event_date.
    They leave `names_capped`, whose `name` replaces `column`. Names of equal frequency are ranked by name.
#}
{% macro cap_steps(column, frequency, cap) -%}
names_ranked as (

    select
        site_id,
        event_date,
        {{ column }},
        row_number() over (
            partition by site_id, event_date order by {{ frequency }} desc, {{ column }} asc
        ) as popularity
    from names_read
    group by site_id, event_date, {{ column }}

),

names_capped as (

    select
        names_read.*,
        case
            when names_ranked.popularity <= site_options.{{ cap }} then names_ranked.{{ column }}
            else '(other)'
        end as name
    from names_read
    inner join names_ranked
        on
            names_read.site_id = names_ranked.site_id
            and names_read.event_date = names_ranked.event_date
            and names_read.{{ column }} = names_ranked.{{ column }}
    inner join site_options on names_read.site_id = site_options.site_id

)
{%- endmacro %}
