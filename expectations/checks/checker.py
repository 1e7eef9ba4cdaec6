"""A process that imports Great Expectations while this one builds, and then runs the suites in it.

Importing and checking are Python on one core, and so is dbt: within one process they would wait for each other.
"""

import gc
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.util import Finalize

from loky import ProcessPoolExecutor, get_reusable_executor
from sqlalchemy import URL

from expectations.checks.check import Suite
from expectations.checks.result import CheckResult, GateError
from expectations.checks.validate import import_great_expectations, validate

IDLE_SECONDS = 300
"""How long the process waits for more to check. It also ends with this process, however that ends."""


def start() -> None:
    """Start the process if none runs, and return at once. A failed import shows when something is checked."""
    _process().submit(_import)


def validate_elsewhere(url: URL | str, suites: Sequence[Suite], timeout_seconds: float = 300) -> list[CheckResult]:
    """Do what `validate` does, in the process.

    Raises:
        GateError: as `validate` does, or because the process was killed.
    """
    try:
        return _process().submit(validate, url, suites, timeout_seconds).result()
    except BrokenProcessPool as error:
        raise GateError(
            "the process that ran the checks was killed, as when memory is short: run `footfall nightly` again"
        ) from error


def _import() -> None:
    import_great_expectations()  # Returns nothing: the module as a result would be imported here, too.


def _process() -> ProcessPoolExecutor:
    executor = get_reusable_executor(max_workers=1, timeout=IDLE_SECONDS, initializer=_begin, initargs=(os.getpid(),))
    # A process that multiprocessing started would otherwise wait at its end until this one is idle for long enough.
    Finalize(executor, executor.shutdown, kwargs={"kill_workers": True}, exitpriority=1)
    return executor


def _begin(parent: int) -> None:
    """Collect garbage seldom, as nearly all of an import stays; and end when the parent is gone.

    A parent that was killed does not say so.
    """
    gc.set_threshold(100_000)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
