"""Load acknowledged events within seconds, until the client ends it. Builds and publishes nothing."""

import threading
import time

import psycopg
from sqlalchemy.exc import OperationalError

from footfall.pipeline.installation import Installation
from footfall.pipeline.night import Say, load_waiting
from ingestion.landing.drain import open_segments
from ingestion.landing.writer import ask_to_seal, recover
from warehouse.postgres.roles import Role

LOOK_EVERY_SECONDS = 0.5
"""How often a follower looks for sealed segments."""
SEAL_EVERY_SECONDS = 2
"""How often it asks to seal open segments: each becomes a file to load and to keep for a week."""


def follow(installation: Installation, ended: threading.Event, say: Say) -> None:
    """Load acknowledged events within seconds, until `ended`. Waits for a database or a disk that does not answer.

    A file that cannot be trusted is reported and put aside, as in every load; the others are loaded.
    """
    landing = installation.settings.landing
    recover(landing)
    asked_at, silent = 0.0, ""
    while not ended.is_set():
        try:
            if time.monotonic() - asked_at > SEAL_EVERY_SECONDS and open_segments(landing):
                ask_to_seal(landing)
                asked_at = time.monotonic()
            report = load_waiting(installation)
        except (OperationalError, psycopg.OperationalError, OSError) as error:
            if not silent:
                silent = "the landing zone" if isinstance(error, OSError) else "the database"
                reason = str(getattr(error, "orig", error)).strip()
                say(f"{silent} does not answer, what is landed waits for it: {reason}")
            installation.engine_of(Role.LOADER).dispose()
        else:
            if silent:
                say(f"{silent} answers again")
            silent = ""
            if report.files or report.refused:
                say(f"loaded {report}")
            for refusal in report.refused:
                say(f"refused {refusal}")
        ended.wait(LOOK_EVERY_SECONDS)
