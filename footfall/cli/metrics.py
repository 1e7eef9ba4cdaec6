"""`footfall metrics`: the metrics that dbt defines, asked by name."""

import shlex
from typing import Annotated

import typer

from footfall.cli.console import say, table
from footfall.cli.context import current_installation, note_if_nothing

_TAKES_ALL = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": ["--help"]}

app = typer.Typer(no_args_is_help=True, help="Metrics with one definition each, by MetricFlow.")


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    parent.add_typer(app, name="metrics")


@app.command(context_settings=_TAKES_ALL)
def query(context: typer.Context) -> None:
    """Ask for metrics, with the options of mf query: --metrics sessions,visitors --group-by metric_time__day,site."""
    _mf("query", *context.args)


@app.command("list")
def list_all() -> None:
    """Show all metrics with their definitions."""
    from footfall.answers import metricflow

    with current_installation() as installation:
        table("Metrics", ["metric", "what it is"], metricflow.metrics(installation))
    say("Group by metric_time__day (week, month, …), site, and what `footfall metrics dimensions METRIC` shows.")


@app.command()
def dimensions(metric: Annotated[str, typer.Argument(help="A metric, or several with commas between.")]) -> None:
    """Show what a metric can be grouped by."""
    _mf("list", "dimensions", "--metrics", metric)


@app.command()
def env() -> None:
    """Print what MetricFlow's own command needs: eval "$(footfall metrics env)", then mf query."""
    from footfall.answers import metricflow

    with current_installation() as installation:
        for name, value in metricflow.environment(installation).items():
            typer.echo(f"export {name}={shlex.quote(value)}")


def _mf(*arguments: str) -> None:
    from footfall.answers import metricflow

    with current_installation() as installation:
        note_if_nothing(installation)
        metricflow.run(installation, arguments)
