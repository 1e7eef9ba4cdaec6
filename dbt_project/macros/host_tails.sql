{# Steps of a query, from `names` (name) to `tails` and `domains`. They know the public suffix list.

   `tails` has one row per name and tail: what is left of a host without its first labels, from the host itself
   (position 0) on. `is_within` says that the tail is the registered domain, or below it. `brand_tail` has a star for
   the suffix, `docs.google.*` of `docs.google.co.uk`; null where the suffix is a company's, or neither a country's
   nor com, net or org: `google.github.io` and `google.evil` are other people's.

   `domains` has one row per name, with its registered domain. What has none (a number, `localhost`, a public suffix)
   stands for itself. #}
{% macro host_tails() -%}
{%- set most = 9 -%}
public_suffixes as (

    select * from {{ source('ops', 'public_suffixes') }}

),

tails_0 as (

    select
        name,
        name as tail
    from names {{- computed_once() }}

),
{% for position in range(1, most) %}
tails_{{ position }} as (

    select
        name,
        substring(tail, position('.' in tail) + 1) as tail
    from tails_{{ position - 1 }}
    where
        tail like '%.%'
        {%- if position == 1 %}
        and name not like '[%'
        and not {{ matches('name', '^[0-9.]+$') }}
        {%- endif %}

),
{% endfor %}
tails_numbered as (

    {% for position in range(most) -%}
    select
        name,
        {{ position }} as position,
        tail
    from tails_{{ position }} {{- computed_once() if loop.last }}
    {% if not loop.last %}union all
    {% endif -%}
    {% endfor %}

),

suffixes_found as (

    select
        tails_numbered.name,
        tails_numbered.position,
        tails_numbered.tail,
        coalesce(listed.is_private, above.is_private, false) as is_private,
        row_number() over (partition by tails_numbered.name order by tails_numbered.position) as choice
    from tails_numbered
    left join public_suffixes as listed on tails_numbered.tail = listed.domain
    left join public_suffixes as above
        on
            tails_numbered.tail like '%.%'
            and substring(tails_numbered.tail, position('.' in tails_numbered.tail) + 1) = above.domain
            and above.is_wildcard
    where
        coalesce(listed.is_suffix, false)
        or (above.domain is not null and not coalesce(listed.is_exception, false))
        or tails_numbered.tail not like '%.%'

),

tails as (

    select
        tails_numbered.name,
        tails_numbered.position,
        tails_numbered.tail,
        tails_numbered.position < coalesce(suffixes_found.position, 1) as is_within,
        case
            when
                tails_numbered.position < suffixes_found.position
                and not suffixes_found.is_private
                and {{ matches('suffixes_found.tail', '(^|[.])([a-z][a-z]|com|net|org)$') }}
                then left(tails_numbered.tail, length(tails_numbered.tail) - length(suffixes_found.tail)) || '*'
        end as brand_tail,
        tails_numbered.position = suffixes_found.position - 1 as is_registered
    from tails_numbered
    left join suffixes_found on tails_numbered.name = suffixes_found.name and suffixes_found.choice = 1 {{- computed_once() }}

),

domains as (

    select
        name,
        coalesce(max(tail) filter (where is_registered), name) as registered_domain
    from tails
    group by name

)
{%- endmacro %}
