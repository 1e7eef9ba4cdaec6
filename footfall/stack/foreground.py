"""One part of the stack in the foreground, as systemd and containers start and keep it."""

import os
import socket
import threading

from footfall.stack.processes import processes
from footfall.stack.stack import claim_port, prepare
from runtime.environment import without_foreign
from runtime.processes import ProcessError, last_lines
from runtime.secrets import make_private
from runtime.settings import Settings
from warehouse.postgres.database import embedded_server

DATABASE = "database"
_LOOK_EVERY_SECONDS = 0.5


def run_database(settings: Settings, ended: threading.Event) -> None:
    """Prepare the installation, and let the embedded PostgreSQL run until `ended`. One of your own is only prepared.

    Raises:
        ProcessError: the server died.
    """
    prepare(settings)
    if not (server := embedded_server(settings)):
        return
    _notify("READY=1")
    while not ended.wait(_LOOK_EVERY_SECONDS):
        if not server.is_running():
            raise ProcessError(f"PostgreSQL died. Look into {server.log}, which ends:\n{last_lines(server.log)}")
    server.stop()


def become(settings: Settings, name: str) -> None:
    """Replace this process by the one of that name.

    Raises:
        ProcessError: it runs already.
    """
    make_private(settings.home)
    claim_port(settings, name)
    process = processes(settings)[name]
    process.take_place()
    command = list(process.command)
    os.execve(command[0], command, {**without_foreign(os.environ), **process.environment})


def _notify(state: str) -> None:
    """Report to the program that started this one, if that is systemd and waits for it."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.sendto(state.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
