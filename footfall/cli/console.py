"""The output of the command line: tables, progress bars, errors."""

import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from rich.progress import Progress

console = Console(highlight=False)
"""Standard output: what a person asked for."""
errors = Console(stderr=True, highlight=False)
"""Standard error: what a person must know."""


def say(line: str) -> None:
    """Print one line of progress."""
    console.print(line, markup=False, soft_wrap=True)


def interrupted() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set from now on. They no longer end the process."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def complain(message: str) -> None:
    """Print what went wrong and what to do."""
    errors.print("error:", style="bold red", end=" ")
    errors.print(message, markup=False, soft_wrap=True)
    sys.exit(1)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows under a title: numbers right-aligned, None as an empty cell."""
    rows = [list(row) for row in rows]
    drawn = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[number] or None, int | float | Decimal | None) for row in rows)
        drawn.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(_cell(value) for value in row))
    console.print(drawn)


def progress() -> "Progress":
    """Return a progress bar that disappears when it is done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

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
