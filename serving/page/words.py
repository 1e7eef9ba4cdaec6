"""Values as people read them, and what changed in words. Pure."""

from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from runtime.display import shown

NONE = "–"
"""What stands for null."""


class Kind(StrEnum):
    """What a value is."""

    NUMBER = "number"
    PERCENT = "percent"
    SECONDS = "seconds"
    DAY = "day"
    MOMENT = "moment"
    YES_NO = "yes_no"
    OBJECT = "object"
    TEXT = "text"

    @property
    def is_figure(self) -> bool:
        """Whether it is a number."""
        return self in (Kind.NUMBER, Kind.PERCENT, Kind.SECONDS)


def written(value: Any, kind: Kind) -> str:
    """Return a value as text. Nothing in a text from outside acts on the page."""
    return NONE if value is None else _WRITTEN[kind](value)


def number(value: Any) -> str:
    """Return a number with separators, and two decimals where it has some."""
    rounded = round(float(value), 2)
    return f"{int(rounded):,}" if rounded == int(rounded) else f"{rounded:,.2f}".rstrip("0")


def seconds(value: Any) -> str:
    """Return a duration: `42 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = round(float(value))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def day(value: date) -> str:
    """Return a day: `Mon 30 Nov 2026`."""
    return f"{value:%a} {value.day} {value:%b %Y}"


def moment(value: datetime) -> str:
    """Return a moment: `30 Nov 2026 02:14 UTC`."""
    return f"{value.day} {value:%b %Y %H:%M %Z}"


def period(first: date, last: date) -> str:
    """Return days from one to another, as short as they can be said."""
    if first == last:
        return day(first)
    if first.year != last.year:
        return f"{first.day} {first:%b %Y} to {last.day} {last:%b %Y}"
    if first.month != last.month:
        return f"{first.day} {first:%b} to {last.day} {last:%b %Y}"
    return f"{first.day} to {last.day} {last:%b %Y}"


def days(count: int) -> str:
    """Return `day` or so many `days`."""
    return "day" if count == 1 else f"{count:,} days"


def change(now: Any, before: Any, kind: Kind, count: int) -> str:
    """Say in words how a figure differs from that of as many days before."""
    if now is None or before is None:
        return f"nothing in the {days(count)} before"
    than = f"the {days(count)} before ({written(before, kind)})"
    if now == before:
        return f"as in {than}"
    if kind is Kind.PERCENT:
        return f"{abs(now - before):.1f} points {'more' if now > before else 'less'} than {than}"
    if not before:
        return f"more than {than}"
    percent = 100 * abs(float(now) - float(before)) / float(before)
    return f"{percent:.{0 if percent >= 10 else 1}f} % {'more' if now > before else 'less'} than {than}"


_WRITTEN: dict[Kind, Callable[[Any], str]] = {
    Kind.NUMBER: number,
    Kind.PERCENT: lambda value: f"{float(value):.1f} %",
    Kind.SECONDS: seconds,
    Kind.DAY: day,
    Kind.MOMENT: moment,
    Kind.YES_NO: lambda value: "yes" if value else "no",
    Kind.OBJECT: lambda value: shown(", ".join(f"{key}: {each}" for key, each in value.items())) or NONE,
    Kind.TEXT: lambda value: shown(str(value)),
}
