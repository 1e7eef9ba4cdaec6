"""Where the database is and how to reach it: the embedded server, or the one of `database_url`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, make_url, text

from runtime import secrets
from runtime.settings import Settings
from warehouse.postgres.connect import make_engine
from warehouse.postgres.roles import Role
from warehouse.postgres.server import EmbeddedServer


@dataclass(frozen=True)
class Database:
    """How the administrator and each role connect to the warehouse's database."""

    administrator: URL
    roles: Mapping[Role, URL]

    def engine(self, role: Role | None = None) -> Engine:
        """Return an engine that connects as the role, or as the administrator without one."""
        url = self.roles[role] if role else self.administrator
        return make_engine(url)


def embedded_server(settings: Settings) -> EmbeddedServer | None:
    """Return the embedded server, or None when the settings name another one."""
    if settings.database_url:
        return None
    return EmbeddedServer(settings.home / "postgres", settings.postgres_port, _site_count(settings.site_registry))


def database(settings: Settings) -> Database:
    """Return the database that the settings describe. Starts nothing."""
    server = embedded_server(settings)
    administrator = server.url if server else make_url(settings.database_url or "").set(drivername="postgresql+psycopg")
    return Database(administrator, {role: _url(administrator, role, settings) for role in Role})


def server_version(connection: Connection) -> int:
    """Return the major version of the server, such as 18."""
    return major(server_version_number(connection))


def server_version_number(connection: Connection) -> int:
    """Return the version of the server as PostgreSQL counts it: 180004 is 18.4."""
    return connection.execute(text("select current_setting('server_version_num')::int")).scalar_one()


def major(version_number: int) -> int:
    """Return the major version of a version number: 18 for 180004."""
    return version_number // 10_000


def _site_count(registry: Path) -> int:
    """Return how many sites the collector's registry has: it is there also while no server runs."""
    try:
        return len(json.loads(registry.read_bytes())["sites"])
    except (FileNotFoundError, ValueError, KeyError):
        return 0


def _url(administrator: URL, role: Role, settings: Settings) -> URL:
    name = role.name.lower()
    password = secrets.read_or_create(settings.home / "secrets" / f"{name}.password")
    url = administrator.set(username=role, password=password)
    return url.update_query_dict({"application_name": f"footfall {name}"})
