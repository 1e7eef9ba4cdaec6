"""The rows of daily_event_stats, daily_traffic and daily_devices, from those of sessions."""

from collections.abc import Iterable

from footfall.simulator.marts.rows import Row, grouped

_SOURCE = ("channel", "source", "medium", "campaign", "referrer_host")
_DEVICE = ("device_type", "browser", "os")


def daily_event_rows(sessions: Iterable[Row]) -> list[Row]:
    """One row per site, day and event name that people caused."""
    named = ((name, count, session) for session in _people(sessions) for name, count in session["event_counts"].items())
    return [
        {
            "site_id": site,
            "event_date": day,
            "event_name": name,
            "event_count": sum(count for _, count, _ in own),
            "session_count": len(own),
            "visitor_count": len({session["visitor_id"] for _, _, session in own}),
        }
        for (site, day, name), own in grouped(
            named, lambda found: (found[2]["site_id"], found[2]["event_date"], found[0])
        )
    ]


def daily_traffic_rows(sessions: Iterable[Row], conversions: Iterable[Row]) -> list[Row]:
    """One row per site, day and source that people came from."""
    converting = {conversion["session_id"] for conversion in conversions}
    return [
        {
            "site_id": site,
            "event_date": day,
            **dict(zip(_SOURCE, source, strict=True)),
            "session_count": len(own),
            "visitor_count": _visitors(own),
            "new_visitor_count": sum(session["start_cause"] == "first_visit" for session in own),
            "engaged_session_count": sum(session["is_engaged"] for session in own),
            "conversion_count": sum(session["session_id"] in converting for session in own),
        }
        for (site, day, *source), own in grouped(
            _people(sessions),
            lambda session: (
                session["site_id"],
                session["event_date"],
                *(session[name] or "(none)" for name in _SOURCE),
            ),
        )
    ]


def daily_device_rows(sessions: Iterable[Row]) -> list[Row]:
    """One row per site, day, device type, browser and operating system that people used."""
    return [
        {
            "site_id": site,
            "event_date": day,
            **dict(zip(_DEVICE, device, strict=True)),
            "session_count": len(own),
            "visitor_count": _visitors(own),
        }
        for (site, day, *device), own in grouped(
            _people(sessions),
            lambda session: (session["site_id"], session["event_date"], *(session[name] for name in _DEVICE)),
        )
    ]


def _people(sessions: Iterable[Row]) -> list[Row]:
    return [session for session in sessions if not session["is_bot"]]


def _visitors(sessions: list[Row]) -> int:
    return len({session["visitor_id"] for session in sessions})
