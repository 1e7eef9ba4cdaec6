"""Visitors, the users their devices belonged to, and how an anonymous device got to know its first user."""

from itertools import groupby

from tests.support.oracle.sessions import SECOND


def visitors(rows, intervals) -> list[dict]:
    """One row per visitor, of session rows in order and the rows of identities."""
    current = {(row["site_id"], row["visitor_id"]): row["user_id"] for row in intervals if row["to_at"] is None}
    made = []
    for key, own in by_visitor(rows):
        opening = own[0]
        made.append(
            {
                "site_id": opening["site_id"],
                "visitor_id": opening["visitor_id"],
                "anonymous_id": opening["anonymous_id"],
                "first_seen_at": opening["started_at"],
                "first_seen_date": opening["event_date"],
                "last_seen_at": own[-1]["ended_at"],
                "first_session_id": opening["session_id"],
                "first_landing_page": opening["landing_page"],
                "first_referrer": opening["referrer"],
                "first_channel": opening["channel"],
                "first_source": opening["source"],
                "first_medium": opening["medium"],
                "first_campaign": opening["campaign"],
                "current_user_id": current.get(key) if opening["anonymous_id"] else opening["user_id"],
            }
        )
    return made


def identities(sessions) -> list[dict]:
    """One row per stretch of time in which a device belonged to one user. Of several at one instant the last stays."""
    sightings = [
        (session.site, session.visitor, session.events[session.identified]["occurred_at"], session.user_id, session.id)
        for session in sessions
        if session.identified is not None
    ]
    made = []
    for (site, visitor), own in groupby(sightings, key=lambda sighting: sighting[:2]):
        instants = [list(instant)[-1] for _, instant in groupby(own, key=lambda sighting: sighting[2])]
        stretches = [next(stretch) for _, stretch in groupby(instants, key=lambda sighting: sighting[3])]
        ends = [at for _, _, at, _, _ in stretches[1:]] + [None]
        for (_, _, at, user, session_id), end in zip(stretches, ends, strict=True):
            made.append(
                {
                    "site_id": site,
                    "visitor_id": visitor,
                    "user_id": user,
                    "from_at": at,
                    "to_at": end,
                    "session_id": session_id,
                }
            )
    return made


def conversions(rows, intervals) -> list[dict]:
    """One row per device that was anonymous and got to know its first user."""
    sessions = dict(by_visitor(rows))
    made = []
    for (site, visitor), stretches in groupby(intervals, key=lambda row: (row["site_id"], row["visitor_id"])):
        known = next(stretches)
        own = sessions[site, visitor]
        at = known["from_at"]
        (converting,) = (row for row in own if row["session_id"] == known["session_id"])
        before = [
            row for row in own if row["started_at"] < at or (row is converting and row["anonymous_page_view_count"] > 0)
        ]
        if not before:
            continue
        made.append(
            {
                "site_id": site,
                "visitor_id": visitor,
                "user_id": known["user_id"],
                "converted_at": at,
                "event_date": converting["event_date"],
                "session_id": converting["session_id"],
                "first_session_id": own[0]["session_id"],
                **{name: own[0][name] for name in ("landing_page", "referrer", "channel", "source", "medium")},
                "campaign": own[0]["campaign"],
                "anonymous_session_count": len(before),
                "anonymous_page_view_count": sum(
                    row["anonymous_page_view_count"] if row is converting else row["page_view_count"] for row in before
                ),
                "anonymous_seconds": sum(
                    (at - row["started_at"]) // SECOND if row is converting else row["duration_seconds"]
                    for row in before
                ),
            }
        )
    return made


def by_visitor(rows):
    """((site, visitor), session rows in order) of each visitor."""
    groups = groupby(rows, key=lambda row: (row["site_id"], row["visitor_id"]))
    return [(key, list(own)) for key, own in groups]
