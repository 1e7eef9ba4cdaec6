-- Days of which the newest publication of any site was built by other models than these.
with

newest as (

    select distinct on (sites.site_id, days.day)
        days.day,
        publications.code_version
    from ops.publications as publications
    inner join ops.candidates as candidates on publications.candidate_id = candidates.candidate_id
    cross join
        generate_series(
            cast(publications.first_date as timestamp), cast(publications.last_date as timestamp), interval '1 day'
        ) as days (day)
    inner join ops.sites on candidates.sites is null or sites.site_id = any(candidates.sites)
    order by sites.site_id asc, days.day asc, publications.publication_id desc

)

select distinct cast(newest.day as date) as event_date
from newest
where newest.code_version <> :code_version
order by event_date
