"""A port for each server: the one it had before, else the wished one, else another that is free."""

import socket
from pathlib import Path


def port_of(file: Path, wished: int) -> int:
    """Return the port that the server had last, or else the wished one."""
    return int(file.read_text()) if file.exists() else wished


def claim(file: Path, wished: int, host: str = "127.0.0.1") -> int:
    """Choose the port of a server about to start, and store it in `file` for the next start. `wished` 0: any."""
    port = port_of(file, wished)
    if not port or not _is_free(host, port):
        port = _any_free(host)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{port}\n")
    return port


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
