"""The benchmark measures what it says. No test asks how fast anything is."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from bench import report
from bench.chart import HEIGHT, WIDTH, draw
from bench.figure import Figure, Target
from bench.past import Days, copy_back, have_past
from bench.plan import NOT_EVERYWHERE, STEPS, measure, with_needs
from bench.scene import Scene
from bench.steps.reading import questions
from footfall.pipeline import night
from footfall.pipeline.installation import Installation
from footfall.simulator.sites import TIMEZONES
from footfall.stack.simulation import last_day
from tests.support.database import rows
from tests.support.installation import contents

MANY_NIGHTS = {"history", "midnight", "catching_up", "serving", "streams", "search"}


@pytest.mark.nights
def test_every_step_yields_its_figures(
    anew: Callable[..., AbstractContextManager[Installation]], tmp_path: Path, size: Callable[[Any, Any], Any]
) -> None:
    """All steps but those of many nights, which are measured when it is the whole."""
    with anew(TIMEZONES) as installation:
        another = partial(anew, TIMEZONES, None)
        scene = Scene(
            installation, last_day() - timedelta(days=1), events=500, quiet_events=200, repeats=1, anew=another
        )
        figures = list(measure(scene, STEPS.keys() - size(MANY_NIGHTS, {"history"}) - NOT_EVERYWHERE))
    written = json.loads(report.write(figures, datetime.now(UTC), {"events": 500}, tmp_path).read_text())
    assert [each["seconds"] > 0 for each in written["figures"]] == [True] * len(figures)
    assert [each["target"] for each in written["figures"] if not each["ratio"]] == size(
        ["≤ 20 s"],
        [
            "≤ 20 s",
            "≤ 15 s, ≤ 1 slices, ≤ 35 microseconds of sql per event",
            "≤ 25 p99 ms",
            "≤ 3 p99 ms",
            "≤ 300 slowest ms",
            "≤ 1,000 slowest ms",
            "≤ 2 s, ≤ 100 core percent, ≤ 0 missed, ≤ 0 ended",
            *["≤ 50 most ms"] * 4,
        ],
    )
    assert report.table(figures).row_count == len(figures)
    nights = [each for each in written["figures"] if "steps" in each["details"]]
    reported = [sum(each["details"]["steps"].values()) for each in nights]
    assert reported == pytest.approx([each["seconds"] for each in nights], abs=0.1)


def test_each_detail_is_a_line_of_the_report_whatever_it_is() -> None:
    details = {"peak_memory_mb": 1234, "seconds": [1.5, 2.0], "steps": {"load": 0.5}, "p50_ms": None}
    figure = Figure("a night", None, Target(), (1.0,), details=details)
    assert report.details([figure]) == [
        "a night: peak memory mb 1,234",
        "a night: seconds 1.5, 2.0",
        "a night: steps load 0.5",
        "a night: p50 ms –",
    ]


@pytest.mark.nights
def test_a_warehouse_with_a_past_is_like_any_other(
    anew: Callable[..., AbstractContextManager[Installation]], tmp_path: Path
) -> None:
    with anew(TIMEZONES) as installation:
        days = Days.fill(tmp_path, events=50, nights=1)
        have_past(installation, days, days.built.days)
        copy_back(installation, days.built)
        assert rows(installation.engine, "select count(distinct event_date) from marts.daily_stats") == [(90,)]
        have_past(installation, days, days.nights)
        published = contents(installation)
        night.rebuild(installation, days.built, say=lambda line: None)
        rebuilt = contents(installation)
        # The copied days are in no week or month, until one of its days is built.
        assert rebuilt | {"visitor_sketches": published["visitor_sketches"]} == published
        figure = questions.measure(installation, days.built, repeats=1)
        assert rows(installation.engine, "select count(distinct site_id) from marts.daily_stats") == [(20,)]
    assert figure.details["times_faster"].keys() == questions.RAW.keys()


def test_the_ratio_is_of_the_medians() -> None:
    figure = Figure("this", "that", Target(at_most=2), (9.0, 2.0, 3.0), (1.0, 1.5, 8.0))
    assert (figure.ratio, figure.is_met) == (2.0, True)


def test_what_is_to_be_faster_is_reported_as_times_faster() -> None:
    figure = Figure("this", "that", Target(times_faster=20), (0.5,), (5.0,))
    assert (figure.ratio, figure.is_met) == (10.0, False)


def test_what_is_seen_by_the_way_has_limits_too() -> None:
    target = Target(at_most=2, at_most_of={"p99_ms": 25}, at_least_of={"events_per_second": 1000})
    seen = [
        {"p99_ms": 25, "events_per_second": 1000},
        {"p99_ms": 26, "events_per_second": 1000},
        {"p99_ms": 1, "events_per_second": 999},
    ]
    assert [Figure("this", "that", target, (1.0,), (1.0,), each).is_met for each in seen] == [True, False, False]


def test_a_step_brings_what_it_needs() -> None:
    assert with_needs(["checks", "collector"]) == {"collector", "load", "build", "checks"}


def test_the_chart_shows_every_second_of_a_night() -> None:
    drawn = fromstring(draw({"a night": {"start": 1.0, "dbt": 5.0, "finish": 2.0}, "another": {"load": 4.0}}))
    bars = [each for each in drawn.iter("{http://www.w3.org/2000/svg}rect") if each.get("height") == str(HEIGHT)]
    assert sum(float(bar.get("width", 0)) for bar in bars) == pytest.approx(WIDTH + WIDTH / 2)
