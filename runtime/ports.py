"""A port for each server: the one it had before, else the wished one, else another that is free."""

import socket
from pathlib import Path

from runtime import files


def port_of(file: Path, wished: int) -> int:
    """Return the port that the server had last, or else the wished one."""
    stored = file.read_text().strip() if file.exists() else ""
    # On a full disk a version before this one left the file empty.
    return int(stored) if stored.isdecimal() else wished


def claim(file: Path, wished: int, host: str = "127.0.0.1") -> int:
    """Choose the port of a server about to start, and store it in `file` for the next start. `wished` 0: any."""
    port = choose(file, wished, host)
    store(file, port)
    return port


def choose(file: Path, wished: int, host: str = "127.0.0.1") -> int:
    """Return the port for a server about to start: the one it had last, or the wished one, or else any that is free."""
    port = port_of(file, wished)
    return port if port and _is_free(host, port) else _any_free(host)


def store(file: Path, port: int) -> None:
    """Store the port of a server for its next start, whole or not at all."""
    if port_of(file, 0) == port:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    files.write(file, f"{port}\n".encode())


def _is_free(host: str, port: int) -> bool:
    with _socket(host) as probe:
        # Connections of a server that has just stopped linger; they do not stand in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _any_free(host: str) -> int:
    with _socket(host) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def _socket(host: str) -> socket.socket:
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
