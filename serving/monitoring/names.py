"""Every figure that the page of monitoring has: its name, its labels, and what it says. Reads nothing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

PREFIX = "footfall_"


class Figure(NamedTuple):
    """One value: the name without its prefix, the values of its labels, and the number."""

    name: str
    labels: Mapping[str, str]
    value: float


class Meaning(NamedTuple):
    """What a name stands for."""

    help: str
    labels: tuple[str, ...] = ()


GAUGES: Mapping[str, Meaning] = {
    "info": Meaning("1, with the version of the programs.", ("version",)),
    "process_up": Meaning("Whether a process that was started, and not stopped since, runs.", ("process",)),
    "database_up": Meaning(
        "Whether the database answers. Without it all figures from `published_until` on are missing."
    ),
    "home_free_bytes": Meaning("Free bytes of the disk of the home."),
    "home_size_bytes": Meaning("All bytes of the disk of the home."),
    "landing_files": Meaning("Files of the landing zone by stage; `sealed` ones wait to be loaded.", ("stage",)),
    "landing_bytes": Meaning("Bytes of the same files.", ("stage",)),
    "landing_oldest_timestamp_seconds": Meaning("When the oldest file that waits to be loaded was last written."),
    "night_step_seconds": Meaning("How long a step of the night took when it last ended well.", ("step",)),
    "backup_timestamp_seconds": Meaning("When the last backup was made; missing where there is none."),
    "published_until_timestamp_seconds": Meaning("Up to when a site is published.", ("site",)),
    "publication_timestamp_seconds": Meaning("When something was last published."),
    "dirty": Meaning("Days of a site that wait to be built.", ("site",)),
    "dirty_oldest_timestamp_seconds": Meaning("Since when the oldest of them waits.", ("site",)),
    "held_back": Meaning("Days of a site that failed a check and wait for a decision.", ("site",)),
    "audit_passed": Meaning("Whether the last candidate passed its checks."),
    "audit_timestamp_seconds": Meaning("When it was checked."),
    "load_timestamp_seconds": Meaning("When a file was last loaded."),
    "rejects_last_day": Meaning("Events of the last 24 hours that were rejected.", ("site", "reason")),
    "refused_files": Meaning("Landed files that cannot be trusted and wait for a decision."),
    "schema_bytes": Meaning("Size of a schema of the database, indexes too.", ("schema",)),
    "alarms_open": Meaning("Alarms that are open.", ("rule", "site")),
}
"""Name → what it says. All are gauges; times are seconds since 1970, so that `time() - x` is an age."""


def page(figures: Iterable[Figure]) -> str:
    """Write the figures in Prometheus' text format, those of one name together."""
    values: dict[str, list[Figure]] = {name: [] for name in GAUGES}
    for figure in figures:
        values[figure.name].append(figure)
    return "".join(f"{line}\n" for name, found in values.items() if found for line in _lines(name, found))


def _lines(name: str, figures: Iterable[Figure]) -> Iterator[str]:
    yield f"# HELP {PREFIX}{name} {GAUGES[name].help}"
    yield f"# TYPE {PREFIX}{name} gauge"
    for figure in figures:
        labels = ",".join(f'{label}="{_escaped(figure.labels[label])}"' for label in GAUGES[name].labels)
        yield f"{PREFIX}{name}{f'{{{labels}}}' if labels else ''} {figure.value:.15g}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
