"""Nights on Spark: each relation has PostgreSQL's rows, and what is published passed the same gate."""

import pytest

from footfall.pipeline import candidates, engine, night
from runtime.settings import BuildEngine
from tests.support.database import rows
from tests.support.events import Landing
from tests.support.installation import contents, with_settings
from tests.support.spark import history
from tests.support.spark.comparison import differing, put_aside

pytestmark = pytest.mark.spark
ON_SPARK = {"engine": BuildEngine.SPARK, "spark_url": "local[2]"}


def test_in_two_nights_each_relation_has_the_same_rows_on_both_engines(anew, monkeypatch):
    """Acts: a week of hostile events; what comes late and what comes again. Each is built on both, published of Spark."""
    with anew(history.ZONES) as installation:
        here, found, bring_back = with_settings(installation, **ON_SPARK), [], engine._bring_back

        def compare_and_bring_back(open_one, done, relations):
            found.append(differing(installation, done))
            bring_back(open_one, done, relations)

        monkeypatch.setattr(engine, "_bring_back", compare_and_bring_back)
        history.decide(installation)
        for made in (history.early(), history.late()):
            history.land(Landing(here.settings.landing), made)
            night.load(installation)
            candidates.build(installation, night.next_slice(installation))
            put_aside(installation)
            night.nightly(here, say=lambda line: None)
        assert found == [{}, {}]
        assert rows(here.engine, "select count(*) from ops.publications") == [(2,)]
        assert len(contents(here)["sessions"]) > 100
        assert not [path for path in here.settings.spark.rglob("*") if path.is_file()]
