"""Make page views of a web server's access log in the Combined Log Format (nginx, Apache).

A device is an address with a user agent: a log has nothing better. An event's id comes from the line's own text, so
that a file imported twice, or again after it has grown, counts once. Identical lines of one file are several hits.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import msgspec

from ingestion.event.reception import Reception
from ingestion.event.validate import Landed, reject, validate
from ingestion.importers.intake import ImportCount, Progress, address, land, silent, user_agent
from ingestion.importers.lines import ImporterError, Line, read_lines

COLLECTOR_ID = "access-log"

_LINE = re.compile(
    r'(?P<address>\S+) \S+ [^["]+ \[(?P<time>[^\]]{26})\] '
    r'"(?P<method>[A-Z]+) (?P<target>\S+)(?: (?P<protocol>[A-Z]+/[\d.]+))?" '
    r'(?P<status>\d{3}) (?P<bytes>\d+|-) "(?P<referrer>(?:[^"\\]|\\.)*)" '
    r'"(?P<user_agent>(?:[^"\\]|\\.)*)"(?: .*)?'
)
_TIME = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STATIC = re.compile(
    r"[^?#]*\.(?:avif|bmp|css|eot|gif|ico|jpe?g|m?js|map|mp[34]|ogg|otf|png|svg|ttf|wasm|web[mp]|woff2?)(?:[?#].*)?",
    re.IGNORECASE,
)


def import_access_log(
    paths: Sequence[Path],
    site_id: str,
    landing: Path,
    include_static: bool = False,
    progress: Progress = silent,
) -> ImportCount:
    """Land the hits of the files as `page_viewed`. Style sheets, pictures and the like are skipped unless included.

    Raises:
        ImporterError: a file cannot be read to its end; the lines before are landed.
        LandingError: the landing zone accepts no lines.
    """
    outcomes = (outcome for path in paths for outcome in _read(path, site_id, include_static))
    return land(outcomes, landing, progress)


def _read(path: Path, site_id: str, include_static: bool) -> Iterator[Landed | None]:
    seen: Counter[bytes] = Counter()
    now = _modified_at(path)
    for line in read_lines(path):
        text = line.content.decode(errors="replace")
        if not text.strip():
            yield None
            continue
        match = _LINE.fullmatch(text)
        hit = match.groupdict() if match else {}
        at = _parse_time(hit.get("time", ""))
        if at is None:
            yield _unparsable(line, Reception(site_id, now, COLLECTOR_ID))
            continue
        # A line without a time gets the time of the line before it.
        now = at
        digest = hashlib.sha256(line.content).digest()
        seen[digest] += 1
        if not include_static and _STATIC.fullmatch(hit["target"]):
            yield None
            continue
        yield _page_view(hit, at, site_id, digest + b"#%d" % seen[digest])


def _page_view(hit: dict[str, str], at: datetime, site_id: str, origin: bytes) -> Landed:
    browser = _given(hit["user_agent"])
    device = hashlib.sha256(f"{hit['address']}\0{browser or ''}".encode()).hexdigest()
    event = {
        "event_id": str(UUID(bytes=hashlib.sha256(origin).digest()[:16], version=5)),
        "event_name": "page_viewed",
        "anonymous_id": device[:32],
        "client_timestamp": at,
        "page_url": hit["target"],
        "referrer": _given(hit["referrer"]),
        "properties": {
            "status": int(hit["status"]),
            "bytes": 0 if hit["bytes"] == "-" else int(hit["bytes"]),
            "method": hit["method"],
            "protocol": hit["protocol"],
        },
    }
    reception = Reception(
        site_id,
        at,
        COLLECTOR_ID,
        ip=address(hit["address"]),
        user_agent=user_agent(browser),
    )
    return validate(msgspec.json.encode(event), reception)


def _unparsable(line: Line, reception: Reception) -> Landed:
    return reject(line.content, reception, "unparsable_line", f"line {line.number}")


def _given(text: str) -> str | None:
    return None if text in ("", "-") else text


def _parse_time(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    if not match or match[2] not in _MONTHS:
        return None
    offset = timedelta(hours=int(match[8]), minutes=int(match[9])) * (-1 if match[7] == "-" else 1)
    day, year, hour, minute, second = (int(match[group]) for group in (1, 3, 4, 5, 6))
    try:
        local = datetime(year, _MONTHS.index(match[2]) + 1, day, hour, minute, second, tzinfo=timezone(offset))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _modified_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except OSError as error:
        raise ImporterError(f"{path}: {error.strerror}") from error
