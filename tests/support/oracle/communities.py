"""Visits to communities, one by one and by day."""

from decimal import Decimal

from tests.support.oracle.events import text
from tests.support.oracle.tables import by, share


def community_visits(session, row) -> list[dict]:
    """A row for each visit to a community in a session, whose own row is given."""
    made = []
    for event in session.events:
        if event["event_name"] != "community_visited":
            continue
        own, its = text(event, "visitor_division_id", 128), text(event, "community_division_id", 128)
        made.append(
            {
                "site_id": session.site,
                "event_id": event["event_id"],
                "session_id": session.id,
                "event_date": session.date,
                "visitor_id": session.visitor,
                "user_id": event["user_id"] or session.user_id,
                "occurred_at": event["occurred_at"],
                "community_id": text(event, "community_id", 128),
                "community_slug": text(event, "community_slug", 128),
                "visitor_division_id": own,
                "community_division_id": its,
                "is_cross_division": own != its if own and its else None,
                "is_bot": row["is_bot"],
            }
        )
    return made


def community_visits_daily(visits) -> list[dict]:
    """One row per site, day and community that people visited."""
    made = []
    for (site, day, community), own in by(visits, "site_id", "event_date", "community_id"):
        visitors = {visit["visitor_id"] for visit in own}
        signed_in = {visit["visitor_id"] for visit in own if visit["user_id"]}
        crossing = [visit for visit in own if visit["is_cross_division"]]
        made.append(
            {
                "site_id": site,
                "event_date": day,
                "community_id": community or "(unknown)",
                "community_slug": max(
                    (visit["community_slug"] for visit in own if visit["community_slug"]), default=None
                ),
                "visit_count": len(own),
                "visitor_count": len(visitors),
                "signed_in_visitor_count": len(signed_in),
                "anonymous_visitor_count": len(visitors - signed_in),
                "signed_in_share": share(Decimal(100 * len(signed_in)), len(visitors)),
                "cross_division_visit_count": len(crossing),
                "cross_division_visitor_count": len({visit["visitor_id"] for visit in crossing}),
            }
        )
    return made
