"""Where the database is and how to reach it: the embedded server, or the one of `database_url`."""

from dataclasses import dataclass

from sqlalchemy import URL, Engine, create_engine, make_url

from footfall.settings import Settings
from warehouse import secrets
from warehouse.server import EmbeddedServer

ANALYST = "footfall_analyst"


@dataclass(frozen=True)
class Database:
    """The warehouse's database as its owner and as its readers reach it."""

    owner: URL
    analyst: URL

    def engine(self) -> Engine:
        """Connections of the owner."""
        return create_engine(self.owner, connect_args={"options": "-c timezone=UTC"})


def embedded_server(settings: Settings) -> EmbeddedServer | None:
    """The server we run ourselves, or None when the settings name another one."""
    return None if settings.database_url else EmbeddedServer(settings.home / "postgres", settings.postgres_port)


def database(settings: Settings) -> Database:
    """The database the settings mean. Starts nothing."""
    server = embedded_server(settings)
    owner = server.url if server else make_url(settings.database_url or "").set(drivername="postgresql+psycopg")
    password = secrets.read_or_create(settings.home / "secrets" / "analyst.password")
    return Database(owner, owner.set(username=ANALYST, password=password))
