"""Rules about the last minutes, read from view `live.arrivals`: no events, failed payments, rejects."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from serving.alarms.finding import Finding
from serving.alarms.pages import of_site
from serving.alarms.rules import Limits
from warehouse.postgres.catalog import columns
from warehouse.postgres.statements import statement

_ARRIVALS = text("select * from live.arrivals where site_id = any(:sites) order by site_id")


def no_events(connection: Connection, limits: Mapping[str, Limits], now: datetime) -> Iterator[Finding]:
    """Give the sites without any event in the last hour that usually have sessions at this hour of the weekday."""
    silent = [row.site_id for row in connection.execute(_ARRIVALS, {"sites": list(limits)}) if not row.event_count]
    if not silent or not columns(connection, "marts.sessions"):
        return
    for row in connection.execute(statement(__file__, "usual_hour"), {"sites": silent, "now": now}):
        if row.usual >= limits[row.site_id].threshold:
            yield Finding(
                "no_events",
                row.site_id,
                f"No events from {row.site_id}",
                f"No event happened at {row.site_id} in the last hour. At this hour of a {row.weekday.strip()} it"
                f" usually has {row.usual} sessions (the median of eight weeks). It is"
                f" {row.local_time:%H:%M} there.",
                of_site(row.site_id, "live"),
                now - timedelta(hours=1),
            )


def failed_payments(connection: Connection, limits: Mapping[str, Limits], now: datetime) -> Iterator[Finding]:
    """Give the sites at which too great a share of the payments of the last 15 minutes failed."""
    for site, failed, tried in _too_great(connection, limits, "failed_payment_count", "succeeded_payment_count"):
        threshold, least = limits[site]
        yield Finding(
            "failed_payments",
            site,
            f"Payments fail at {site}",
            f"{failed} of {tried} payments of the last 15 minutes failed ({_percent(failed, tried)}). The alarm is"
            f" raised from {threshold:.0%} and {least:g} failed payments on.",
            of_site(site, "shop"),
            now - timedelta(minutes=15),
        )


def rejects(connection: Connection, limits: Mapping[str, Limits], now: datetime) -> Iterator[Finding]:
    """Give the sites of which too great a share of the events of the last hour was rejected."""
    for site, rejected, sent in _too_great(connection, limits, "rejected_count", "event_count"):
        threshold, least = limits[site]
        yield Finding(
            "rejects",
            site,
            f"Events of {site} are rejected",
            f"{rejected:,} of {sent:,} events of the last hour were rejected ({_percent(rejected, sent)}). The"
            f" alarm is raised from {threshold:.0%} and {least:g} rejected events on. ops.rejects has the reasons.",
            of_site(site, "trust"),
            now - timedelta(hours=1),
        )


def _too_great(
    connection: Connection, limits: Mapping[str, Limits], bad: str, good: str
) -> Iterator[tuple[str, int, int]]:
    """Give site, bad ones and all, where the bad ones are as many, and as great a share, as the rule says."""
    for row in connection.execute(_ARRIVALS, {"sites": list(limits)}).mappings():
        count, whole = row[bad], row[bad] + row[good]
        threshold, least = limits[row["site_id"]]
        if count and count >= least and count / whole >= threshold:
            yield row["site_id"], count, whole


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"
