"""Values as people read them, and what changed in words. Pure."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from runtime.display import shown

NONE = "–"
"""What stands for null."""


class Kind(StrEnum):
    """What a value is."""

    NUMBER = "number"
    MONEY = "money"
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
        return self in (Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.SECONDS)


def written(value: Any, kind: Kind, zone: str = "UTC") -> str:
    """Return a value as text, a moment by the clock of a zone. Nothing in a text from outside acts on the page."""
    if value is None:
        return NONE
    return moment(value, zone) if kind is Kind.MOMENT else _WRITTEN[kind](value)


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


def moment(value: datetime, zone: str = "UTC") -> str:
    """Return a moment by the clock of a zone, or where it is unknown, of UTC: `30 Nov 2026 02:14 CET`."""
    try:
        local = value.astimezone(ZoneInfo(zone))
    except (ValueError, OSError, ZoneInfoNotFoundError):
        local = value.astimezone(UTC)
    return f"{local.day} {local:%b %Y %H:%M %Z}"


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
    """Say in words how a figure differs from that of as many days before; empty where one of them is not known."""
    if now is None or before is None:
        return ""
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
    Kind.MONEY: lambda value: f"{float(value):,.2f}",
    Kind.PERCENT: lambda value: f"{float(value):.1f} %",
    Kind.SECONDS: seconds,
    Kind.DAY: day,
    Kind.YES_NO: lambda value: "yes" if value else "no",
    Kind.OBJECT: lambda value: shown(", ".join(f"{key}: {each}" for key, each in value.items())) or NONE,
    Kind.TEXT: lambda value: shown(str(value)),
}
