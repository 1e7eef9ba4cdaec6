"""How the command line speaks: tables, progress bars, complaints."""

import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

console = Console(highlight=False)
"""What a person asked for."""
errors = Console(stderr=True, highlight=False)
"""What a person must know."""


def say(line: str) -> None:
    """One line of what is going on."""
    console.print(line, markup=False, soft_wrap=True)


def interrupted() -> threading.Event:
    """Set from now on by Ctrl-C and SIGTERM, which no longer end the process by themselves."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def complain(message: str) -> None:
    """Say what went wrong and what to do."""
    errors.print("error:", style="bold red", end=" ")
    errors.print(message, markup=False, soft_wrap=True)
    sys.exit(1)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows under a title; numbers to the right, and nothing where a cell is empty."""
    rows = [list(row) for row in rows]
    drawn = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[number] or None, int | float | Decimal | None) for row in rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(_cell(value) for value in row))
    console.print(drawn)


def progress() -> Progress:
    """A progress bar, gone when it is done."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=errors,
        transient=True,
    )


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int | Decimal) and not isinstance(value, bool) else str(value)
