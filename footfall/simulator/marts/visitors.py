"""The rows of visitors, identities and conversions, from the rows of sessions."""

from collections.abc import Iterable
from itertools import zip_longest

from footfall.simulator.marts.rows import Row, grouped


def visitor_rows(sessions: Iterable[Row], identities: Iterable[Row]) -> list[Row]:
    """One row per device, or per user where no device is known."""
    current = {
        (identity["site_id"], identity["visitor_id"]): identity["user_id"]
        for identity in identities
        if identity["to_at"] is None
    }
    return [
        {
            "site_id": site,
            "visitor_id": visitor,
            "anonymous_id": own[0]["anonymous_id"],
            "first_seen_at": own[0]["started_at"],
            "first_seen_date": own[0]["event_date"],
            "last_seen_at": max(session["ended_at"] for session in own),
            "first_session_id": own[0]["session_id"],
            "first_landing_page": own[0]["landing_page"],
            "first_referrer": own[0]["referrer"],
            "first_channel": own[0]["channel"],
            "first_source": own[0]["source"],
            "first_medium": own[0]["medium"],
            "first_campaign": own[0]["campaign"],
            "current_user_id": current.get((site, visitor)) or (None if own[0]["anonymous_id"] else own[0]["user_id"]),
        }
        for (site, visitor), own in _histories(sessions)
    ]


def identity_rows(sessions: Iterable[Row]) -> list[Row]:
    """One row per stretch of time in which a device belonged to one user."""
    rows = []
    for (site, visitor), own in _histories(sessions):
        known = [session for session in own if session["identified_at"]]
        changes = [
            session
            for before, session in zip([None, *known], known, strict=False)
            if before is None or before["user_id"] != session["user_id"]
        ]
        rows += [
            {
                "site_id": site,
                "visitor_id": visitor,
                "user_id": session["user_id"],
                "from_at": session["identified_at"],
                "to_at": after["identified_at"] if after else None,
                "session_id": session["session_id"],
            }
            for session, after in zip_longest(changes, changes[1:])
        ]
    return rows


def conversion_rows(sessions: Iterable[Row], visits: Iterable[Row]) -> list[Row]:
    """One row per device that got to know its first user."""
    views = dict(grouped(visits, lambda visit: (visit["site_id"], visit["session_id"])))
    rows = []
    for (site, visitor), own in _histories(sessions):
        converting = next((session for session in own if session["identified_at"]), None)
        if not converting:
            continue
        at, first = converting["identified_at"], own[0]
        before = [session for session in own if session["started_at"] < at]
        rows.append(
            {
                "site_id": site,
                "visitor_id": visitor,
                "user_id": converting["user_id"],
                "converted_at": at,
                "event_date": converting["event_date"],
                "session_id": converting["session_id"],
                "first_session_id": first["session_id"],
                **{name: first[name] for name in ("landing_page", "referrer", "channel", "source", "medium")},
                "campaign": first["campaign"],
                "anonymous_session_count": len(before),
                "anonymous_page_view_count": sum(
                    view["entered_at"] < at for session in before for view in views[site, session["session_id"]]
                ),
                "anonymous_seconds": sum(
                    (min(session["ended_at"], at) - session["started_at"]) // 1000 for session in before
                ),
            }
        )
    return rows


def _histories(sessions: Iterable[Row]) -> list[tuple[tuple[str, ...], list[Row]]]:
    ordered = sorted(sessions, key=lambda session: session["started_at"])
    return grouped(ordered, lambda session: (session["site_id"], session["visitor_id"]))
