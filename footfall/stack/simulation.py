"""Simulated traffic for this installation: makes its sites, posts to its collector, writes the truth."""

import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import httpx

from footfall.pipeline.installation import Installation
from footfall.simulator.post import Posted, post
from footfall.simulator.sites import TIMEZONES
from footfall.simulator.traffic import generate, last_complete_day
from footfall.simulator.truth import truth
from footfall.stack.processes import collector_url
from footfall.stack.stack import answers
from runtime.processes import ProcessError
from warehouse.access.sites import add_site, list_sites, rotate_key, write_registry

REGISTRY_SECONDS = 1.5


def last_day() -> date:
    """Return the last day that is over on every simulated site."""
    return last_complete_day(datetime.now(UTC))


def simulate(
    installation: Installation, days: int, events: int, seed: int, until: date, progress: Callable[[Posted], None]
) -> Posted:
    """Post simulated traffic to the collector. The same again makes duplicates only.

    Raises:
        ProcessError: the collector does not run.
        PostError: it refuses a batch or an event.
    """
    if not answers(f"{collector_url(installation.settings)}/readyz"):
        raise ProcessError(
            "the collector does not answer: `footfall up --detach` starts it, `footfall doctor` says what is wrong"
        )
    keys = _keys(installation)
    _wait_for_keys(installation, keys)
    return post(generate(days, events, seed, until), collector_url(installation.settings), keys, progress)


def write_truth(path: Path, days: int, events: int, seed: int, until: date) -> None:
    """Write what is known of the traffic as JSON, with amounts as plain numbers."""
    path.write_text(json.dumps(truth(days, events, seed, until), default=float))


def _keys(installation: Installation) -> dict[str, str]:
    """Make a key for each simulated site. Keys are not stored: each run makes new ones."""
    with installation.engine.begin() as connection:
        known = {site.site_id for site in list_sites(connection)}
        keys = {
            name: rotate_key(connection, name) if name in known else add_site(connection, name, timezone)
            for name, timezone in TIMEZONES.items()
        }
        write_registry(connection, installation.settings.site_registry)
    return keys


def _wait_for_keys(installation: Installation, keys: dict[str, str], patience_seconds: float = 15) -> None:
    """Wait until each process of the collector has read the registry, which it does every second.

    Keys are not tried before: each would be counted as refused.
    """
    deadline = time.monotonic() + patience_seconds
    time.sleep(REGISTRY_SECONDS)
    while not all(_is_known(collector_url(installation.settings), key) for key in keys.values()):
        if time.monotonic() > deadline:
            raise ProcessError("the collector does not take the new keys; see `footfall doctor`")
        time.sleep(REGISTRY_SECONDS)


def _is_known(url: str, key: str) -> bool:
    answer = httpx.post(
        f"{url}/v1/events", json={"events": []}, headers={"Authorization": f"Bearer {key}"}, trust_env=False
    )
    return answer.status_code == 202
