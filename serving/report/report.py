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


class ReportError(FootfallError):
    """A day of which there is no report, and why."""


@dataclass(frozen=True)
class Figure:
    """One headline figure of the day and of the same weekday before; None: there was none."""

    name: str
    now: Decimal | int | None
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
    published_at: datetime
    publication: int
    figures: Sequence[Figure]
    days: Sequence[Row]
    """One row a day of four weeks: `event_date`, `session_count`, `visitor_count`; `before`: sessions a week ago."""
    where: Sequence[Where]
    restated: Sequence[Row]
    """`event_date`, `figure`, `old_value`, `new_value`, `causes`: what publications of the last day changed."""
    failed: Sequence[Row]
    """`event_date`, `mart`, `expectation`, `reason`: days that are held back."""


def read(installation: Installation, site: str, day: date) -> Report:
    """Read the report of a day.

    Raises:
        ReportError: no such site, or the day is not published.
        NothingPublished: no mart is published yet.
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
        raise ReportError(f"{day} of {site} has no sessions that are published")
    return Report(
        site,
        zone,
        day,
        before,
        newest.published_at,
        newest.publication_id,
        _figures(trends.get(day), trends.get(before), lambda question, at: ask(question, at, at), day, before),
        _days(trends, day),
        (
            _where("Channels", "sessions", ask, "channels", ("channel", "session_count"), day),
            _where("Pages", "page views", ask, "popular_pages", ("page_path", "page_view_count"), day),
            _where("Devices", "sessions", ask, "device_types", ("device_type", "session_count"), day),
        ),
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
_DAILY = (
    ("Sessions", "session_count", "", "good"),
    ("Visitors", "visitor_count", "", "good"),
    ("New visitors", "new_visitor_count", "", "good"),
    ("Page views", "page_view_count", "", "good"),
    ("Engaged sessions", "engaged_session_count", "", "good"),
    ("Errors", "error_count", "", "bad"),
)


def _figures(
    now: Row | None, before: Row | None, ask: Callable[[str, date], list[Row]], day: date, day_before: date
) -> list[Figure]:
    found = [
        Figure(name, now[column] if now else None, before[column] if before else None, unit, more_is)
        for name, column, unit, more_is in _DAILY
    ]
    sources = [ask("traffic_sources", at) for at in (day, day_before)]
    conversions = [sum(row["conversion_count"] for row in rows) for rows in sources]
    found.insert(2, Figure("Conversions", conversions[0], conversions[1]))
    sold = [{row["currency"]: row["revenue"] for row in ask("revenue", at)} for at in (day, day_before)]
    found += [
        Figure("Revenue", sold[0].get(currency, 0), sold[1].get(currency, 0), currency)
        for currency in sorted(filter(None, sold[0].keys() | sold[1].keys()))
    ]
    return found


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


def _where(
    title: str,
    counts: str,
    ask: Callable[[str, date, date], list[Row]],
    question: str,
    columns: tuple[str, str],
    day: date,
) -> Where:
    name, count = columns
    now, before = (
        {str(row[name] if row[name] is not None else "unknown"): row[count] for row in ask(question, at, at)}
        for at in (day, day - WEEK)
    )
    return Where(title, counts, most_changed(now, before, MOST))
