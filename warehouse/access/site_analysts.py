"""Analysts of one site, who read its rows in marts and live. The policies are in `row_security`."""

import hashlib
import secrets

from psycopg import sql
from sqlalchemy import Connection, text

from warehouse.access.sites import SiteError, require_site
from warehouse.postgres.catalog import run
from warehouse.postgres.roles import (
    CONTACT_READER,
    SITE_ANALYST,
    SITE_READER_CONNECTIONS,
    SITE_ROLE_PREFIX,
    make_reader,
    set_password,
)

_LONGEST_NAME = 63


def site_role(site: str) -> str:
    """Return the name of the role that reads this site.

    It is short enough for PostgreSQL, which cuts longer names: two sites could share one.
    """
    name = SITE_ROLE_PREFIX + site
    if len(name) <= _LONGEST_NAME:
        return name
    digest = hashlib.sha256(site.encode()).hexdigest()[:12]
    return f"{name[: _LONGEST_NAME - 1 - len(digest)]}_{digest}"


def renew_site_analyst(connection: Connection, site: str, reads_contacts: bool = False) -> tuple[str, str]:
    """Make a role that reads this site's rows, with `reads_contacts` also the contacts of its people.

    Returns:
        The name of the role, and its password, which is new each time and stored nowhere.

    Raises:
        SiteError: no such site.
    """
    require_site(connection, site)
    role, password = site_role(site), secrets.token_urlsafe(24)
    make_reader(connection, role, SITE_ANALYST, SITE_READER_CONNECTIONS)
    connection.execute(
        text("insert into ops.site_analysts (role_name, site_id) values (:role, :site) on conflict do nothing"),
        {"role": role, "site": site},
    )
    change = f"grant {CONTACT_READER} to {{}}" if reads_contacts else f"revoke {CONTACT_READER} from {{}}"
    _run(connection, change, role)
    set_password(connection, role, password)
    return role, password


def revoke_site_analyst(connection: Connection, site: str) -> str:
    """Take every right and the login from the site's analyst, also in open connections. Return the role's name.

    The role itself stays: other databases of the server may use it.

    Raises:
        SiteError: the site has none.
    """
    role = connection.scalar(
        text("delete from ops.site_analysts where site_id = :site returning role_name"), {"site": site}
    )
    if not role:
        raise SiteError(f"site {site} has no analyst: `footfall site analyst {site}` makes one")
    _run(connection, f"revoke {SITE_ANALYST}, {CONTACT_READER} from {{}}", role)
    _run(connection, "alter role {} nologin password null", role)
    return role


def _run(connection: Connection, statement: str, role: str) -> None:
    run(connection, sql.SQL(statement).format(sql.Identifier(role)))
