"""The one way to connect to PostgreSQL: by a URL and what is fixed here, never by the caller's environment.

The parameters of a URL of one's own (`sslmode`, `options`, …) hold, in every connection and in every program.
"""

from typing import Any

import psycopg
from psycopg import pq
from sqlalchemy import URL, Engine, create_engine

from runtime.environment import LIBPQ, drop, without_foreign

CONNECT_SECONDS = 10
"""How long a connection may take to be made, unless the URL says otherwise. A stopped server would never answer."""
SESSION = ("timezone=UTC",)
"""Settings of every session."""


def connect_args(url: URL, *session: str) -> dict[str, Any]:
    """Return the parameters that a connection has beside those in its URL, with further settings of its session."""
    options = [*url.normalized_query.get("options", ()), *(f"-c {setting}" for setting in (*SESSION, *session))]
    return {
        # Rows for COPY are written in UTF-8, so that in another encoding every name would be another name.
        "client_encoding": "utf8",
        "connect_timeout": url.query.get("connect_timeout", CONNECT_SECONDS),
        "options": " ".join(options),
    }


def make_engine(url: URL, **arguments: Any) -> Engine:
    """Return an engine that connects by this URL."""
    drop(LIBPQ)
    return create_engine(url, connect_args=connect_args(url), **arguments)


def connect(url: URL, **parameters: Any) -> psycopg.Connection:
    """Return a single connection that commits each statement. `parameters` win over those of the URL."""
    drop(LIBPQ)
    return psycopg.connect(**_parameters(url) | parameters, autocommit=True)


def libpq_environment(url: URL, *session: str) -> dict[str, str]:
    """Return the variables with which a program that uses libpq connects as `make_engine` does.

    Returns:
        Environment variable (`PGHOST`, …) → value. Parameters for which libpq has no variable are left out.
    """
    names = {option.keyword.decode(): option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar}
    return {names[name]: str(value) for name, value in _parameters(url, *session).items() if name in names}


def child_environment(environment: dict[str, str], url: URL) -> dict[str, str]:
    """Return the whole environment of a program of PostgreSQL that connects by this URL."""
    return without_foreign(environment) | libpq_environment(url)


def _parameters(url: URL, *session: str) -> dict[str, Any]:
    """Return the parameters of the connection by libpq's names."""
    _, given = url.get_dialect()().create_connect_args(url)
    return {**given, **connect_args(url, *session)}
