"""Both engines give the same rows: each relation of two slices, and the marts of nights on either engine."""

import pytest

from footfall.pipeline import candidates, night
from footfall.spark import folder
from runtime.settings import BuildEngine
from tests.support.events import Landing
from tests.support.installation import contents, with_settings
from tests.support.spark.comparison import differing
from tests.support.spark.history import SITES, land

pytestmark = pytest.mark.spark
QUIETLY = {"say": lambda line: None}
ON_SPARK = {"engine": BuildEngine.SPARK, "spark_url": "local[2]"}
SLICES = (range(0, 2), range(2, 4))


def test_each_relation_of_two_publications_has_the_same_rows_on_both_engines(anew):
    with anew(SITES) as installation:
        for number, days in enumerate(SLICES):
            land(Landing(installation.settings.landing), days, seed=number)
            night.load(installation)
            candidates.build(installation, night.next_slice(installation))
            with folder.files_of_a_build(installation.settings) as files:
                assert differing(installation, with_settings(installation, **ON_SPARK), files) == {}
            assert candidates.check(installation).passed
            night.publish(installation)


def test_nights_on_spark_publish_what_nights_on_postgresql_do(anew):
    found = []
    for settings in ({}, ON_SPARK):
        with anew(SITES) as installation:
            here = with_settings(installation, **settings)
            for number, days in enumerate(SLICES):
                land(Landing(here.settings.landing), days, seed=number)
                night.nightly(here, **QUIETLY)
            found.append(contents(here))
            assert not [path for path in here.settings.spark.rglob("*") if path.is_file()]
    assert found[0].keys() == found[1].keys()
    for mart, expected in found[0].items():
        assert found[1][mart] == expected, mart
