"""Every page to its last byte: of ten days of three sites, about what a demo has, and of a year of twenty sites.

Each page is asked for once, when none of its charts is drawn yet; the first is the overview, seconds after the start.
"""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.figure import Figure, Target, seconds
from bench.past import Days, have_past
from bench.processes import serving
from bench.scene import Scene
from bench.steps.reading.questions import DAYS, SITES, make_year
from footfall.pipeline.installation import Installation, published_marts
from footfall.simulator.sites import ZONES
from serving.api.answer import read_questions
from serving.page.navigation import PAGES
from warehouse.access.sites import add_site
from warehouse.access.tokens import add_token

EVENTS = 1500
"""Events of each built day. The year has 2,430 times as many, in some 450,000 sessions."""
PREPARING_SECONDS = 10
FILTERS = ("", "&channel=Direct", "&device=desktop", "&path=/")


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing."""
    with scene.anew() as installation, TemporaryDirectory() as store:
        days = Days.fill(Path(store), EVENTS, 0)
        have_past(installation, days, days.built.days)
        read_questions(installation)
        yield _pages(installation, "a demo", 300, [(site, 10) for site in ZONES])
        with installation.engine.begin() as connection:
            for number in range(1, SITES + 1):
                add_site(connection, f"site-{number}")
        make_year(installation, days.built, {mart.name for mart in published_marts(installation)})
        yield _pages(installation, f"{DAYS} days of {SITES} sites", 1000, [("site-3", 7), ("site-6", DAYS)])


def _pages(installation: Installation, what: str, limit: float, chosen: Sequence[tuple[str, int]]) -> Figure:
    with installation.engine.begin() as connection:
        token = add_token(connection, f"pages-{limit:g}").written
    addresses = [
        f"/sites/{site}/{page.name}?days={days}{filtered}"
        for filtered in FILTERS
        for site, days in chosen
        for page in PAGES
    ]
    core = max(os.sched_getaffinity(0))
    with (
        serving(installation, core, limited=False) as (port, _),
        httpx.Client(
            base_url=f"http://127.0.0.1:{port}", trust_env=False, headers={"Cookie": f"footfall={token}"}, timeout=60
        ) as client,
    ):
        time.sleep(PREPARING_SECONDS)
        took = {address: 1000 * _seconds(client, address) for address in addresses}
        again = {address: 1000 * _seconds(client, address) for address in addresses}
    slowest = sorted(took, key=lambda address: took[address], reverse=True)[:5]
    return Figure(
        f"{len(took)} pages-{limit:g}, the first time",
        None,
        Target(at_most_of={"slowest_ms": limit}),
        tuple(each / 1000 for each in took.values()),
        details={
            "slowest_ms": round(max(took.values())),
            "slowest_again_ms": round(max(again.values())),
            "first_ms": round(took[addresses[0]]),
        }
        | {address: round(took[address]) for address in slowest},
    )


def _seconds(client: httpx.Client, address: str) -> float:
    return seconds(lambda: client.get(address).raise_for_status())
