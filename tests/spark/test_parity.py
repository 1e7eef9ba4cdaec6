"""Nights on Spark: each relation has PostgreSQL's rows, and what is published passed the same gate."""

import pytest

from footfall.pipeline import candidates, engine, night
from runtime.settings import BuildEngine
from tests.support.database import rows
from tests.support.events import Landing
from tests.support.installation import contents, with_settings
from tests.support.spark.comparison import differing, put_aside
from tests.support.spark.history import SITES, land

pytestmark = pytest.mark.spark
ON_SPARK = {"engine": BuildEngine.SPARK, "spark_url": "local[2]"}
SLICES = (range(0, 2), range(2, 4))


def test_in_two_nights_each_relation_has_the_same_rows_on_both_engines(anew, monkeypatch):
    with anew(SITES) as installation:
        here, found, bring_back = with_settings(installation, **ON_SPARK), [], engine._bring_back

        def compare_and_bring_back(open_one, done, relations):
            found.append(differing(installation, done))
            bring_back(open_one, done, relations)

        monkeypatch.setattr(engine, "_bring_back", compare_and_bring_back)
        for number, days in enumerate(SLICES):
            land(Landing(here.settings.landing), days, seed=number)
            night.load(installation)
            candidates.build(installation, night.next_slice(installation))
            put_aside(installation)
            night.nightly(here, say=lambda line: None)
        assert found == [{}, {}]
        assert rows(here.engine, "select count(*) from ops.publications") == [(len(SLICES),)]
        assert len(contents(here)["sessions"]) > 20
        assert not [path for path in here.settings.spark.rglob("*") if path.is_file()]
