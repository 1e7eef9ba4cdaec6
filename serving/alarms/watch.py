"""The watch: every minute it looks at each rule, and beside that each receiver has a thread that sends what waits.

It is a process of its own, so that it also sees that Dagster does not publish. A rule that cannot be looked at leaves
the others and its own alarms as they are.
"""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from footfall.pipeline.installation import Installation
from runtime.settings import Settings
from serving.alarms import days, minutes
from serving.alarms.finding import Find
from serving.alarms.ledger import put_messages, record
from serving.alarms.rules import limits_of_sites
from serving.delivery.queue import send_next
from serving.delivery.receivers import Send, receivers
from warehouse.postgres.roles import Role

LOOK_SECONDS = 60
SEND_SECONDS = 1

log = logging.getLogger("footfall.alarm")


def watch(installation: Installation, ended: threading.Event) -> None:
    """Look and send until `ended`. A sender that hangs is left behind: what is not sent goes at the next start."""
    for name, send in receivers(installation.settings).items():
        threading.Thread(target=_send, args=(installation, name, send, ended), name=name, daemon=True).start()
    while not ended.is_set():
        try:
            look(installation)
        except SQLAlchemyError as error:
            log.error("the alarms cannot be looked at: %s", _reason(error))
        ended.wait(LOOK_SECONDS)


def finders(settings: Settings) -> Mapping[str, Find]:
    """Return what finds where each rule is broken, by the name of the rule."""
    return {
        **{rule: days.unusual(rule) for rule in days.FIGURES},
        "not_published": partial(days.not_published, settings),
        "no_events": minutes.no_events,
        "failed_payments": minutes.failed_payments,
        "rejects": minutes.rejects,
    }


def look(installation: Installation, now: datetime | None = None) -> None:
    """Look at every rule once, record what is raised and resolved, log it, and put its messages on their way.

    `now` is the moment to look at (default: the database's own); the views of the last minutes know only the present.
    """
    with installation.engine_of(Role.ANALYST).connect() as connection:
        now = now or connection.execute(text("select clock_timestamp()")).scalar_one()
        limits = limits_of_sites(connection)
    for rule, find in finders(installation.settings).items():
        try:
            with installation.engine_of(Role.ANALYST).connect() as connection:
                found = list(find(connection, limits.get(rule, {}), now))
        except SQLAlchemyError as error:
            log.error("rule %s cannot be looked at: %s", rule, _reason(error))
            continue
        with installation.engine_of(Role.SERVING).begin() as connection:
            record(connection, rule, found)
    with installation.engine_of(Role.SERVING).begin() as connection:
        messages = put_messages(connection, installation.settings, list(receivers(installation.settings)))
    for message in messages:
        log.error("%s: %s", message.title, message.text)


def _send(installation: Installation, name: str, send: Send, ended: threading.Event) -> None:
    while not ended.wait(SEND_SECONDS):
        try:
            while not ended.is_set() and (sent := send_next(installation.engine_of(Role.SERVING), name, send)):
                if sent.problem:
                    log.error("%s did not take %r: %s", name, sent.title, sent.problem)
        except SQLAlchemyError as error:
            log.error("nothing can be sent to %s: %s", name, _reason(error))


def _reason(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", error)).strip().partition("\n")[0]
