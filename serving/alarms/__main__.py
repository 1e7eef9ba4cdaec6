"""`python -m serving.alarms`: watch until asked to stop. Settings come from `runtime.settings`."""

import logging
import signal
import sys
import threading

from footfall.pipeline.installation import open_installation
from ingestion.collector.logs import start_logging
from runtime.errors import FootfallError
from runtime.settings import load_settings
from serving.alarms.watch import watch

_log = logging.getLogger("footfall.alarm")


def main() -> int:
    """Watch, and return the exit status."""
    start_logging()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # It would log the address of the webhook.
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with open_installation(load_settings()) as installation:
            watch(installation, ended)
    except FootfallError as error:
        _log.error("no alarm can be raised: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
