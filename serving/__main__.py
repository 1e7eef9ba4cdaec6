"""`python -m serving`: answer until asked to stop. Settings come from `runtime.settings`."""

import logging
import sys

from ingestion.collector.logs import start_logging
from runtime.errors import FootfallError
from runtime.settings import load_settings
from serving.server import run

_log = logging.getLogger("serving")


def main() -> int:
    """Run the server and return its exit status."""
    start_logging()
    try:
        settings = load_settings()
        run(settings, settings.serving_port)
    except (FootfallError, OSError) as error:
        _log.error("nothing can be answered", extra={"error": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
