"""What history costs: nights and rebuilds of a warehouse with ninety days, and the questions that it answers."""

import time
from collections.abc import Iterator
from datetime import date
from statistics import median

import psutil

from bench.elsewhere import Watched, elsewhere
from bench.figure import Figure, Target
from bench.past import BUILT_DAYS, DAYS, Past, past
from bench.scene import Scene, count
from bench.steps.nights.quiet_night import rounded, steps_of_night
from bench.steps.reading import questions
from footfall.pipeline import night
from footfall.pipeline.installation import Installation, open_installation
from runtime.settings import Settings
from warehouse.publication.slices import Slice

SHARE = 10
"""A day has this fraction of the scene's events: one in `SHARE`."""
WHOLE = 90_000_000
"""Number of events in the history for which the target is set."""


def measure(scene: Scene) -> Iterator[Figure]:
    """Measure. Leaves nothing."""
    with past(scene, scene.events // SHARE) as before:
        nights = [(_night(before, before.short, day), _night(before, before.long, day)) for day in before.days.nights]
        short, long = ([each[number] for each in nights] for number in (0, 1))
        yield _nights(before, short, long)
        yield _rebuild(before, long)
        yield questions.measure(before.long, before.days.built, scene.repeats)


def _night(before: Past, installation: Installation, day: date) -> Watched:
    before.days.deliver(day, installation)
    return elsewhere(steps_of_night, installation.settings)


def _nights(before: Past, short: list[Watched], long: list[Watched]) -> Figure:
    held = count(before.long, "raw.events")
    measured, reference = (tuple(sum(each.result[0].values()) for each in nights) for nights in (long, short))
    ratio = median(measured) / median(reference)
    return Figure(
        f"a night of {_last_night(before):,} events with {DAYS} days of history",
        "the same night with one day",
        Target(at_most=1.15, at_most_of={"peak_memory_percent_of_the_other": 105}),
        measured,
        reference,
        {
            "events_of_history": held,
            "ratio_extrapolated_to_90_million": round(1 + (ratio - 1) * WHOLE / held, 2),
            "steps": rounded(_median_night(long)),
            "steps_of_the_other": rounded(_median_night(short)),
            "peak_memory_mb": round(max(each.peak_bytes for each in long) / 1e6),
            "peak_memory_percent_of_the_other": round(
                100 * max(each.peak_bytes for each in long) / max(each.peak_bytes for each in short)
            ),
        },
    )


def _last_night(before: Past) -> int:
    return count(before.long, f"raw.events where event_date = '{before.days.nights[-1]}'")


def _rebuild(before: Past, nights: list[Watched]) -> Figure:
    """Compare a rebuild of ten days with as many nights. Nights count without their loads: a rebuild has none."""
    took, peak = elsewhere(_rebuild_days, before.long.settings, before.days.built)
    steps = _median_night(nights)
    return Figure(
        f"rebuild of {BUILT_DAYS} days, for each",
        "a night with one, without its load",
        Target(at_most=0.8),
        (took / BUILT_DAYS,),
        (sum(steps.values()) - steps["load"],),
        {"seconds": round(took, 2), "peak_memory_mb": round(peak / 1e6)},
    )


def _rebuild_days(settings: Settings, days: Slice) -> float:
    """Seconds from the start of this process."""
    with open_installation(settings) as installation:
        night.rebuild(installation, days, say=lambda line: None)
    return time.time() - psutil.Process().create_time()


def _median_night(nights: list[Watched]) -> dict[str, float]:
    ranked = sorted((each.result[0] for each in nights), key=lambda steps: sum(steps.values()))
    return ranked[len(ranked) // 2]
