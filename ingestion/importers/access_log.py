"""Make page views of a web server's access log in the Combined Log Format (nginx, Apache).

A device is an address with a user agent: a log has nothing better. An event's id comes from the line's own text, so
that a file imported twice, or again after it has grown, counts once. Identical lines of one file are several hits.
Hits of one second keep the order of their lines: each has its number in that second of its file as `sequence`.
A bare path gets the host that its line names, or else that of the log: without one, a site would refer to itself.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from uuid import UUID

import msgspec

from ingestion.event.reception import IMPORTED_YEARS, Reception
from ingestion.event.validate import Landed, reject, validate
from ingestion.importers import log_line
from ingestion.importers.intake import ImportCount, Progress, land, silent, user_agent
from ingestion.importers.lines import ImporterError, Line, read_lines
from ingestion.importers.log_line import Hit
from ingestion.importers.survey import own_origin, require_format
from runtime.addresses import read_ip

COLLECTOR_ID = "access-log"

_SURVEYED_LINES = 100_000
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
    host: str | None = None,
) -> ImportCount:
    """Land the hits of the files as `page_viewed`. Style sheets, pictures and the like are skipped unless included.

    `host` is that of lines that name none; default: the one that the file, or else all files, show by their clicks.

    Raises:
        ImporterError: a file is of another format, or `host` is none, and nothing is landed; or a file cannot be read
            to its end, and the lines before are landed.
        LandingError: the landing zone accepts no lines.
    """
    origins = _origins(paths, host)
    outcomes = (
        outcome
        for path, origin in zip(paths, origins, strict=True)
        for outcome in _read(path, site_id, origin, include_static)
    )
    return land(outcomes, landing, progress)


def _origins(paths: Sequence[Path], host: str | None) -> list[str | None]:
    """Look into all files, and return the origin of each."""
    for path in paths:
        require_format(path, lambda content: log_line.has_format(_text(content)), log_line.EXPECTED)
    if host is None:
        found = [own_origin(_surveyed(path)) for path in paths]
        of_all = own_origin(chain.from_iterable(map(_surveyed, paths))) if None in found and len(paths) > 1 else None
        return [origin or of_all for origin in found]
    scheme, _, name = host.rstrip("/").rpartition("://")
    origin = log_line.origin_of(name)
    if not origin or scheme not in ("", "http", "https"):
        raise ImporterError(f"{host!r} is no host, such as www.example.org")
    return [f"{scheme}://{origin.partition('://')[2]}" if scheme else origin] * len(paths)


def _surveyed(path: Path) -> Iterator[Hit]:
    """Give the hits of the first lines. Who reads the whole file reports that it cannot be read."""
    with suppress(ImporterError):
        for line in islice(read_lines(path), _SURVEYED_LINES):
            if hit := log_line.read_hit(_text(line.content)):
                yield hit


def _read(path: Path, site_id: str, origin: str | None, include_static: bool) -> Iterator[Landed | None]:
    seen: Counter[bytes] = Counter()
    of_second: Counter[datetime] = Counter()
    now = _modified_at(path)
    for line in read_lines(path):
        text = _text(line.content)
        if not text.strip():
            yield None
            continue
        hit = log_line.read_hit(text)
        if hit is None:
            yield _unparsable(line, Reception(site_id, now, COLLECTOR_ID))
            continue
        # A line without a time gets the time of the line before it.
        now = hit.at
        digest = hashlib.sha256(line.content).digest()
        seen[digest] += 1
        of_second[hit.at] += 1
        if not include_static and _STATIC.fullmatch(hit.target):
            yield None
            continue
        yield _page_view(hit, hit.virtual_host or origin, site_id, digest + b"#%d" % seen[digest], of_second[hit.at])


def _page_view(hit: Hit, origin: str | None, site_id: str, unique: bytes, position: int) -> Landed:
    device = hashlib.sha256(f"{hit.address}\0{hit.user_agent or ''}".encode()).hexdigest()
    event = {
        "event_id": str(UUID(bytes=hashlib.sha256(unique).digest()[:16], version=5)),
        "event_name": "page_viewed",
        "anonymous_id": device[:32] if hit.address else None,
        "client_timestamp": hit.at,
        "page_url": f"{origin}{hit.target}" if origin and hit.target.startswith("/") else hit.target,
        "referrer": hit.referrer,
        "properties": {
            "status": hit.status,
            "bytes": hit.byte_count,
            "method": hit.method,
            "protocol": hit.protocol,
        },
    }
    reception = Reception(
        site_id,
        hit.at,
        COLLECTOR_ID,
        ip=read_ip(hit.address or ""),
        user_agent=user_agent(hit.user_agent),
        years=IMPORTED_YEARS,
    )
    return validate(msgspec.json.encode(event), reception, position)


def _unparsable(line: Line, reception: Reception) -> Landed:
    return reject(line.content, reception, "unparsable_line", f"line {line.number}")


def _text(content: bytes) -> str:
    return content.decode(errors="replace")


def _modified_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except OSError as error:
        raise ImporterError(f"{path}: {error.strerror}; name a file that can be read") from error
