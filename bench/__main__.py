"""`python -m bench`: measure each step beside the least work it needs; print one table, write one file of results."""

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import report
from bench.plan import NOT_EVERYWHERE, STEPS, measure
from bench.scene import fresh_scene

WIDTH = 160
"""Characters of a line that is written to a file."""


def main() -> None:
    """Measure everything in an installation of its own."""
    parser = argparse.ArgumentParser(prog="make bench", description="Ratios that were measured side by side.")
    parser.add_argument("--quick", action="store_true", help="100,000 events rather than a million")
    parser.add_argument("--events", type=int, help="so many, all on one day")
    parser.add_argument("--quiet-events", type=int, default=10_000, help="of a quiet night (10,000)")
    parser.add_argument(
        "--repeats", type=int, help="how often, where that is possible; medians are reported (3; quick: 2)"
    )
    parser.add_argument("--results", type=Path, default=report.RESULTS, help="folder for the results as JSON")
    parser.add_argument(
        "--only",
        type=_steps,
        default=[*STEPS.keys() - NOT_EVERYWHERE],
        help=f"some of {','.join(STEPS)}, and what they need",
    )
    given = parser.parse_args()
    events = given.events or (100_000 if given.quick else 1_000_000)
    repeats = given.repeats or (2 if given.quick else 3)
    console, began, figures = Console(width=None if sys.stdout.isatty() else WIDTH), datetime.now(UTC), []
    try:
        with fresh_scene(events, given.quiet_events, repeats) as scene:
            for figure in measure(scene, given.only):
                figures.append(figure)
                print(f"{figure.what}: {figure.seconds:.2f} s", flush=True)
    finally:  # What was measured is reported also where a later step fails.
        asked = {"events": events, "quiet_events": given.quiet_events, "repeats": repeats}
        written = report.write(figures, began, asked, given.results)
        console.print(report.table(figures))
        for line in report.details(figures):
            console.print(line, style="dim", highlight=False)
        took = (datetime.now(UTC) - began).total_seconds()
        console.print(f"{os.cpu_count()} cores, {took:.0f} s in all; each time that was measured: {written}")


def _steps(names: str) -> list[str]:
    given = names.split(",")
    if unknown := set(given) - set(STEPS):
        raise argparse.ArgumentTypeError(f"no step is called {', '.join(sorted(unknown))}")
    return given


if __name__ == "__main__":
    main()
