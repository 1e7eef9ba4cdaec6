"""The output of the command line: tables, lines, progress bars, errors. Nothing else prints.

What it prints may quote strangers. Markup in it is never followed, and what acts on a terminal is shown escaped, also
where the output goes into a pipe or a file.
"""

import logging
import signal
import sys
import threading
import traceback
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console
from rich.table import Table
from rich.text import Text

from runtime.display import escaped_json, shown, shown_lines

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.status import Status

_output = Console(highlight=False, markup=False, emoji=False)
"""Standard output: what a person asked for."""
_errors = Console(stderr=True, highlight=False, markup=False, emoji=False)
"""Standard error: what a person must know."""


def width() -> int:
    """Return how many characters a line of the output has."""
    return _output.width


def say(lines: str = "", style: str | None = None) -> None:
    """Print lines of ours: progress, an answer, a secret that is shown once."""
    _output.print(shown_lines(lines), style=style, soft_wrap=True)


def hand_over(content: bytes) -> None:
    """Write what a program reads, exactly as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def hand_over_json(content: bytes) -> None:
    """Write JSON for a program. A terminal that it lands on sees only text: what acts is escaped, as JSON may."""
    hand_over(escaped_json(content.decode()).encode() + b"\n")


def mark(is_ok: bool, line: str) -> None:
    """Print the result of one check."""
    sign, style = ("✓", "green") if is_ok else ("✗", "red")
    _output.print(sign, style=style, end=" ")
    say(line)


def note(line: str) -> None:
    """Print what goes on, beside the output."""
    _errors.print(shown_lines(line), style="dim", soft_wrap=True)


def warn(message: str) -> None:
    """Print what is wrong and does not stop the command."""
    _report("warning:", "bold yellow", message)


def working(what: str) -> "Status":
    """Return a line that moves while something is done, `with working("importing")`; its `update` changes it."""
    return _errors.status(Text(shown(what)))


def interrupted() -> threading.Event:
    """Return an event that Ctrl-C and SIGTERM set from now on. They no longer end the process."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def complain(message: str) -> NoReturn:
    """Print what went wrong and what to do, and end."""
    _report("error:", "bold red", message)
    sys.exit(1)


def crash(error: Exception) -> NoReturn:
    """Print the traceback of a bug, whose message may quote data, and end."""
    _errors.print(shown_lines("".join(traceback.format_exception(error))), soft_wrap=True)
    sys.exit(1)


def show_logs() -> None:
    """Let what libraries log on standard error be shown like all else."""
    if logging.lastResort:
        logging.lastResort.setFormatter(_Shown())


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows under a title: numbers right-aligned, None as a dash."""
    rows = [list(row) for row in rows]
    drawn = Table(
        title=shown(title), title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False
    )
    for number, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[number] or None, int | float | Decimal | None) for row in rows)
        drawn.add_column(shown(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*map(cell, row))
    _output.print(drawn)


def cell(value: Any) -> str:
    """Return a value as a table shows it."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int | Decimal) and not isinstance(value, bool) else shown(str(value))


def progress() -> "Progress":
    """Return a progress bar that disappears when it is done."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=_errors,
        transient=True,
    )


def _report(word: str, style: str, message: str) -> None:
    _errors.print(word, style=style, end=" ")
    _errors.print(shown_lines(message), soft_wrap=True)


class _Shown(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return shown_lines(super().format(record))
