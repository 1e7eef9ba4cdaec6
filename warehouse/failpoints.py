"""Named places where a test may kill the process, as `kill -9` would. Without FOOTFALL_FAIL_AT they do nothing."""

import os
import signal


def reach(name: str) -> None:
    """Die here if the environment names this place."""
    if os.environ.get("FOOTFALL_FAIL_AT") == name:
        os.kill(os.getpid(), signal.SIGKILL)
