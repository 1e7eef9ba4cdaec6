"""The rows of community_visits and community_visits_daily."""

from collections.abc import Iterable

from footfall.simulator.marts.rows import Row, grouped, rounded
from footfall.simulator.session import Session


def community_visit_rows(sessions: Iterable[Session]) -> list[Row]:
    """One row per visit of a community."""
    rows = []
    for session in sessions:
        for at, event in session.in_order():
            if event["event_name"] != "community_visited":
                continue
            properties = event["properties"]
            mine, theirs = properties.get("visitor_division_id"), properties["community_division_id"]
            rows.append(
                {
                    "site_id": session.site,
                    "event_id": event["event_id"],
                    "session_id": session.id,
                    "event_date": session.day,
                    "visitor_id": session.visitor_id,
                    "user_id": session.user_id,
                    "occurred_at": at,
                    "community_id": properties["community_id"],
                    "community_slug": properties["community_slug"],
                    "visitor_division_id": mine,
                    "community_division_id": theirs,
                    "is_cross_division": mine != theirs if mine and theirs else None,
                    "is_bot": session.device.is_bot,
                }
            )
    return rows


def community_day_rows(visits: Iterable[Row]) -> list[Row]:
    """One row per site, day and community that people visited."""
    rows = []
    for (site, day, community), own in grouped(
        (visit for visit in visits if not visit["is_bot"]),
        lambda visit: (visit["site_id"], visit["event_date"], visit["community_id"]),
    ):
        visitors = {visit["visitor_id"] for visit in own}
        signed_in = {visit["visitor_id"] for visit in own if visit["user_id"]}
        crossing = [visit for visit in own if visit["is_cross_division"]]
        rows.append(
            {
                "site_id": site,
                "event_date": day,
                "community_id": community,
                "community_slug": max(visit["community_slug"] for visit in own),
                "visit_count": len(own),
                "visitor_count": len(visitors),
                "signed_in_visitor_count": len(signed_in),
                "anonymous_visitor_count": len(visitors - signed_in),
                "signed_in_share": rounded(100 * len(signed_in), len(visitors)),
                "cross_division_visit_count": len(crossing),
                "cross_division_visitor_count": len({visit["visitor_id"] for visit in crossing}),
            }
        )
    return rows
