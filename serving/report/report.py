"""A day of a site against the same weekday before: its figures, read as the analyst by ready questions alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from footfall.answers.questions import Parameters, answer
from footfall.pipeline.installation import Installation
from runtime.errors import FootfallError
from serving.report.change import Change, most_changed
from warehouse.postgres.roles import Role

WEEK = timedelta(days=7)
SHOWN_DAYS = 28
MOST = 6
"""Changes of each kind."""
_ALL = 10_000

Row = Mapping[str, Any]
_Ask = Callable[[str, date, date], list[Row]]
"""Asks a question about days, both included."""


class ReportError(FootfallError):
    """A day of which there is no report, and why."""


@dataclass(frozen=True)
class Figure:
    """One headline figure of the day and of the same weekday before; None: of that one nothing is published."""

    name: str
    now: Decimal | int
    before: Decimal | int | None
    unit: str = ""
    more_is: str = "good"


@dataclass(frozen=True)
class Where:
    """What changed most of one kind: channels, pages or devices."""

    title: str
    counts: str
    """What is counted: sessions or page views."""
    changes: Sequence[Change]


@dataclass(frozen=True)
class Report:
    """All that the report of a day says."""

    site: str
    zone: str
    day: date
    before: date
    is_compared: bool
    """Whether anything is published of the day before."""
    published_at: datetime
    publication: int
    figures: Sequence[Figure]
    days: Sequence[Row]
    """One row a day of four weeks: `event_date`, `session_count`, `visitor_count`; `before`: sessions a week ago."""
    where: Sequence[Where]
    """Empty where nothing is compared."""
    restated: Sequence[Row]
    """`event_date`, `figure`, `old_value`, `new_value`, `causes`: what publications of the last day changed."""
    failed: Sequence[Row]
    """`event_date`, `mart`, `expectation`, `reason`: days that are held back."""


def read(installation: Installation, site: str, day: date) -> Report:
    """Read the report of a day.

    Raises:
        ReportError: no such site, or the day is not published.
    """

    def ask(question: str, first: date, last: date) -> list[Row]:
        names, rows = answer(installation, question, Parameters(site=site, first=first, last=last, rows=_ALL))
        return [dict(zip(names, row, strict=True)) for row in rows]

    before = day - WEEK
    trends = {row["event_date"]: row for row in ask("daily_trends", day - SHOWN_DAYS * timedelta(days=1) - WEEK, day)}
    with installation.engine_of(Role.ANALYST).connect() as connection:
        zone = connection.scalar(text("select timezone from ops.sites where site_id = :site"), {"site": site})
        newest = connection.execute(
            text("select publication_id, published_at from ops.publications order by publication_id desc limit 1")
        ).one_or_none()
        given = {"site": site, "day": day}
        restated = connection.execute(text(_RESTATED), given).mappings().all()
        failed = connection.execute(text(_FAILED), given).mappings().all()
    if zone is None:
        raise ReportError(f"there is no site {site}")
    if newest is None or day not in trends:
        raise ReportError(
            f"{day} of {site} has no sessions that are published: `footfall ask sites` shows which days are"
        )
    return Report(
        site,
        zone,
        day,
        before,
        before >= min(trends),
        newest.published_at,
        newest.publication_id,
        _figures(trends, ask, day, before if before >= min(trends) else None),
        _days(trends, day),
        [_where(*each, ask, day) for each in _KINDS] if before >= min(trends) else [],
        [dict(row) for row in restated],
        [dict(row) for row in failed],
    )


_RESTATED = (
    "select event_date, figure, old_value, new_value, causes from ops.restatements"
    " where site_id = :site and restated_at > (select max(published_at) from ops.publications) - interval '1 day'"
    " order by event_date desc, figure, restatement_id"
)
_FAILED = (
    "select event_date, mart, expectation, reason from ops.held_days where site_id = :site"
    " order by event_date desc, mart, expectation"
)
_KINDS = (
    ("Channels", "sessions", "channels", ("channel", "session_count")),
    ("Pages", "page views", "popular_pages", ("page_path", "page_view_count")),
    ("Devices", "sessions", "device_types", ("device_type", "session_count")),
)
_COUNTS = {
    "Sessions": "session_count",
    "Visitors": "visitor_count",
    "Conversions": "",
    "New visitors": "new_visitor_count",
    "Page views": "page_view_count",
    "Engaged sessions": "engaged_session_count",
    "Errors": "error_count",
}
"""Each headline figure, and its column in `daily_trends`; that of conversions is in `traffic_sources`."""


def _figures(trends: Mapping[date, Row], ask: _Ask, day: date, before: date | None) -> list[Figure]:
    """Return the figures of a day beside those of the one before; None: nothing is published of that."""
    now = _figures_of(trends, ask, day)
    earlier = None if before is None else _figures_of(trends, ask, before)
    sold_before_alone = sorted((earlier or {}).keys() - now.keys())
    return [
        Figure(
            name,
            now.get((name, unit), 0),
            None if earlier is None else earlier.get((name, unit), 0),
            unit,
            "bad" if name == "Errors" else "good",
        )
        for name, unit in [*now, *sold_before_alone]
    ]


def _figures_of(trends: Mapping[date, Row], ask: _Ask, day: date) -> dict[tuple[str, str], Decimal | int]:
    """Return the figures of one day by name and unit. A day without a row had no sessions."""
    counts = {**trends.get(day, {}), "": sum(row["conversion_count"] for row in ask("traffic_sources", day, day))}
    sold = {row["currency"]: row["revenue"] for row in ask("revenue", day, day) if row["currency"]}
    return {
        **{(name, ""): counts.get(column, 0) for name, column in _COUNTS.items()},
        **{("Revenue", currency): sold[currency] for currency in sorted(sold)},
    }


def _days(trends: Mapping[date, Row], last: date) -> list[Row]:
    """Return the days from the first known one on, at most four weeks. A day without a row had no sessions."""
    first = max(last - timedelta(days=SHOWN_DAYS - 1), min(trends))
    dates = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [
        {
            "event_date": day,
            "session_count": trends[day]["session_count"] if day in trends else 0,
            "visitor_count": trends[day]["visitor_count"] if day in trends else 0,
            "before": trends[day - WEEK]["session_count"] if day - WEEK in trends else None,
        }
        for day in dates
    ]


def _where(title: str, counts: str, question: str, columns: tuple[str, str], ask: _Ask, day: date) -> Where:
    name, count = columns
    now, before = (
        {str(row[name] if row[name] is not None else "unknown"): row[count] for row in ask(question, at, at)}
        for at in (day, day - WEEK)
    )
    return Where(title, counts, most_changed(now, before, MOST))
