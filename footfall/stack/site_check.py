"""Whether events of a site come in: what came in the last minutes, from which pages, and what was refused and why.

It asks the database and the collector's own page of figures, and the page of the site only if its address is given.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Row, text

from footfall.pipeline.installation import Installation
from footfall.stack.processes import collector_url, processes
from ingestion.collector.http.answer import REFUSALS
from ingestion.collector.http.counters import POSTS_REFUSED, REFUSED_AT
from ingestion.collector.http.refusals import NO_ORIGIN, NO_PAGE, Kind
from ingestion.landing.drain import open_segments
from ingestion.landing.reader import sealed_segments
from runtime.errors import FootfallError
from runtime.origins import normal_origin
from warehouse.access.sites import Site, list_sites, require_site
from warehouse.postgres.statements import statement

_SECONDS = 10.0
_MOST_BYTES = 2 * 1024 * 1024
_LABELS = re.compile(r'(\w+)\{reason="([^"]*)",site="([^"]*)",origin="([^"]*)"\} (\d+)')


class PageError(FootfallError):
    """A page that cannot be looked at, and why."""


@dataclass(frozen=True)
class Refused:
    """Posts that the collector refused whole."""

    kind: Kind
    count: int
    """Since the collector started."""
    last_at: datetime
    fix: str


@dataclass
class Found:
    """What is known of a site's last minutes."""

    site: Site
    others: frozenset[str] = frozenset()
    """Origins that may post to other sites, and not to this one."""
    arrived: list[Row] = field(default_factory=list)
    """Loaded events: event_name, origin, event_count, robot_count, last_at."""
    rejected: list[Row] = field(default_factory=list)
    """Rejects: reason, field, reject_count, last_at."""
    refused: list[Refused] = field(default_factory=list)
    waiting_files: int = 0
    """Files that are landed and not loaded yet."""
    troubles: list[str] = field(default_factory=list)
    """What is wrong with the installation itself, and what to do."""


def look(installation: Installation, name: str, minutes: int, now: datetime | None = None) -> Found:
    """Return what came, was rejected and was refused in the last minutes.

    Raises:
        SiteError: there is no such site.
    """
    since = (now or datetime.now(UTC)) - timedelta(minutes=minutes)
    with installation.engine.connect() as connection:
        require_site(connection, name)
        sites = {site.site_id: site for site in list_sites(connection)}
        found = Found(sites[name], frozenset(_origins(sites.values())) - set(sites[name].origins))
        found.arrived = list(connection.execute(statement(__file__, "arrived"), {"site": name, "since": since}))
        found.rejected = list(connection.execute(text(_REJECTED), {"site": name, "since": since}))
    landing = installation.settings.landing
    found.waiting_files = len(sealed_segments(landing)) + len(open_segments(landing))
    found.troubles = list(_troubles(installation, found))
    found.refused = list(_refused(installation, found, since))
    return found


def look_at_page(site: Site, installation: Installation, address: str) -> Iterator[tuple[bool, str]]:
    """Fetch the page at this address, and say whether its script is there, with a key of this site.

    Raises:
        PageError: the page cannot be fetched.
    """
    content = bytearray()
    try:
        with httpx.stream("GET", address, timeout=_SECONDS, follow_redirects=True) as answer:
            for part in answer.iter_bytes():
                content += part
                if len(content) > _MOST_BYTES:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise PageError(f"{address} cannot be fetched: {error or type(error).__name__}; try it in a browser") from error
    yield answer.is_success, f"{answer.url} answers with {answer.status_code}"
    parts = urlsplit(str(answer.url))
    origin = normal_origin(f"{parts.scheme}://{parts.netloc}")
    may_post = not site.origins or origin in site.origins
    yield may_post, f"{origin} may post" if may_post else f"{origin} may not post: {_allow(site, origin or '')}"
    reader = _Scripts()
    reader.feed(content.decode(errors="replace"))
    if not reader.found:
        yield False, "no script of the tracker is in the page's HTML; one that a tag manager adds is not seen here"
    for source, key in reader.found:
        yield True, f"the script is there: {source}"
        is_of_site = _is_key_of(installation, site.site_id, key)
        yield is_of_site, "its data-key is a key of this site" if is_of_site else _NO_KEY.format(site=site.site_id)


class _Scripts(HTMLParser):
    """Collects the tracker's scripts: their addresses and keys."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Look at one tag."""
        given = dict(attributes)
        source = given.get("src") or ""
        if tag == "script" and re.search(r"/tracker(\.core)?\.js(\?|$)", source):
            self.found.append((source, given.get("data-key") or ""))


_NO_KEY = "its data-key is no active key of {site}: footfall site rotate-key {site} gives a new one"


def _origins(sites: Iterable[Site]) -> Iterator[str]:
    return (origin for site in sites for origin in site.origins)


def _is_key_of(installation: Installation, site_id: str, key: str) -> bool:
    with installation.engine.connect() as connection:
        return bool(
            connection.scalar(
                text("select 1 from ops.site_keys where site_id = :site and key_hash = :hash and revoked_at is null"),
                {"site": site_id, "hash": hashlib.sha256(key.encode()).hexdigest()},
            )
        )


def _troubles(installation: Installation, found: Found) -> Iterator[str]:
    name = found.site.site_id
    if not found.site.key_hints + found.site.server_key_hints:
        yield f"it has no active key: footfall site rotate-key {name}"
    running = processes(installation.settings)
    if not running["collector"].pid:
        yield "the collector does not run: footfall up --detach"
    elif found.waiting_files and not running["follower"].pid:
        yield f"{found.waiting_files} landed files wait, and nothing follows them: footfall load"


def _refused(installation: Installation, found: Found, since: datetime) -> Iterator[Refused]:
    """Give what the collector refused of this site, and what may be of it: with keys of no site."""
    try:
        page = httpx.get(f"{collector_url(installation.settings)}/metrics", timeout=_SECONDS, trust_env=False).text
    except httpx.HTTPError:
        found.troubles.append("the collector does not answer: footfall doctor says why")
        return
    counts: dict[Kind, int] = {}
    moments: dict[Kind, datetime] = {}
    for name, reason, site_id, origin, number in _LABELS.findall(page):
        kind = Kind(reason, site_id, origin)
        if name == POSTS_REFUSED:
            counts[kind] = int(number)
        elif name == REFUSED_AT:
            moments[kind] = datetime.fromtimestamp(int(number), UTC)
    for kind, count in sorted(counts.items()):
        is_of_site = kind.site_id == found.site.site_id or (not kind.site_id and kind.origin not in found.others)
        if is_of_site and moments[kind] >= since.replace(microsecond=0):
            yield Refused(kind, count, moments[kind], _fix(found.site, kind))


def _fix(site: Site, kind: Kind) -> str:
    if kind.reason == "origin_not_allowed" and kind.origin not in (NO_ORIGIN, NO_PAGE):
        return _allow(site, kind.origin)
    if kind.reason == "unknown_key":
        return (
            f"the key is of no site, so it may not have been meant for {site.site_id}; if it was, the key is wrong or"
            f" revoked: footfall site rotate-key {site.site_id} gives a new one"
        )
    return REFUSALS[kind.reason][1]


def _allow(site: Site, origin: str) -> str:
    origins = " ".join(f"--origin {each}" for each in (*site.origins, origin))
    return f"footfall site set {site.site_id} {origins}"


_REJECTED = """
select reason, field, count(*) as reject_count, max(received_at) as last_at
from raw.rejects
where site_id = :site and received_at >= :since
group by 1, 2
order by 3 desc, 1, 2
"""
