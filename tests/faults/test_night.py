"""Faults at every step of a build, a check and a publish: marts change in one commit, or not at all."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from footfall.pipeline import candidates, night
from footfall.pipeline.dbt import BuildFailed
from footfall.pipeline.installation import open_installation
from runtime.settings import Settings
from tests.support.database import rows
from tests.support.events import event
from tests.support.faults.crash_matrix import (
    BEGINNING,
    BUILDING,
    CHECKED,
    CHECKING,
    CRASHED_CHECKS,
    PUBLISHED,
    PUBLISHING,
)
from tests.support.faults.failing import fail, failing
from tests.support.installation import contents
from warehouse.publication.publish import PublishRefused
from warehouse.publication.slices import Slice, SliceError

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
QUIETLY = {"say": lambda line: None}
BUILDING_SESSIONS = (
    "pg_stat_activity where application_name = 'dbt' and state = 'active' and query like '%int_sessions%'"
    " and datname = current_database()"
)


def visits(day: int) -> list[dict]:
    """People who each view two pages on that day of November 2026, one of them over the midnight before it."""
    eve = START.replace(day=day, hour=0) - timedelta(minutes=10)
    return [
        event(start + timedelta(minutes=view * 20), device=f"d{person}", event_id=f"{day}-{person}-{view}")
        for person, start in enumerate([eve, *[START.replace(day=day)] * 3])
        for view in range(2)
    ]


def do(step: Callable[..., Any], settings: Settings, *given: Any) -> None:
    """A step with connections of its own, in whatever process this is."""
    with open_installation(settings) as installation:
        step(installation, *given)


def cut_off(installation, is_built: threading.Event) -> None:
    """Cut each session that is in the middle of the models: statements that are repeated, then dbt's."""
    while not is_built.wait(0.01):
        rows(installation.engine, f"select pg_terminate_backend(pid) from {BUILDING_SESSIONS}")


@pytest.mark.nights
def test_a_night_that_fails_anywhere_in_any_way_publishes_all_or_nothing_and_its_repeat_the_same(
    installation, landing, size
):
    """Acts: the build fails, the check fails, publishing fails, what is published is rebuilt. They share the nights."""
    beginning, checking, crashed_checks, publishing = (
        size(matrix[::3], matrix) for matrix in (BEGINNING, CHECKING, CRASHED_CHECKS, PUBLISHING)
    )
    landing.land(*visits(2))
    night.nightly(installation, **QUIETLY)
    before = contents(installation)
    landing.land(*visits(3))
    night.load(installation)
    wanted = night.next_slice(installation)
    assert wanted

    for fault in beginning:
        fail(fault, do, candidates.build, installation.settings, wanted)
        with pytest.raises(SliceError, match="no candidate"):
            candidates.check(installation)
    is_built = threading.Event()
    cutting = threading.Thread(target=cut_off, args=(installation, is_built))
    cutting.start()
    with pytest.raises(BuildFailed):
        candidates.build(installation, wanted)
    is_built.set()
    cutting.join()
    fail(BUILDING[0], do, candidates.build, installation.settings, wanted)
    with pytest.raises(SliceError, match="no candidate"):
        candidates.check(installation)
    candidates.build(installation, wanted)
    assert contents(installation) == before

    for fault in checking:
        fail(fault, do, candidates.check, installation.settings)
        with pytest.raises(PublishRefused, match="never checked"):
            night.publish(installation)
    for fault in crashed_checks:
        with failing(fault):
            assert not candidates.check(installation).passed, fault
        with pytest.raises(PublishRefused, match="did not pass"):
            night.publish(installation)
    for fault in CHECKED:
        fail(fault, do, candidates.check, installation.settings)
    assert contents(installation) == before
    assert candidates.check(installation).passed

    for fault in publishing:
        fail(fault, do, night.publish, installation.settings)
        assert contents(installation) == before, fault
        assert rows(installation.engine, "select count(*) from ops.publications") == [(1,)]
    for number, fault in enumerate(PUBLISHED, start=1):
        if number > 1:
            landing.land(*visits(number + 2))
            night.load(installation)
            candidates.build(installation, night.next_slice(installation))
            assert candidates.check(installation).passed
        fail(fault, do, night.publish, installation.settings)
        assert rows(installation.engine, "select count(*) from ops.publications") == [(number + 1,)]
        with pytest.raises(SliceError, match="no candidate"):
            night.publish(installation)
        assert night.nightly(installation, **QUIETLY) == []
    after = contents(installation)
    assert len(after["sessions"]) == 4 * (len(PUBLISHED) + 1)
    night.rebuild(installation, Slice(START.date(), START.date() + timedelta(days=len(PUBLISHED))), **QUIETLY)
    for mart, found in contents(installation).items():
        assert found == after[mart], mart
