"""`python -m ingestion.collector`: serve until asked to stop. Settings come from `runtime.settings`."""

import logging
import sys

from ingestion.collector.logs import start_logging
from ingestion.collector.supervisor import Supervisor, listening
from runtime.settings import SettingsError, load_settings

_log = logging.getLogger("ingestion.collector")


def main() -> int:
    """Run the collector and return its exit status."""
    start_logging()
    try:
        settings = load_settings()
        host, port = settings.collector_host, settings.collector_port
        with listening(host, port) as listener:
            _log.info("listening", extra={"host": host, "port": port})
            if settings.is_exposed:
                _log.warning(
                    "other machines can reach the collector; without TLS in front keys and events are readable"
                )
            Supervisor(settings, listener).run()
    except (SettingsError, OSError) as error:
        _log.error("the collector cannot run", extra={"error": str(error)})
        return 1
    _log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
