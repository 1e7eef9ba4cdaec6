"""Look into an access log before anything of it is landed: whether it is one, and whose it is."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from ingestion.importers.lines import ImporterError, read_lines
from ingestion.importers.log_line import Hit
from ingestion.importers.other_format import describe

_SAMPLE = 1000
_REFERRER = re.compile(r"(https?)://([^/?#@\s]+)([^?#]*)", re.IGNORECASE)


def require_format(path: Path, has_format: Callable[[bytes], bool], expected: str) -> None:
    """Require that one at least of the first lines that are not empty is what is expected.

    Raises:
        ImporterError: none is; it says what the file looks like. A file that cannot be read is left to who reads it.
    """
    sample: list[bytes] = []
    try:
        for line in read_lines(path):
            if has_format(line.content):
                return
            if line.content.strip():
                sample.append(line.content)
            if len(sample) == _SAMPLE:
                break
    except ImporterError:
        return
    if sample:
        raise ImporterError(
            f"{path}: no line of the first {len(sample):,} is {expected}; {describe(sample)}. Nothing was imported."
        )


Visitor = tuple[str | None, str | None]
"""Address and user agent."""


def own_origin(hits: Iterable[Hit]) -> str | None:
    """Return `https://host` of the host that a log belongs to, by the clicks within the site; None if it shows none.

    A click is a hit whose referrer has the path of a page that its visitor has asked for before, or, if there is none
    in the log, that any visitor has asked for, other than the front page, which every host has. The host with the most
    visitors who clicked is the log's own: a search engine is the referrer of more hits than that in many logs.
    """
    asked: set[tuple[Visitor, str]] = set()
    paths: set[str] = set()
    clicks: dict[str, set[Visitor]] = defaultdict(set)
    claims: dict[tuple[str, str], set[Visitor]] = defaultdict(set)
    secure: set[str] = set()
    for hit in hits:
        visitor, path = (hit.address, hit.user_agent), _path(hit.target)
        found = _REFERRER.match(hit.referrer or "")
        if found and (came_from := found[3] or "/") != path:
            host = found[2].lower()
            if found[1].lower() == "https":
                secure.add(host)
            if (visitor, came_from) in asked:
                clicks[host].add(visitor)
            elif came_from != "/":
                claims[host, came_from].add(visitor)
        asked.add((visitor, path))
        paths.add(path)
    if not clicks:
        for (host, came_from), visitors in claims.items():
            if came_from in paths:
                clicks[host] |= visitors
    if not clicks:
        return None
    host = max(clicks, key=lambda host: (len(clicks[host]), host))
    return f"{'https' if host in secure else 'http'}://{host}"


def _path(target: str) -> str:
    """Return the path of a request, which proxies write with its host."""
    found = _REFERRER.match(target)
    return ((found[3] or "/") if found else target).partition("?")[0].partition("#")[0]
