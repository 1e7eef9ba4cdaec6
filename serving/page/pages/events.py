"""Events: which there are, and those of a name, a session or a value of a declared property, newest first."""

from serving.page.card import Card, Column, Page, bars_of
from serving.page.words import Kind

_FOUND = (
    Column("occurred_at", "When", Kind.MOMENT, means="events.occurred_at"),
    Column("event_name", "Event", Kind.TEXT, means="events.event_name"),
    Column("page_path", "Page", Kind.TEXT, means="events.page_path"),
    Column("user_id", "Customer", Kind.TEXT, means="events.user_id"),
    Column("properties", "Properties", Kind.OBJECT, means="events.properties"),
    Column("session_id", "Session", Kind.TEXT, filters="session"),
)

PAGE = Page(
    "events",
    "Events",
    "Which events there are. Search them by name, session, or the value of a declared property.",
    cards=(
        Card(
            "by_property",
            "Events with this value",
            "property_search",
            _FOUND,
            given={"rows": 100},
            needs="property",
            is_wide=True,
            empty="No event of this name has this value of the property on these days, or it is not declared.",
            note="The newest 100. `footfall property add` declares a property.",
        ),
        Card(
            "found",
            "Events",
            "event_search",
            _FOUND,
            given={"rows": 100},
            unless="property",
            is_wide=True,
            empty="No event on these days, or none of this name and session.",
            note="The newest 100. The API has further pages: `/v1/sites/SITE/events/search`.",
        ),
        Card(
            "names",
            "Names of events",
            "top_events",
            (
                Column("event_name", "Event", Kind.TEXT, filters="name"),
                Column("event_count", "Events", means="daily_event_stats.event_count"),
                Column("session_count", "Sessions", means="daily_event_stats.session_count"),
            ),
            bars_of("event_name", "event_count", "event", "events"),
            given={"rows": 15},
            empty="No events on these days. Choose other days.",
        ),
        Card(
            "properties",
            "Declared properties",
            "declared_properties",
            (
                Column("event_name", "Event", Kind.TEXT),
                Column("property", "Property", Kind.TEXT),
                Column("type", "Type", Kind.TEXT),
                Column("description", "Meaning", Kind.TEXT),
            ),
            empty="None: `footfall property add` declares one, and events are then found by its values.",
        ),
    ),
    takes=frozenset({"name", "session", "property", "value"}),
    template="events.html",
)
