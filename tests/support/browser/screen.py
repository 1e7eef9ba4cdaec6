"""A screen for one browser: an X server without a monitor, and a window manager, so that a window can have the focus."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from tests.tools import program


@contextmanager
def screen() -> Iterator[str]:
    """A screen of its own for a while: `:` and its number."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [program("xvfb"), "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with open(reading) as answer:
        display = f":{answer.readline().strip()}"
    manager = subprocess.Popen(
        [program("openbox")],
        env=os.environ | {"DISPLAY": display},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield display
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait(20)
