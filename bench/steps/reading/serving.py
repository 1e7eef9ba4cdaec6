"""A year of twenty sites over HTTP: summaries at a steady pace, 304s, and exports. A core for the process that answers.

PostgreSQL and the generator of requests have the other one.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx
import psutil

from bench.figure import Figure, Target
from bench.past import Days, have_past
from bench.processes import pinned, serving
from bench.requests.paced import paced
from bench.scene import Scene
from bench.steps.reading import export, pages
from bench.steps.reading.questions import DAYS, SITES, make_year
from footfall.pipeline.installation import Installation
from footfall.simulator.sites import TIMEZONES, ZONES
from warehouse.access.sites import add_site
from warehouse.access.tokens import add_token

EVENTS = 10_000
"""Events of the built days, at the most: the year has 730 times as many, and 3 million sessions."""
PER_SECOND = 200
SECONDS = 10
TOKENS = 8
PERIODS = (7, 30, 90)
"""Days that summaries are about, in turns."""
READ = {"daily_stats", "sessions"}

Asked = tuple[str, str]
"""Path and token of a request."""


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing."""
    with scene.anew() as installation, TemporaryDirectory() as store:
        days = Days.fill(Path(store), min(EVENTS, scene.events // 10), 0)
        have_past(installation, days, days.built.days)
        make_year(installation, days.built, READ)
        yield from _answers(installation, _asked(installation), scene.repeats)
        yield from export.measure(installation, scene.repeats, "sessions")
    yield from pages.measure(scene)


def _asked(installation: Installation) -> list[Asked]:
    """Return every summary that is asked for, by every token."""
    zones = [TIMEZONES[site] for site in ZONES]
    with installation.engine.begin() as connection:
        for number in range(1, SITES + 1):
            add_site(connection, f"site-{number}", zones[number % len(zones)])
        tokens = [add_token(connection, f"reader-{number}").written for number in range(TOKENS)]
    paths = [f"/v1/sites/site-{site}/summary?days={days}" for days in PERIODS for site in range(1, SITES + 1)]
    return [(path, token) for token in tokens for path in paths]


def _answers(installation: Installation, asked: Sequence[Asked], repeats: int) -> Iterator[Figure]:
    cores = sorted(os.sched_getaffinity(0))
    with (
        serving(installation, cores[-1], limited=False) as (port, process),
        pinned(cores[0]),
    ):
        tags, first = _first(port, asked)
        what = (
            f"{PER_SECOND} summaries a second of {', '.join(map(str, PERIODS))} days, of {DAYS} days of {SITES} sites"
        )
        limits = {"p99_ms": 25.0}
        yield _steady(process, port, what, _requests(asked), b"200", limits, repeats, {"first_p50_ms": first})
        what = f"{PER_SECOND} of these a second that the client has, answered 304"
        yield _steady(process, port, what, _requests(asked, tags), b"304", {"p99_ms": 3.0}, repeats, {})


def _first(port: int, asked: Sequence[Asked]) -> tuple[list[str], float]:
    """Ask each once; return its ETag, and the median of the milliseconds that these first answers took."""
    tags, took = [], []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
        for path, token in asked:
            began = perf_counter()
            answer = client.get(path, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
            took.append(1000 * (perf_counter() - began))
            tags.append(answer.headers["ETag"])
    return tags, round(median(took), 1)


def _requests(asked: Sequence[Asked], tags: Sequence[str] = ()) -> list[bytes]:
    """Return what is sent, in an order in which neighbours are of different sites and tokens."""
    made = []
    for number in range(PER_SECOND * SECONDS):
        place = number * 61 % len(asked)
        path, token = asked[place]
        known = f"if-none-match: {tags[place]}\r\n" if tags else ""
        made.append(f"GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n{known}\r\n".encode())
    return made


def _steady(
    process: psutil.Process,
    port: int,
    what: str,
    requests: Sequence[bytes],
    status: bytes,
    limits: Mapping[str, float],
    repeats: int,
    details: Mapping[str, float],
) -> Figure:
    spent = sum(process.cpu_times()[:2])
    took = [paced(port, requests, PER_SECOND, status) for _ in range(repeats)]
    spent = sum(process.cpu_times()[:2]) - spent
    percentiles = quantiles((each for times in took for each in times), n=100)
    figures = {
        "p50_ms": round(1000 * percentiles[49], 1),
        "p99_ms": round(1000 * percentiles[98], 1),
        "cpu_ms_of_an_answer": round(1000 * spent / len(requests) / repeats, 2),
    }
    return Figure(what, None, Target(at_most_of=limits), tuple(map(median, took)), details=figures | dict(details))
