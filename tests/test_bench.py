"""The benchmark measures what it says. No test asks how fast anything is."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import report
from bench.figure import Figure, Target
from bench.scene import Scene
from bench.steps import measure
from footfall.night import Installation
from footfall.simulation import last_day
from footfall.simulator.sites import TIMEZONES


def test_every_step_yields_its_figure(
    anew: Callable[..., AbstractContextManager[Installation]], tmp_path: Path
) -> None:
    with anew(TIMEZONES) as here:
        scene = Scene(here, last_day() - timedelta(days=1), events=500, quiet_events=200, repeats=1)
        figures = list(measure(scene))
    written = json.loads(report.write(figures, datetime.now(UTC), {"events": 500}, tmp_path).read_text())
    assert [each["seconds"] > 0 for each in written["figures"]] == [True] * len(figures)
    assert [each["against"] for each in written["figures"] if not each["ratio"]] == [None]
    assert report.table(figures).row_count == len(figures)


def test_the_ratio_is_of_the_medians() -> None:
    figure = Figure("this", "that", Target(at_most=2), (9.0, 2.0, 3.0), (1.0, 1.5, 8.0))
    assert (figure.ratio, figure.is_met) == (2.0, True)


def test_what_is_to_be_faster_is_told_as_times_faster() -> None:
    figure = Figure("this", "that", Target(times_faster=20), (0.5,), (5.0,))
    assert (figure.ratio, figure.is_met) == (10.0, False)
