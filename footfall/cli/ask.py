"""`footfall ask`: ready questions and their answers."""

from typing import Annotated

import typer

from footfall.cli.console import say, table
from footfall.cli.context import installation
from footfall.questions import answer, compiled, questions


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(ask)


def ask(
    question: Annotated[str | None, typer.Argument(help="Its name; without one, all are shown.")] = None,
    site: Annotated[str, typer.Option(help="Only this site; without it, all.")] = "",
    days: Annotated[int, typer.Option(help="The last so many published days; 0: of all time.", min=0)] = 7,
    var: Annotated[list[str] | None, typer.Option(help="Another variable, such as rows=50; repeat for more.")] = None,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL instead of its answer.")] = False,
) -> None:
    """Answer a ready question about what is published."""
    if question is None:
        table("Questions", ["name", "question"], questions().items())
        return
    others = dict(pair.split("=", 1) if "=" in pair else (pair, "true") for pair in var or [])
    with installation() as here:
        query = compiled(here, question, {"site": site, "days": str(days)} | others).read_text().strip()
        if sql:
            say(query)
        else:
            table(questions()[question], *answer(here, query))
