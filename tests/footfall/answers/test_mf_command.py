import inspect

from tests.support.libraries.canary import canary


def test_mf_still_makes_its_update_checker_by_the_name_that_is_replaced():
    with canary("dbt-metricflow", "footfall/answers/mf_command.py"):
        from dbt_metricflow.cli import main

        group = inspect.getsource(main)
        assert "UpdateChecker()" in group, "cli.main makes no UpdateChecker()"
        assert ".check(" in group, "cli.main does not call its check"

        from footfall.answers.mf_command import mf

        assert mf() is main.cli
        assert main.UpdateChecker().check("dbt-metricflow", "0") is None
