"""A port for each server: the wished one if it is free, else another, and from then on the same one."""

import socket
from pathlib import Path


def settle(file: Path, wished: int, host: str = "127.0.0.1") -> int:
    """Return the port kept in `file`, choosing and keeping one on first use; `wished` 0: any."""
    if file.exists():
        return int(file.read_text())
    port = wished if wished and _is_free(host, wished) else _any_free(host)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{port}\n")
    return port


def is_open(host: str, port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _any_free(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]
