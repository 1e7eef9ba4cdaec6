"""Ten times as many events of thirty days in mart `events`: searched over HTTP, and exported in constant memory."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx

from bench.figure import Figure, Target
from bench.past import Days, have_past
from bench.processes import pinned, serving
from bench.scene import Scene, run
from bench.steps.reading import export
from footfall.pipeline.installation import Installation
from footfall.simulator.sites import TIMEZONES
from warehouse.access.tokens import add_token

EVENTS = 10
"""Events of the mart for each event of the scene."""
DAYS = 30
BUILT = 2_000
"""Events a day of the built days, which make the marts."""
PAGES = 25
"""Pages of one search that are read, each from the `next` of the one before."""
SITE = next(iter(TIMEZONES))
_NAME, _PROPERTY, _FREQUENT, _RARE = "video_played", "video_title", "Intro", "Title 777"


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing."""
    with scene.anew() as installation, TemporaryDirectory() as store:
        days = Days.fill(Path(store), min(BUILT, scene.events // 10), 0)
        have_past(installation, days, days.built.days)
        count = EVENTS * scene.events
        _fill(installation, count, str(days.built.last))
        yield from _searches(installation, count)
        yield from export.measure(installation, 1, "events")


def _fill(installation: Installation, count: int, last: str) -> None:
    """Replace the events by so many of the thirty days up to the last one, a fifth of them with a declared property."""
    events = "site_id, session_id, position, event_id, event_name, event_category, occurred_at, event_date, visitor_id,"
    moment = f"timestamptz '{last} 20:00Z' - n * (interval '{DAYS - 1} days' / {count})"
    run(
        installation,
        "truncate marts.events, marts.event_properties",
        "insert into ops.declared_properties (site_id, event_name, property, type, description)"
        f" values ('{SITE}', '{_NAME}', '{_PROPERTY}', 'text', '')",
        f"insert into marts.events ({events} user_id, page_host, page_path, properties)"
        f" select '{SITE}', md5((n / 10)::text), n % 10 + 1, md5('e' || n),"
        f" case n % 5 when 0 then '{_NAME}' else 'page_viewed' end, 'engagement', {moment}, ({moment})::date,"
        " md5('v' || n / 40), case when n % 3 = 0 then 'u' || n / 40 end, 'shop.example', '/p/' || n % 500,"
        " case n % 5 when 0 then jsonb_build_object("
        f"'{_PROPERTY}', case when n % 4 = 0 then '{_FREQUENT}' else 'Title ' || n % 30000 end, 'seconds', n % 600)"
        f" else '{{}}' end from generate_series(1, {count}) as n",
        "insert into marts.event_properties (site_id, event_name, property, value, occurred_at, session_id, position,"
        f" event_date, visitor_id, user_id) select site_id, event_name, '{_PROPERTY}', properties ->> '{_PROPERTY}',"
        " occurred_at, session_id, position, event_date, visitor_id, user_id from marts.events"
        f" where event_name = '{_NAME}'",
        "analyze marts.events, marts.event_properties",
    )


def _searches(installation: Installation, count: int) -> Iterator[Figure]:
    with installation.engine.begin() as connection:
        token = add_token(connection, "searcher", [SITE]).written
    cores = sorted(os.sched_getaffinity(0))
    asked = {
        f"a property of {count // 20:,} events": {"name": _NAME, f"property.{_PROPERTY}": _FREQUENT},
        f"a property of {count // 30000:,} events": {"name": _NAME, f"property.{_PROPERTY}": _RARE},
        "a name": {"name": _NAME},
        "any event": {},
    }
    with (
        serving(installation, cores[-1]) as (port, _),
        pinned(cores[0]),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client,
    ):
        client.headers["Authorization"] = f"Bearer {token}"
        for what, query in asked.items():
            took = list(islice(_pages(client, {**query, "days": str(DAYS), "limit": "100"}), PAGES))
            yield Figure(
                f"search of {count:,} events over HTTP, 100 of them by {what}",
                None,
                Target(at_most_of={"most_ms": 50.0}),
                tuple(took),
                details={
                    "first_ms": round(1000 * took[0], 1),
                    "p50_ms": round(1000 * quantiles(took, n=2)[0], 1) if took[1:] else None,
                    "most_ms": round(1000 * max(took), 1),
                    "pages": len(took),
                },
            )


def _pages(client: httpx.Client, query: dict[str, str]) -> Iterator[float]:
    """Give the seconds of each page of a search."""
    following: str | None = f"/v1/sites/{SITE}/events/search?{httpx.QueryParams(query)}"
    while following:
        began = perf_counter()
        answer = client.get(following).raise_for_status()
        yield perf_counter() - began
        following = answer.json()["next"]
