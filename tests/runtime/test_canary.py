import pytest

from tests.support.libraries.canary import canary


def test_a_canary_names_library_version_and_module():
    with (
        pytest.raises(
            pytest.fail.Exception, match=r"^pytest \d\S+ moved what footfall/x\.py builds on\. AttributeError"
        ),
        canary("pytest", "footfall/x.py"),
    ):
        pytest.no_such_thing  # noqa: B018
