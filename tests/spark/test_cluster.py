"""A standalone cluster of a master and two workers, and what a night makes of it when parts of it die."""

import json
import threading
from pathlib import Path

import pytest

from footfall.pipeline import candidates, engine, night
from footfall.spark import folder, session
from footfall.spark.needs import SparkError
from runtime.settings import BuildEngine
from tests.support.events import Landing
from tests.support.installation import contents, with_settings
from tests.support.spark import history
from tests.support.spark.cluster import MASTER, WORKERS, running_cluster
from tests.support.spark.comparison import differing, put_aside

pytestmark = [pytest.mark.spark, pytest.mark.proof]
QUIETLY = {"say": lambda line: None}
IN_THE_MIDDLE = "build-*/warehouse/intermediate.db/int_event_sessions_*/_temporary"
"""A folder that is there while tasks write the sessions of events."""


def remote_bytes(events: Path) -> int:
    """Bytes that tasks have read from shuffles of other workers, by Spark's event logs."""
    lines = (line for path in events.rglob("*") if path.is_file() for line in path.read_text().splitlines())
    ends = (json.loads(line) for line in lines if '"SparkListenerTaskEnd"' in line)
    read = (end.get("Task Metrics", {}).get("Shuffle Read Metrics", {}) for end in ends)
    return sum(each.get("Remote Bytes Read", 0) for each in read)


def test_a_cluster_shuffles_between_its_workers_loses_one_and_gives_the_same_rows(anew, tmp_path, event_log):
    with anew(history.ZONES) as installation, running_cluster(tmp_path) as cluster:
        history.land(Landing(installation.settings.landing), history.early())
        night.load(installation)
        candidates.build(installation, night.next_slice(installation))
        put_aside(installation)
        here = with_settings(installation, engine=BuildEngine.SPARK, spark_url=cluster.url)
        is_over, killed = threading.Event(), []

        def kill_one() -> None:
            while not is_over.wait(0.01):
                if list(here.settings.spark.glob(IN_THE_MIDDLE)):
                    cluster.kill(WORKERS[1])
                    killed.append(WORKERS[1])
                    return

        killer = threading.Thread(target=kill_one)
        killer.start()
        with folder.files_of_a_build(here.settings) as files, engine.ran(here, files) as done:
            assert done.failed is None, done.failed
            assert differing(installation, done) == {}
        is_over.set()
        killer.join()
        assert killed
        assert remote_bytes(event_log) > 0


def test_a_cluster_that_dies_costs_the_night_an_error_and_the_next_night_publishes(anew, tmp_path, monkeypatch):
    monkeypatch.setattr(session, "WORKERS_SECONDS", 10.0)
    with anew(history.ZONES) as installation:
        history.land(Landing(installation.settings.landing), history.early())
        night.nightly(installation, **QUIETLY)
        before = contents(installation)
        history.land(Landing(installation.settings.landing), history.late())
        (tmp_path / "cluster").mkdir()
        with running_cluster(tmp_path / "cluster") as cluster:
            here = with_settings(installation, engine=BuildEngine.SPARK, spark_url=cluster.url)
            is_over = threading.Event()

            def kill_all() -> None:
                while not is_over.wait(0.01):
                    if list(here.settings.spark.glob(IN_THE_MIDDLE)):
                        for address in (*WORKERS, MASTER):
                            cluster.kill(address)
                        return

            killer = threading.Thread(target=kill_all)
            killer.start()
            with pytest.raises(SparkError, match="no worker"):
                night.nightly(here, **QUIETLY)
            is_over.set()
            killer.join()
            with pytest.raises(SparkError, match="does not answer"):
                night.nightly(here, **QUIETLY)
        assert contents(installation) == before
        night.nightly(installation, **QUIETLY)
        assert contents(installation) != before
