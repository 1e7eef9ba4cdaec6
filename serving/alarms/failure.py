"""Report that something failed: to the log at once, and to everyone who is sent alarms."""

import logging
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from footfall.pipeline.installation import Installation
from serving.delivery.message import Message
from serving.delivery.queue import put
from serving.delivery.receivers import NotTaken, receivers
from warehouse.postgres.roles import Role

log = logging.getLogger("footfall.alarm")


def report_failure(installation: Installation, title: str, text: str) -> None:
    """Log a failure and put it on its way to all receivers. Where the database does not take it, send it now, once."""
    log.error("%s: %s", title, text)
    message = Message(state="failed", title=title, text=text, since=datetime.now(UTC))
    found = receivers(installation.settings)
    if not found:
        return
    try:
        with installation.engine_of(Role.SERVING).begin() as connection:
            put(connection, found, message)
    except SQLAlchemyError:
        for name, send in found.items():
            try:
                send(message, f"{message.since:%Y%m%d%H%M%S%f}")
            except NotTaken as problem:
                log.error("%s did not take %r: %s", name, title, problem)
