"""Rules about days, read from the published marts: unusual figures, and what is not published in the morning."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, text

from runtime.settings import Settings
from serving.alarms.believable import WEEK, WEEKS, Believable, believable
from serving.alarms.finding import Find, Finding, undecided
from serving.alarms.pages import of_days, of_site
from serving.alarms.rules import Limits
from serving.whole_days import whole_days
from warehouse.postgres.catalog import columns
from warehouse.postgres.statements import statement

Days = dict[tuple[str, str], dict[date, float]]
"""(site, part) → day → figure, of the days that have one."""

_SPAN = WEEK * WEEKS + 3
_STATS = (
    "select site_id, '' as part, event_date, {column} as figure from marts.daily_stats"
    " where event_date >= :first and site_id = any(:sites)"
)
FIGURES = {
    "sessions": _STATS.format(column="session_count"),
    "visitors": _STATS.format(column="unique_users"),
    "conversions": (
        "select site_id, '' as part, event_date, sum(conversion_count) as figure from marts.daily_traffic"
        " where event_date >= :first and site_id = any(:sites) group by site_id, event_date"
    ),
    "revenue": (
        "select site_id, r.key as part, event_date, r.value::numeric as figure from marts.daily_stats"
        " cross join jsonb_each_text(revenue) r where event_date >= :first and site_id = any(:sites)"
    ),
}
"""Rule → its figures: rows of marts, so that there is one definition of each."""


def unusual(rule: str) -> Find:
    """Return the rule about one figure of a day."""

    def find(connection: Connection, limits: Mapping[str, Limits], now: datetime) -> Iterator[Finding]:
        whole = whole_days(connection, now)
        if not whole or not columns(connection, "marts.daily_stats"):
            return
        given = {"first": min(day.day for day in whole.values()) - timedelta(days=_SPAN), "sites": list(limits)}
        found: Days = {}
        for row in connection.execute(text(FIGURES[rule]), given):
            found.setdefault((row.site_id, row.part), {})[row.event_date] = float(row.figure)
        for (site, part), figures in sorted(found.items()):
            if site not in whole or whole[site].day != whole[site].yesterday:
                yield undecided(rule, site, now, part)
                continue
            day, (bound, least) = whole[site].day, limits[site]
            usual = believable(_before(day, figures), bound)
            value = figures.get(day, 0)
            if usual and usual.usual >= least and not usual.holds(value):
                yield _finding(rule, site, part, day, value, usual, now)

    return find


def _before(day: date, figures: Mapping[date, float]) -> list[float | None]:
    """Return the figures of the days before a day. A day without one has 0, before the first known day none."""
    first = min(figures)
    days = [day - timedelta(days=age) for age in range(WEEK * WEEKS, 0, -1)]
    return [figures.get(each, 0) if each >= first else None for each in days]


def _finding(rule: str, site: str, part: str, day: date, value: float, usual: Believable, now: datetime) -> Finding:
    what = f"{value:,.0f} {part or rule}"
    title = f"Revenue in {part} of {site} is unusual" if part else f"{rule.capitalize()} of {site} are unusual"
    return Finding(
        rule,
        site,
        f"{title}: {value / usual.usual - 1:+.0%}",
        f"{site} had {what} on {day:%A}, {day}. After the eight weeks before, {usual.usual:,.0f} are usual"
        f" on a {day:%A}, and {usual.low:,.0f} to {usual.high:,.0f} believable.",
        of_days(site, day, day),
        now,
        part,
    )


def not_published(
    settings: Settings, connection: Connection, limits: Mapping[str, Limits], now: datetime
) -> Iterator[Finding]:
    """Give the sites whose days still wait at the hour of their own day that the last night had to publish."""
    night = {"began_at": settings.last_night(now), "night_zone": settings.night_zone}
    for row in connection.execute(statement(__file__, "overdue_days"), night | {"now": now, "sites": list(limits)}):
        if row.local_time.hour < limits[row.site_id].threshold:
            yield undecided("not_published", row.site_id, now)
            continue
        days = "A day waits" if row.day_count == 1 else f"{row.day_count} days wait"
        yield Finding(
            "not_published",
            row.site_id,
            f"{row.site_id} is not published",
            f"{days} to be published since {row.marked_at:%Y-%m-%d %H:%M} UTC, from {row.first_day} to {row.last_day}."
            f" The night of {settings.night_at} {settings.night_zone} had to do it. At {row.site_id} it is"
            f" {row.local_time:%H:%M} now.",
            of_site(row.site_id, "trust"),
            row.marked_at,
        )
