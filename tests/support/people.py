"""One person with a mark in every field of every event, and others on the same days, pages and device."""

import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import zstandard

from footfall.pipeline.installation import Installation
from tests.support.database import rows
from tests.support.events import Landing, event, landed_line
from warehouse.postgres.server import BINARIES

MARK = "zq7mark"
USER, DEVICE, PHONE = f"{MARK}-user", f"{MARK}-device", f"{MARK}-phone"
TABLET = "tablet"
"""Of the person and of bea."""
AGENT = f"Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0 {MARK}"


def marked(at: str, device: str | None = DEVICE, name: str = "page_viewed", **fields: Any) -> dict[str, Any]:
    """An event with the mark in every field that is a text."""
    properties = fields.pop("properties", {}) | {f"{MARK}_key": MARK, "nested": {"list": [MARK]}}
    made = (
        event(f"2026-11-{at}", device or "", name)
        | {
            "event_id": f"{MARK} {at} {name} {device}",
            "session_id": f"{MARK}-session",
            "page_url": f"https://shop.example/{MARK}?utm_source={MARK}&utm_medium={MARK}&utm_campaign={MARK}&gclid={MARK}",
            "page_title": f"{MARK} title",
            "referrer": f"https://{MARK}.example/from",
            "page_type": f"{MARK}-type",
            "page_identifier": f"{MARK}-page",
            "properties": properties,
            "user_agent": AGENT,
            "ip": "203.0.113.77",
        }
        | fields
    )
    return made if device else {key: value for key, value in made.items() if key != "anonymous_id"}


def persons() -> list[dict[str, Any]]:
    """What the person did on 2 and 3 November: without a name, by name, on a second device and on another's."""
    contact = {"email": f"{MARK}@example.org", "phone": "+49 30 7777777", "name": f"{MARK} Name"}
    checkout = {"checkout_id": f"{MARK}-checkout", "items": [{"sku": MARK}], "total_amount": 7, "currency": "EUR"}
    community = {"community_id": f"{MARK}-community", "community_slug": f"{MARK}-slug", "visitor_division_id": MARK}
    return [
        marked("02 09:00"),
        marked("02 09:01", name=f"{MARK}_done"),
        marked("02 09:02", name="user_signed_up", user_id=USER),
        marked("02 09:03", name="user_identified", user_id=USER, properties=contact | {"plan": MARK}),
        marked("02 09:04", name="widget_opened", user_id=USER, properties={"triggered_by": MARK}),
        marked("02 23:50", PHONE, user_id=USER),
        marked("03 00:05", PHONE, user_id=USER),
        marked("03 10:00", name="checkout_started", user_id=USER, properties=checkout | {"payment_method": MARK}),
        marked("03 10:01", name="payment_failed", user_id=USER, properties=checkout | contact | {
            "error_code": MARK, "error_message": f"{MARK} failed",
        }),
        marked("03 10:02", name="order_placed", user_id=USER, properties=checkout | {
            "order_id": f"{MARK}-order", "amount": 7, "currency": "EUR",
        }),
        marked("03 10:03", name="booking_placed", user_id=USER, properties={
            "booking_id": f"{MARK}-booking", "service": f"{MARK} massage", "amount": 5, "currency": "EUR",
        }),
        marked("03 10:04", name="community_visited", properties=community),
        marked("03 10:05", None, user_id=USER),
        marked("03 12:00", TABLET, name="user_signed_in", user_id=USER),
        marked("03 12:05", TABLET),
    ]  # fmt: skip


def others() -> list[dict[str, Any]]:
    """Bea, who owns the tablet, and a stranger, on the same days and pages."""
    happened = [
        *(("02 09:00", "stranger", {}), ("02 09:10", "stranger", {}), ("03 09:00", "stranger", {})),
        *(("02 08:00", TABLET, {}), ("02 08:05", TABLET, {"user_id": "bea"}), ("03 11:50", TABLET, {})),
        *(("03 12:30", TABLET, {"user_id": "bea"}), ("03 12:35", TABLET, {}), ("04 09:00", TABLET, {"user_id": "bea"})),
        *(("03 10:00", "bea's", {"user_id": "bea"}), ("03 00:01", "stranger", {})),
    ]
    made = [event(f"2026-11-{at}", device, event_id=f"{device} {at}", **fields) for at, device, fields in happened]
    checkout = {"checkout_id": "c-1", "total_amount": 9, "currency": "EUR"}
    made += [
        event(f"2026-11-03 10:0{n}", "bea's", name, event_id=f"bea's {name}", user_id="bea", properties=given)
        for n, (name, given) in enumerate(
            {
                "checkout_started": checkout,
                "order_placed": checkout | {"order_id": "o-1", "amount": 9},
                "community_visited": {"community_id": "m-1", "community_slug": "music"},
            }.items(),
            start=1,
        )
    ]
    return made


def refused(landing: Landing) -> None:
    """A file that is not what was sealed, with lines of the person's and of others'."""
    landing.land(marked("03 13:00", user_id=USER), event("2026-11-03 13:00", "lost"))
    (segment,) = (path for path in (landing.folder / "sealed").glob("*.zst") if b'"lost"' in unpacked(path))
    segment.write_bytes(zstandard.compress(unpacked(segment).replace(b'"lost"', b'"last"')))


def torn(landing: Landing) -> None:
    """A file put there by hand: a line that is none, and one that ends in the middle."""
    line = landed_line(marked("03 14:00", user_id=USER))
    content = line.replace(b'"kind":"event"', b'"kind":"nothing"') + landed_line(
        event("2026-11-03 14:00", "whole", event_id="whole")
    )
    (landing.folder / "sealed" / "by-hand.ndjson.zst").write_bytes(zstandard.compress(content + line[:-40]))


def rejected() -> list[dict[str, Any]]:
    """What cannot become events."""
    return [
        marked("03 15:00", user_id=USER, screen_width=-1),
        marked("03 15:01", user_id=USER, event_name=f"{MARK} No Name"),
        marked("03 15:02", event_category=MARK),
        # Who it is stands elsewhere.
        marked("03 15:03", "d9", "Bad", userId=USER),
        marked("03 15:04", "d9", user_id=[USER]),
        marked("03 15:05", None, user={"id": USER}),
        marked("03 15:06", None, Device=PHONE),
        marked("03 15:07", "d9", "Bad", page_url=f"https://shop.example/?uid={USER}"),
        # The id of another event, and other content.
        marked("02 09:00")
        | {"page_title": f"{MARK} other", "received_at": datetime.fromisoformat("2026-11-02T10:00Z")},
    ]


def left_open(landing: Landing, *events: dict[str, Any]) -> None:
    """An open segment whose writer died."""
    folder = landing.folder / "open"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "20261103T000000-dead-0.ndjson").write_bytes(b"".join(map(landed_line, events)))


def found_in(installation: Installation, mark: str = MARK) -> list[str]:
    """Lines of a dump of the database, statistics of its planner and files of the home folder in which the mark is."""
    url = installation.database.administrator.render_as_string(hide_password=False).replace("+psycopg", "")
    dump = subprocess.run([BINARIES / "pg_dump", url], capture_output=True, check=True).stdout
    found = [line.decode()[:200] for line in dump.splitlines() if mark.encode() in line]
    found += [
        f"statistics of {name}"
        for (name,) in rows(
            installation.engine,
            "select distinct schemaname || '.' || tablename from pg_stats"
            " where position(:mark in concat(most_common_vals::text, histogram_bounds::text)) > 0",
            mark=mark,
        )
    ]
    files = (path for path in sorted(installation.settings.home.rglob("*")) if path.is_file())
    return found + [
        str(path.relative_to(installation.settings.home))
        for path in files
        if mark in str(path.relative_to(installation.settings.home)) or mark.encode() in unpacked(path)
    ]


def unpacked(path: Path) -> bytes:
    """A file's content, a segment's as its lines."""
    if path.suffix != ".zst":
        return path.read_bytes()
    with path.open("rb") as file:
        return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True).read()
