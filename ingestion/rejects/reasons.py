"""What fixes each reason for which an event is rejected. They are given where the rules are, all over `ingestion`."""

from typing import Final

FIXES: Final = {
    "corrupt_line": "The line of the landing zone was damaged or written by hand; look at the disk.",
    "corrupt_segment": "The file was damaged after it was sealed; look at the disk.",
    "duplicate_key": "Name each id once in an event.",
    "id_conflict": "Give every event an event_id of its own; the copy that came first counts.",
    "invalid_field": "Give the field the type and length that docs/events.md names.",
    "invalid_id": "Send a text of at most 128 characters or a whole number; null and its kind are no ids.",
    "invalid_json": "Send JSON in UTF-8; make it with a JSON library, not by joining texts.",
    "invalid_timestamp": "Write client_timestamp as 2026-11-30T09:00:00Z, with the zone, of a year that can be.",
    "missing_field": "Send the field: every event has event_name and client_timestamp.",
    "missing_identity": "Send anonymous_id or user_id; on a cookieless site the address is what identifies.",
    "not_an_object": "Make each element of events an object.",
    "number_out_of_range": "Send numbers that fit int64 or float64; write greater ones as texts.",
    "private": "Nothing: the person has objected, and the event is not stored.",
    "refused_by_database": "PostgreSQL takes no such value; after an update replay with --reason refused_by_database.",
    "segment_too_large": "Divide the file that was put into the landing zone: at most 8 GiB unpacked.",
    "server_key_required": "Send it with the site's server key (footfall site rotate-key NAME --kind server).",
    "too_deep": "Nest properties at most 8 levels deep.",
    "too_large": "Send at most 64 KiB an event and 8 KiB of properties.",
    "too_many_keys": "Send at most 100 keys in properties.",
    "too_old": "Keep raw events for longer (footfall retention set raw_events DAYS); days that are pruned stay closed.",
    "torn_tail": "The file ended in the middle; whole lines before it were loaded.",
    "unknown_site": "Add the site (footfall site add NAME), then replay.",
    "unparsable_line": "Import lines in the format that docs/commands.md names.",
}
"""Reason → what to do, in one sentence or two."""
