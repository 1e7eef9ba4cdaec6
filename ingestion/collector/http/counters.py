"""The counts of all collector processes, in shared memory, and their Prometheus page.

Each process adds in its own row, so that no lock is needed; a page sums the rows, whichever process draws it.
"""

import mmap
from collections.abc import Iterator
from typing import Final

from ingestion.collector.http.refusals import Refusals

POSTS_REFUSED: Final = "footfall_collector_posts_refused_total"
REFUSED_AT: Final = "footfall_collector_post_refused_at_seconds"
STATUSES: Final = (200, 202, 204, 400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503)

_HELP: Final = {
    "requests_total": ("counter", "Requests answered, by status."),
    "events_accepted_total": ("counter", "Events landed as valid."),
    "events_rejected_total": ("counter", "Events landed as rejects."),
    "landed_bytes_total": ("counter", "Bytes fsynced into the landing zone."),
    "commits_total": ("counter", "Group commits: one write and one fsync each."),
    "commit_failures_total": ("counter", "Group commits that the landing zone refused."),
    "commit_microseconds_total": ("counter", "Time spent in group commits."),
    "segments_sealed_total": ("counter", "Segments sealed when their writers had finished them."),
    "segments_recovered_total": ("counter", "Segments of dead processes sealed."),
    "torn_lines_total": (
        "counter",
        "Lines cut off because their writer died in mid-write; never acknowledged.",
    ),
    "torn_bytes_total": ("counter", "Bytes of those lines."),
    "requests_in_flight": ("gauge", "Requests being read or landed."),
}
_SERIES: Final = tuple(
    series
    for name in _HELP
    for series in ([f'{name}{{status="{status}"}}' for status in STATUSES] if name == "requests_total" else [name])
)
_COLUMN: Final = {series: column for column, series in enumerate(_SERIES)}
_COLUMN_OF_STATUS: Final = {status: _COLUMN[f'requests_total{{status="{status}"}}'] for status in STATUSES}


class Counters:
    """A table of whole numbers: a row per process, a column per series. Make it before forking."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._cells = memoryview(mmap.mmap(-1, rows * len(_SERIES) * 8)).cast("q")
        self.refusals = Refusals(rows)

    def row(self, number: int) -> "Row":
        """Return the row in which one process counts."""
        start = number * len(_SERIES)
        return Row(self, self._cells[start : start + len(_SERIES)], number)

    def page(self) -> str:
        """Draw the sums in Prometheus' text format."""
        lines, width = [], len(_SERIES)
        described = set()
        for column, series in enumerate(_SERIES):
            name = series.partition("{")[0]
            if name not in described:
                described.add(name)
                kind, meaning = _HELP[name]
                lines += [
                    f"# HELP footfall_collector_{name} {meaning}",
                    f"# TYPE footfall_collector_{name} {kind}",
                ]
            lines.append(f"footfall_collector_{series} {sum(self._cells[column::width])}")
        return "\n".join([*lines, *self._refused()]) + "\n"

    def _refused(self) -> Iterator[str]:
        seen = sorted(self.refusals.seen().items())
        for name, kind, meaning, number in (
            (POSTS_REFUSED, "counter", "Posts refused of late, by reason, site of the key and origin of the page.", 0),
            (REFUSED_AT, "gauge", "When such a post was last refused, in seconds since 1970.", 1),
        ):
            yield f"# HELP {name} {meaning}"
            yield f"# TYPE {name} {kind}"
            for (reason, site_id, origin), counted in seen:
                yield f'{name}{{reason="{reason}",site="{site_id}",origin="{origin}"}} {counted[number]}'


class Row:
    """One process's counts."""

    def __init__(self, counters: Counters, cells: memoryview, number: int) -> None:
        self.counters = counters
        self.refusals = counters.refusals.of_process(number)
        self._cells = cells
        self._cells[_COLUMN["requests_in_flight"]] = 0

    def add(self, series: str, number: int = 1) -> None:
        """Count."""
        self._cells[_COLUMN[series]] += number

    def count_answer(self, status: int) -> None:
        """Count an answered request."""
        self._cells[_COLUMN_OF_STATUS[status]] += 1

    def get(self, series: str) -> int:
        """Return this process's own count."""
        return int(self._cells[_COLUMN[series]])
