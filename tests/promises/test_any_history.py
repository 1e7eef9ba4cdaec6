"""Any history, loaded in any order: the marts are those of one full rebuild, and those of the oracle.

Hypothesis makes up small histories around a change of clocks in one of five zones: visits that cross midnight, clocks
that are wrong, devices that change hands, events that come late, again, or as another event of the same id. They are cut
into segments that land in any order, between loads, nights, parts of nights and rebuilds. `make test-nights` tries two short
histories, `make proof` three long ones, and `--examples N` that many.
"""

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.support.chance.pasts import ZONES, Past, live_through, pasts
from tests.support.installation import with_settings

SHORT, LONG = 3, 5
"""Into how many segments a history is cut."""


@pytest.mark.nights
def test_any_history_gives_the_marts_of_one_rebuild_and_of_the_oracle(anew, pytestconfig, size):
    examples = pytestconfig.getoption("--examples")

    @settings(
        max_examples=examples or size(2, 3),
        derandomize=not examples,
        phases=(Phase.generate, Phase.target, Phase.shrink) if examples else (Phase.generate,),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
    )
    @given(pasts(size(SHORT, LONG)))
    def any_history(past: Past) -> None:
        with anew(ZONES) as installation:
            live_through(with_settings(installation, max_slice_days=past.max_slice_days), past)

    any_history()
