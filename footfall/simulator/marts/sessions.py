"""The rows of sessions."""

from collections import Counter
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any
from urllib.parse import parse_qs, urlsplit

from footfall.simulator.engagement import engagement
from footfall.simulator.marts.rows import Row, grouped
from footfall.simulator.session import Session

_CLICK_IDS = ("gclid", "msclkid", "fbclid", "ttclid")


def session_rows(sessions: Iterable[Session]) -> list[Row]:
    """One row per session."""
    in_order = sorted(sessions, key=lambda session: session.times[0])
    return [
        {
            **_identity(session),
            "end_cause": _end_cause(session, after),
            **_engagement(session),
            **_figures(session),
            **_origin(session),
            **_signing(session),
        }
        for _, own in grouped(in_order, lambda session: (session.site, session.visitor_id))
        for session, after in zip_longest(own, own[1:])
    ]


def path_of(event: dict[str, Any]) -> str:
    """Return the path of the page on which an event happened."""
    return urlsplit(event["page_url"]).path


def none(name: str) -> str | None:
    """Return a name of a daily table as marts of single things have it: null, not a word, for what is missing."""
    return None if name == "(none)" else name


def _identity(session: Session) -> Row:
    device, (first, last) = session.device, (min(session.times), max(session.times))
    screen = device.browser.screen or (None, None)
    return {
        "site_id": session.site,
        "session_id": session.id,
        "first_event_id": session.id,
        "event_date": session.day,
        "visitor_id": session.visitor_id,
        "anonymous_id": device.anonymous_id,
        "user_id": session.user_id,
        "is_anonymous": session.user_id is None,
        "started_at": first,
        "ended_at": last,
        "duration_seconds": (last - first) // 1000,
        "client_session_id": session.events[0]["session_id"],
        "start_cause": session.start_cause,
        "device_type": device.browser.kind,
        "browser": device.browser.name,
        "os": device.browser.os,
        "screen_width": screen[0],
        "screen_height": screen[1],
        "is_bot": device.is_bot,
    }


def _end_cause(session: Session, after: Session | None) -> str:
    last = session.in_order()[-1][1]
    if last["event_name"] == "user_signed_out" or last.get("properties") == {"reason": "sign_out"}:
        return "signed_out"
    if after and after.start_cause in ("user_switch", "midnight_cut"):
        return after.start_cause
    return "page_unload" if last.get("properties") == {"reason": "page_unload"} else "timeout"


def _engagement(session: Session) -> Row:
    measured = engagement(session)
    by_time, by_scroll, by_clicks = measured.criteria
    return {
        "page_view_count": measured.page_views,
        "engaged_seconds": measured.engaged_ms // 1000,
        "scroll_depth_percent": measured.scroll_depth,
        "click_count": measured.clicks,
        "is_engaged_by_time": by_time,
        "is_engaged_by_scroll": by_scroll,
        "is_engaged_by_clicks": by_clicks,
        "is_engaged": measured.is_engaged,
        "is_engaged_ga4": measured.is_engaged_ga4,
        "is_bounce": measured.is_bounce,
        "has_key_event": measured.has_key_event,
    }


def _figures(session: Session) -> Row:
    counts = Counter(event["event_name"] for event in session.events)
    responses = [
        event["properties"]["response_ms"] for event in session.events if event["event_name"] == "message_received"
    ]
    triggers = [
        event["properties"]["triggered_by"] for _, event in session.in_order() if event["event_name"] == "widget_opened"
    ]
    return {
        "event_count": len(session.events),
        "event_counts": dict(counts),
        "widget_loaded_count": counts["widget_loaded"],
        "widget_opened_count": counts["widget_opened"],
        "widget_minimized_count": counts["widget_minimized"],
        "triggered_by": triggers[0] if triggers else None,
        "messages_sent_count": counts["message_sent"],
        "messages_received_count": counts["message_received"],
        "response_count": len(responses),
        "response_ms_total": sum(responses),
        "avg_response_time_ms": sum(responses) // len(responses) if responses else None,
        "had_conversation": counts["message_sent"] > 0,
        "completed_pre_chat_form": counts["pre_chat_form_submitted"] > 0,
        "error_count": counts["widget_error"] + counts["api_error"] + counts["payment_failed"],
        "review_count": counts["review_posted"],
    }


def _origin(session: Session) -> Row:
    views = [event for _, event in session.in_order() if event["event_name"] == "page_viewed"]
    traffic, tags = session.traffic, parse_qs(urlsplit(views[0]["page_url"]).query)
    return {
        "landing_page": path_of(views[0]),
        "exit_page": path_of(views[-1]),
        "referrer": views[0].get("referrer") if none(traffic.referrer_host) else None,
        "referrer_host": none(traffic.referrer_host),
        "channel": traffic.channel,
        "source": traffic.source,
        "medium": traffic.medium,
        "campaign": none(traffic.campaign),
        **{name: tags.get(name, [None])[0] for name in ("utm_source", "utm_medium", "utm_campaign")},
        "click_id": next((name for name in _CLICK_IDS if name in tags), None),
    }


def _signing(session: Session) -> Row:
    moments = session.in_order()
    known = [at for at, event in moments if "user_id" in event and session.device.anonymous_id]
    signed_up = [at for at, event in moments if event["event_name"] == "user_signed_up"]
    signed_in = [at for at, event in moments if event["event_name"] in ("user_signed_up", "user_signed_in")]
    return {
        "identified_at": known[0] if known else None,
        "anonymous_page_view_count": sum(
            at < known[0] and event["event_name"] == "page_viewed" for at, event in moments
        )
        if known
        else None,
        "signed_up_at": signed_up[0] if signed_up else None,
        "signed_in_at": signed_in[-1] if signed_in else None,
    }
