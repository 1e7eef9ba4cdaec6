"""How long the steps of a night took when they last ended well: a small file in the home, which monitoring reads."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from runtime import files
from runtime.settings import Settings

STEPS = ("load", "build", "check", "publish")


@contextmanager
def timed(settings: Settings, step: str) -> Iterator[None]:
    """Record how long the work took. Work that fails leaves what was recorded before; a full disk fails no work."""
    began = time.monotonic()
    yield
    took = {step: round(time.monotonic() - began, 3)}
    with suppress(OSError):
        files.write(_file(settings), msgspec.json.encode(durations(settings) | took))


def durations(settings: Settings) -> dict[str, float]:
    """Read how long the steps took; those that never ended are left out.

    Returns:
        Step → seconds.
    """
    path = _file(settings)
    return msgspec.json.decode(path.read_bytes(), type=dict[str, float]) if path.exists() else {}


def _file(settings: Settings) -> Path:
    return settings.home / "steps.json"
