"""Do work in a process of its own, as a command would, and watch how much memory it takes."""

from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import psutil

LOOK_EVERY_SECONDS = 0.1
_SPAWN = get_context("spawn")


class Watched(NamedTuple):
    """The result, and the largest memory that the process and its children held together."""

    result: Any
    peak_bytes: int


def elsewhere(work: Callable[..., object], *arguments: object) -> Watched:
    """Do it in a fresh process.

    Raises:
        EOFError: it failed; its message is on standard error.
    """
    receiver, sender = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_work, args=(sender, work, arguments))
    process.start()
    sender.close()
    peak = 0
    while not receiver.poll(LOOK_EVERY_SECONDS):
        peak = max(peak, _memory(process.pid))
    result = receiver.recv()
    process.join()
    return Watched(result, peak)


def _work(sender: Connection, work: Callable[..., object], arguments: tuple[object, ...]) -> None:
    sender.send(work(*arguments))


def _memory(pid: int | None) -> int:
    """Return the bytes that only the process and its descendants hold: pages shared with others do not count."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in [root, *root.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                total += process.memory_full_info().uss
    return total
