"""Let a piece of work fail at a fail point: here, or in a process of its own that dies of it."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from runtime import failpoints

OUTCOMES = {
    "ENOSPC": OSError,
    "EIO": OSError,
    "cut": (OperationalError, psycopg.OperationalError),
    "deaf": (OperationalError, psycopg.OperationalError),
}
"""What the caller gets of each way to fail; of a killed process nothing."""

DYING_SECONDS = 400
"""How long the work may take until it dies: a build on Spark takes minutes where others build beside it."""

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(
    ["footfall.pipeline.night", "great_expectations.expectations", "tests.support.installation"]
)


def fail(fault: str, work: Callable[..., Any], *given: Any) -> None:
    """Do the work with the fault, and see that it fails by it as it should."""
    way = failpoints.parse(fault).way
    if way == "kill":
        process = _PROCESSES.Process(target=_work, args=(fault, work, given))
        process.start()
        process.join(DYING_SECONDS)
        if process.is_alive():
            process.terminate()
            process.join()
        assert process.exitcode == -signal.SIGKILL, fault
    else:
        with failing(fault), pytest.raises(OUTCOMES[way]):
            work(*given)


@contextmanager
def failing(fault: str) -> Iterator[None]:
    """Let what is done meanwhile meet the fault, which must be reached."""
    point = failpoints.armed = failpoints.parse(fault)
    try:
        yield
    finally:
        failpoints.armed = None
    assert point.hit <= 0, f"{fault} was never reached"


def _work(fault: str, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    failpoints.armed = failpoints.parse(fault)
    work(*given)
