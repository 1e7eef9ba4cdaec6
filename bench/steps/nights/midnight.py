"""A day after three published days, with sessions that cross midnight and get to know their user only then."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.elsewhere import elsewhere
from bench.figure import Figure, Target
from bench.past import Days
from bench.scene import Scene, count
from bench.steps.nights.quiet_night import rounded, steps_of_night
from bench.traffic import land_sent
from footfall.pipeline import night
from footfall.simulator.sites import ZONES
from footfall.simulator.traffic import Sent

SHARE = 4
"""A day has this fraction of the scene's events: one in `SHARE`."""
SIGN_INS = 5
"""Sessions of each site that cross the last midnight and sign in after it. What they did before it is published."""
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing."""
    with scene.anew() as installation, TemporaryDirectory() as store:
        days = Days.fill(Path(store), scene.events // SHARE, nights=1, built=3)
        (last,) = days.nights
        landing = installation.settings.landing
        for day in days.built.days:
            days.deliver(day, installation)
            if day == days.built.last:
                land_sent(landing, _around(last, -5, "page_viewed", signed_in=False))
            night.nightly(installation, say=lambda line: None)
        days.deliver(last, installation)
        land_sent(landing, _around(last, 5, "user_signed_in", signed_in=True))
        (took, models), peak = elsewhere(steps_of_night, installation.settings)
        events = count(installation, f"raw.events where event_date = '{last}'")
        slices = count(installation, "ops.publications") - len(days.built.days)
    yield Figure(
        f"a night of {events:,} events after three days, with sign-ins over midnight",
        None,
        Target(seconds_at_most=15, at_most_of={"slices": 1, "microseconds_of_sql_per_event": 35}),
        (sum(took.values()),),
        details={
            "slices": slices,
            "microseconds_of_sql_per_event": round(1e6 * sum(models.values()) / events, 1),
            "steps": rounded(took),
            "slowest_models": rounded(dict(sorted(models.items(), key=lambda each: -each[1])[:10])),
            "peak_memory_mb": round(peak / 1e6),
        },
    )


def _around(day: date, minutes: int, name: str, *, signed_in: bool) -> Iterator[Sent]:
    """Give an event of each session that crosses the midnight before the day, so many minutes after it."""
    for site, zone in ZONES.items():
        moment = (datetime.combine(day, time(), zone) + timedelta(minutes=minutes)).isoformat()
        for number in range(SIGN_INS):
            device = f"over-midnight-{number}"
            yield Sent(site, USER_AGENT, {
                "event_id": f"{device}{minutes}", "event_name": name, "anonymous_id": device,
                "user_id": f"user-{number}" if signed_in else None, "client_timestamp": moment,
                "page_url": "https://shop.example/",
            })  # fmt: skip
