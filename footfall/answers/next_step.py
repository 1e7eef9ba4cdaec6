"""What to do first where nothing is published yet, so that every command says the same. Asks the ledgers alone."""

from sqlalchemy import Connection, text

_STATE = """
select
    (select count(*) from ops.sites) as sites,
    (select min(site_id) from ops.sites) as first_site,
    (select coalesce(sum(loaded_count), 0) from ops.landed_files where state = 'loaded') as loaded,
    (select coalesce(sum(rejected_count), 0) from ops.landed_files where state = 'loaded') as rejected,
    (select count(*) from ops.publications) as publications
"""


_DEMO = "footfall demo shows a made-up week"


def next_step(connection: Connection) -> str | None:
    """Return what to do next, in a sentence; None where something is published."""
    found = connection.execute(text(_STATE)).one()
    if found.publications:
        return None
    if not found.sites:
        return f"there is no site yet: footfall site add NAME gives the key for its pages; {_DEMO}"
    if found.loaded:
        return f"{found.loaded:,} events wait for their first night: footfall nightly"
    if found.rejected:
        return f"all {found.rejected:,} events that came were rejected: footfall rejects list says why"
    site = found.first_site if found.sites == 1 else "NAME"
    return (
        f"no event is loaded yet: footfall site check {site} says what arrives and what is refused;"
        " footfall import brings history from files"
    )


def nothing_published(connection: Connection) -> str | None:
    """Return that nothing is published yet and what to do next, in a sentence; None where something is published."""
    step = next_step(connection)
    return f"nothing is published yet: {step}" if step else None
