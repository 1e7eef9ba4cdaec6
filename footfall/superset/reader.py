"""As whom Superset reads: the analyst of all sites, or one site's analyst, whose password it keeps in its folder."""

from pathlib import Path

import psycopg
from sqlalchemy import URL, text

from footfall.pipeline.installation import Installation
from runtime.files import write
from runtime.secrets import make_private, read_or_create
from warehouse.access.site_analysts import renew_site_analyst, site_role
from warehouse.access.sites import require_site
from warehouse.postgres.connect import connect
from warehouse.postgres.roles import CONTACT_READER, Role


def analyst(installation: Installation) -> URL:
    """Return how the analyst of all sites connects."""
    return installation.database.roles[Role.ANALYST]


def site_analyst(installation: Installation, site: str, folder: Path) -> tuple[URL, bool]:
    """Return how the site's analyst connects, and whether its password is new: others that use it need the new one.

    Raises:
        SiteError: no such site.
    """
    kept = folder / "reader.password"
    url = analyst(installation).set(username=site_role(site))
    with installation.engine.connect() as connection:
        require_site(connection, site)
    if kept.exists() and _connects(known := url.set(password=read_or_create(kept))):
        return known, False
    with installation.engine.begin() as connection:
        reads_contacts = connection.scalar(
            text(
                "select exists (select from pg_auth_members m join pg_roles g on g.oid = m.roleid"
                " join pg_roles r on r.oid = m.member where g.rolname = :contacts and r.rolname = :role)"
            ),
            {"contacts": CONTACT_READER, "role": site_role(site)},
        )
        role, password = renew_site_analyst(connection, site, bool(reads_contacts))
    make_private(folder.parent.parent)
    make_private(folder)
    write(kept, password.encode(), 0o600)
    return url.set(username=role, password=password), True


def _connects(url: URL) -> bool:
    try:
        connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
