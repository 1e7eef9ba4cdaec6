"""What of the caller's environment reaches our connections and programs: nothing that means other programs."""

import os
import subprocess
import sys

import psycopg
import pytest
from psycopg import pq
from sqlalchemy import text

from runtime.environment import without_foreign
from warehouse.postgres.connect import child_environment, libpq_environment, make_engine
from warehouse.postgres.server import BINARIES

POISON = {
    "PGCONNECT_TIMEOUT": "0.1",
    "PGSSLNEGOTIATION": "direct",
    "PGSSLMODE": "verify-full",
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGCLIENTENCODING": "LATIN1",
    "PGOPTIONS": "-c timezone=Asia/Tokyo -c statement_timeout=1",
    "PGTARGETSESSIONATTRS": "standby",
    "PGREQUIREAUTH": "gss",
    "PGCHANNELBINDING": "require",
    "PGGSSENCMODE": "require",
    "PGSSLMINPROTOCOLVERSION": "TLSv9",
    "PGLOADBALANCEHOSTS": "random",
}
"""Values that break or change a connection; of variables not named here any value is nonsense."""
LIBPQ = sorted(
    {option.envvar.decode() for option in pq.Conninfo.get_defaults() if option.envvar}
    | {"PGSERVICEFILE", "PGSYSCONFDIR", "PGTZ", "PGDATESTYLE", "PGGEQO", "PGLOCALEDIR", "PGDATA"}
)
"""Every variable that libpq names, and those that it reads beside."""
SESSION = (
    "select current_user, current_database(), current_setting('TimeZone'), current_setting('client_encoding'),"
    " current_setting('statement_timeout'), current_setting('application_name'), current_setting('DateStyle'),"
    " current_setting('geqo'), inet_server_port(), 'jörg'"
)


def as_engine(url):
    engine = make_engine(url)
    with engine.connect() as connection:
        found = [str(value) for value in connection.execute(text(SESSION)).one()]
    engine.dispose()
    return found


def as_psql(url):
    environment = child_environment(dict(os.environ), url)
    command = [str(BINARIES / "psql"), "-XAt", "-F", "\t", "-c", SESSION]
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout.decode().strip().split("\t")


@pytest.fixture
def url(server_url):
    return server_url.update_query_dict({"application_name": "test"})


@pytest.mark.parametrize("name", LIBPQ)
def test_a_variable_of_libpq_changes_no_connection_and_no_program(url, name, monkeypatch):
    wanted = as_engine(url)
    assert as_psql(url) == wanted
    monkeypatch.setenv(name, POISON.get(name, "nonsense"))
    assert as_psql(url) == wanted
    assert as_engine(url) == wanted


def test_the_poison_works(url, monkeypatch):
    """Without the fence the same variables do break or change a connection."""
    given = {"host": url.host, "port": url.port, "user": url.username, "password": url.password, "dbname": "postgres"}
    harmful = []
    for name in LIBPQ:
        with monkeypatch.context() as patch:
            patch.setenv(name, POISON.get(name, "nonsense"))
            try:
                with psycopg.connect(**given) as connection:
                    encoding, timeout = (
                        connection.info.encoding,
                        connection.execute("show statement_timeout").fetchone(),
                    )
                harmful += [name] if encoding != "utf-8" or timeout != ("0",) else []
            except psycopg.Error:
                harmful.append(name)
    assert {"PGCLIENTENCODING", "PGSSLMODE", "PGHOSTADDR", "PGTARGETSESSIONATTRS", "PGSERVICE", "PGOPTIONS"} < set(
        harmful
    )


def test_parameters_of_a_url_hold_in_connections_and_programs(url):
    """Acts: an option of its own beside ours, a connection that must have TLS, which this server has not."""
    own = url.update_query_dict({"options": "-c statement_timeout=12345", "sslmode": "disable"})
    assert as_engine(own) == as_psql(own)
    assert as_engine(own)[2:5] == ["UTC", "UTF8", "12345ms"]
    assert libpq_environment(own)["PGSSLMODE"] == "disable"
    strict = url.update_query_dict({"sslmode": "require"})
    with pytest.raises(Exception, match="SSL"):
        as_engine(strict)
    with pytest.raises(subprocess.CalledProcessError):
        as_psql(strict)


def test_the_encoding_is_fixed_even_against_the_url(url):
    assert as_engine(url.update_query_dict({"client_encoding": "latin1"}))[3] == "UTF8"


def test_a_socket_or_several_hosts_in_a_url_reach_programs(url):
    bare = url.set(host=None, port=None)
    assert libpq_environment(bare.update_query_dict({"host": "/run/postgresql"}))["PGHOST"] == "/run/postgresql"
    several = libpq_environment(bare.update_query_dict({"host": ["a:1", "b:2"]}))
    assert (several["PGHOST"], several["PGPORT"]) == ("a,b", "1,2")


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        *[(name, False) for name in LIBPQ],
        *[(name, False) for name in ("LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LANG", "LANGUAGE", "TZ")],
        *[(name, False) for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "grpc_proxy")],
        *[(name, False) for name in ("PYTHONPATH", "PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PYTHONHOME")],
        *[(name, False) for name in ("DBT_TARGET", "DBT_PROFILES_DIR", "DAGSTER_HOME", "GX_HOME", "PSYCOPG_IMPL")],
        *[(name, True) for name in ("PATH", "HOME", "FOOTFALL_HOME", "TMPDIR", "NO_COLOR", "SSL_CERT_FILE", "PAGER")],
    ],
)
def test_a_child_gets_what_means_it(name, stays):
    assert (name in without_foreign({name: "value"})) is stays


@pytest.mark.parametrize("name", ["PYTHONIOENCODING", "PYTHONHASHSEED", "PYTHONOPTIMIZE"])
def test_a_command_that_python_began_in_its_own_way_begins_again(name):
    """The first start says nothing; the second one has the arguments, and none of the variables."""
    code = (
        "import os, sys; from runtime import environment; environment.begin();"
        "print(sys.argv[1], sys.stdout.encoding, sys.flags.hash_randomization, sys.flags.optimize, 'ü ✓', sorted("
        "name for name in os.environ if name.startswith(('PYTHON', 'PG'))))"
    )
    value = {"PYTHONIOENCODING": "latin-1", "PYTHONHASHSEED": "0", "PYTHONOPTIMIZE": "2"}[name]
    done = subprocess.run(
        [sys.executable, "-c", code, "asked"],
        env={"PATH": os.environ["PATH"], "PGSSLMODE": "require", name: value},
        capture_output=True,
        check=False,
    )
    assert done.stdout.decode() == "asked utf-8 1 0 ü ✓ []\n", done.stderr.decode()
