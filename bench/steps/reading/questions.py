"""Ready questions about a year of twenty sites, against asking raw events the same."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench.figure import Figure, Target, seconds
from bench.past import BUILT_DAYS, IDS
from bench.scene import run
from footfall.answers.questions import Parameters, plain_sql
from footfall.pipeline.installation import Installation, published_marts
from footfall.simulator.sites import ZONES
from warehouse.publication.slices import Slice

DAYS, SITES = 365, 20
RAW = {path.stem: path.read_text() for path in sorted(Path(__file__).with_name("raw_questions").glob("*.sql"))}
"""Name → query on raw events, for the questions that are as simple on raw events as on marts."""

_ASKED = {"daily_stats", "daily_page_stats", "daily_event_stats", "daily_traffic", "daily_devices"}
"""The marts that these questions read."""


def measure(installation: Installation, built: Slice, repeats: int) -> Figure:
    """Measure. Replaces the rows of the daily marts by a year of twenty sites.

    Queries on raw events read only the built days of three sites. Their time is multiplied by how often these go into a
    year of twenty sites.
    """
    make_year(installation, built, _ASKED)
    days = {"first": built.first, "last": built.last}
    more = DAYS * SITES / (BUILT_DAYS * len(ZONES))
    asked = Parameters(days=DAYS)
    marts = _timed(installation, {name: plain_sql(installation, name, asked) for name in RAW}, {}, repeats)
    raw = {name: [taken * more for taken in took] for name, took in _timed(installation, RAW, days, repeats).items()}
    times_faster = {name: round(min(raw[name]) / min(marts[name])) for name in RAW}
    return Figure(
        f"{len(RAW)} dashboard questions over {DAYS} days of {SITES} sites",
        f"the same of raw events: of {BUILT_DAYS} days and {len(ZONES)} sites, times {more:.0f}",
        Target(times_faster=100, at_least_of={"times_faster_of_the_least": 100}),
        tuple(map(sum, zip(*marts.values(), strict=True))),
        tuple(map(sum, zip(*raw.values(), strict=True))),
        {"times_faster": times_faster, "times_faster_of_the_least": min(times_faster.values())},
    )


def make_year(installation: Installation, built: Slice, marts: Collection[str]) -> None:
    """Repeat the built days of these marts through the year, each site under several names."""
    place = ", ".join(f"('{site}', {number})" for number, site in enumerate(ZONES))
    back = f" - make_interval(days => {BUILT_DAYS} * back)"

    def moved(day: str) -> str:
        return f"{day} - {BUILT_DAYS} * back"

    for mart in published_marts(installation):
        # A week or month elsewhere would be none: it is left out, as where a night has not merged it.
        if mart.name not in marts or mart.name == "visitor_sketches":
            continue
        is_daily = "event_date" in mart.column_names
        elsewhere = {"site_id": "'site-' || number"}
        elsewhere |= {each.name: each.name + back for each in mart.columns if each.data_type == "timestamptz"}
        elsewhere |= {each.name: moved(each.name) for each in mart.columns if each.data_type == "date"}
        elsewhere |= {name: f"gone.{name} || '~' || back" for name in mart.column_names if name in IDS}
        made = ", ".join(elsewhere.get(name, f"gone.{name}") for name in mart.column_names)
        run(
            installation,
            f"with gone as (delete from marts.{mart.name} returning *)"
            f" insert into marts.{mart.name} ({', '.join(mart.column_names)}) select {made} from gone"
            f" join (values {place}) as simulated (site_id, place) using (site_id)"
            f" join generate_series(1, {SITES}) as number on number % {len(ZONES)} = place"
            f" cross join generate_series(0, {DAYS // BUILT_DAYS}) as back"
            + (f" where event_date between '{built.first}' and '{built.last}'" if is_daily else "")
            + (f" order by {moved('event_date')}" if is_daily else ""),
            f"analyze marts.{mart.name}",
        )


def _timed(
    installation: Installation, queries: Mapping[str, str], parameters: Mapping[str, Any], repeats: int
) -> dict[str, list[float]]:
    """Return the seconds of each question, each time it was asked. The first time only warms the caches."""
    with installation.engine.connect() as connection:
        return {
            name: [
                seconds(lambda query=query: connection.execute(text(query), parameters).all())  # type: ignore[misc]
                for _ in range(repeats + 1)
            ][1:]
            for name, query in queries.items()
        }
