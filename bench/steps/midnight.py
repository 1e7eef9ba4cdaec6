"""A day after three published days, with sessions that cross midnight and get to know their user only then."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.elsewhere import elsewhere
from bench.figure import Figure, Target
from bench.past import Days
from bench.scene import Scene, count
from bench.steps.quiet_night import rounded, steps_of_night
from bench.traffic import land_sent
from footfall.pipeline import night
from footfall.simulator.sites import ZONES
from footfall.simulator.traffic import Sent

SHARE = 4
"""A day has this fraction of the scene's events: one in `SHARE`."""
SIGN_INS = 5
"""Sessions of each site that cross the last midnight and sign in after it."""
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing."""
    with scene.anew() as installation, TemporaryDirectory() as store:
        days = Days.fill(Path(store), scene.events // SHARE, nights=1, built=3)
        (last,) = days.nights
        for day in days.built.days:
            days.deliver(day, installation)
            night.nightly(installation, say=lambda line: None)
        days.deliver(last, installation)
        land_sent(installation.settings.landing, _sign_ins(last))
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


def _sign_ins(day: date) -> Iterator[Sent]:
    for site, zone in ZONES.items():
        midnight = datetime.combine(day, time(), zone)
        for number in range(SIGN_INS):
            device = f"over-midnight-{number}"
            for minutes, name, user in ((-5, "page_viewed", None), (5, "user_signed_in", f"user-{number}")):
                moment = (midnight + timedelta(minutes=minutes)).isoformat()
                yield Sent(site, USER_AGENT, {
                    "event_id": f"{device}{minutes}", "event_name": name, "anonymous_id": device, "user_id": user,
                    "client_timestamp": moment, "page_url": "https://shop.example/",
                })  # fmt: skip
