"""Any history on Spark: the marts are those of the oracle, and those of one rebuild. Made as for PostgreSQL."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from runtime.settings import BuildEngine
from tests.support.chance.pasts import ZONES, Past, live_through, pasts
from tests.support.installation import with_settings

pytestmark = [pytest.mark.spark, pytest.mark.proof]
SEGMENTS = 3


def test_any_history_gives_the_marts_of_one_rebuild_and_of_the_oracle(anew, pytestconfig):
    @settings(
        max_examples=pytestconfig.getoption("--examples") or 2,
        derandomize=True,
        phases=(Phase.generate,),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(pasts(SEGMENTS))
    def any_history(past: Past) -> None:
        with anew(ZONES) as installation:
            live_through(with_settings(installation, engine=BuildEngine.SPARK, spark_url="local[2]"), past)

    any_history()
