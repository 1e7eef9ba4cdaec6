"""The report of a run: a table, and the same as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

from bench.figure import Figure

RESULTS = Path(__file__).with_name("results")


def table(figures: Sequence[Figure]) -> Table:
    """One row per figure."""
    shown = Table("what", "measured against")
    for heading in ("ratio", "target", "seconds", "of the other"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for figure in figures:
        shown.add_row(
            figure.what,
            figure.against or "–",
            _ratio(figure),
            f"[{'green' if figure.is_met else 'red'}]{figure.target}[/]",
            f"{figure.seconds:.2f}",
            "–" if figure.reference_seconds is None else f"{figure.reference_seconds:.2f}",
        )
    return shown


def details(figures: Sequence[Figure]) -> list[str]:
    """Return the details of all figures, one line for each."""
    return [
        f"{figure.what}: {name.replace('_', ' ')} {_text(value)}"
        for figure in figures
        for name, value in figure.details.items()
    ]


def write(figures: Sequence[Figure], at: datetime, asked: dict[str, Any], folder: Path = RESULTS) -> Path:
    """Write every measured time, and a description of the machine, as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at:%Y-%m-%dT%H%M%S}.json"
    machine = {
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "platform": platform.platform(),
        "python": platform.python_version(),
    }
    content = {"at": at.isoformat(), "asked": asked, "machine": machine, "figures": list(map(_json, figures))}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


def _ratio(figure: Figure) -> str:
    return "–" if figure.ratio is None else f"{figure.ratio:.2f} ×"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(item)}" for name, item in value.items())
    if isinstance(value, Sequence):
        return ", ".join(map(_text, value))
    return "–" if value is None else f"{value:,}"


def _json(figure: Figure) -> dict[str, Any]:
    return {
        "what": figure.what,
        "against": figure.against,
        "ratio": figure.ratio,
        "target": str(figure.target),
        "is_met": figure.is_met,
        "seconds": figure.seconds,
        "reference_seconds": figure.reference_seconds,
        "measured": figure.measured,
        "reference": figure.reference,
        "details": figure.details,
    }
