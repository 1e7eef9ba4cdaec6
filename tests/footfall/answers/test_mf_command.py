import inspect

from tests.support.libraries.canary import canary


def test_mf_still_has_the_names_that_are_replaced():
    with canary("dbt-metricflow", "footfall/answers/mf_command.py"):
        from dbt_metricflow.cli import main
        from dbt_metricflow.cli.dbt_connectors import adapter_backed_client as client

        group = inspect.getsource(main)
        assert "UpdateChecker()" in group, "cli.main makes no UpdateChecker()"
        assert ".check(" in group, "cli.main does not call its check"

        assert "csv_module.writer(csv_fp)" in group, "cli.main writes CSV by another name"
        assert "Halo(" in group, "cli.main turns another spinner"
        assert "print(" not in inspect.getsource(main.query.callback), "mf query prints by another name than click.echo"
        assert "MetricFlowDataTable.create_from_rows(" in inspect.getsource(client), "rows become a table elsewhere"

        from footfall.answers.mf_command import mf

        assert mf() is main.cli
        assert main.UpdateChecker().check("dbt-metricflow", "0") is None
