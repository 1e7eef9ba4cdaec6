from expectations.checks.counting import counting
from expectations.checks.validate import import_great_expectations
from tests.support.libraries.canary import canary


def test_an_expectation_still_takes_what_decides_by_count():
    with canary("great-expectations", "expectations/checks/counting.py"):
        gx = import_great_expectations().expectations
        from great_expectations.expectations.expectation import BatchExpectation

        known = {"column": "a", "meta": {"check": "x"}}
        kinds = {
            gx.ExpectColumnValuesToNotBeNull: (known, "column_values.nonnull.unexpected_count"),
            gx.UnexpectedRowsExpectation: (
                {"unexpected_rows_query": "select 1 from {batch}", "meta": {"check": "x"}},
                "unexpected_rows_query.row_count",
            ),
        }
        for kind, (arguments, metric) in kinds.items():
            assert issubclass(kind, BatchExpectation), f"{kind.__name__} is no BatchExpectation"
            for name in ("metric_dependencies", "get_validation_dependencies", "configuration", "_validate"):
                assert hasattr(kind, name), f"{kind.__name__} has no {name}"
            made = counting(kind)(**arguments)
            asked = set(made.get_validation_dependencies().get_metric_names())
            assert metric in asked, f"{kind.__name__} asks for {sorted(asked)}"
            assert made.configuration is made.configuration, f"{kind.__name__} makes its configuration anew"
            assert made._validate({metric: 0}) == {"success": True}
            assert made._validate({metric: 3}) == {"success": False}
