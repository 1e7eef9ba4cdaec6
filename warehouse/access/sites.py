"""Sites and their write keys. A key is shown once; only its hash is kept."""

import hashlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, text

from runtime import files
from runtime.errors import FootfallError
from runtime.origins import normal_origin
from warehouse.access.zones import knows_zone

KeyKind = Literal["browser", "server"]
"""A browser's key stands in pages and is public. A server's is secret, and may say what only the server knows."""
Identity = Literal["device", "cookieless"]
"""How devices are known: by the id that a client keeps, or by one that the collector derives, anew each day."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")


class SiteError(FootfallError):
    """A site or key that is missing or malformed, and why."""


@dataclass(frozen=True)
class Site:
    """One source of events: its own keys, its own calendar."""

    site_id: str
    timezone: str
    origins: tuple[str, ...]
    key_hints: tuple[str, ...]
    server_key_hints: tuple[str, ...] = ()
    identity: Identity = "device"
    framed_by: tuple[str, ...] = ()
    """Origins whose pages may show shared pages in a frame."""


def add_site(connection: Connection, name: str, timezone: str = "UTC", origins: Sequence[str] = ()) -> str:
    """Add a site and return its first write key, one for browsers.

    Raises:
        SiteError: the name is taken or malformed, the timezone unknown, or an origin is not `scheme://host`.
    """
    if not _NAME.fullmatch(name):
        raise SiteError(f"{name!r} is no site name: a lower-case letter, then up to 62 of a-z, 0-9, _ and -")
    require_zone(connection, timezone)
    added = connection.execute(
        text(
            "insert into ops.sites (site_id, timezone, origins) values (:name, :timezone, :origins)"
            " on conflict do nothing returning site_id"
        ),
        {"name": name, "timezone": timezone, "origins": normal_origins(origins)},
    ).first()
    if not added:
        raise SiteError(f"site {name} exists already; `footfall site rotate-key {name}` gives it a new key")
    return _new_key(connection, name, "browser")


def rotate_key(connection: Connection, name: str, kind: KeyKind = "browser") -> str:
    """Return a new key. The previous key of its kind stays valid until it is revoked; older ones end now.

    Raises:
        SiteError: no such site.
    """
    require_site(connection, name)
    connection.execute(
        text(
            "update ops.site_keys set revoked_at = now()"
            " where site_id = :name and kind = :kind and revoked_at is null and key_hash not in"
            " (select key_hash from ops.site_keys where site_id = :name and kind = :kind and revoked_at is null"
            "  order by created_at desc, key_hash limit 1)"
        ),
        {"name": name, "kind": kind},
    )
    return _new_key(connection, name, kind)


def revoke_key(connection: Connection, name: str, hint: str | None = None) -> int:
    """Revoke the site's keys (or the one whose hint is given) and return how many.

    Raises:
        SiteError: no such site, or no such active key.
    """
    require_site(connection, name)
    revoked = connection.execute(
        text(
            "update ops.site_keys set revoked_at = now()"
            " where site_id = :name and revoked_at is null and (cast(:hint as text) is null or hint = :hint)"
        ),
        {"name": name, "hint": hint},
    ).rowcount
    if not revoked:
        raise SiteError(
            f"site {name} has no active key{f' with hint {hint}' if hint else ''}: see `footfall site list`"
        )
    return revoked


def set_origins(connection: Connection, name: str, origins: Sequence[str]) -> None:
    """Let these origins post, and no others; none given: any.

    Raises:
        SiteError: no such site, or one is no origin.
    """
    require_site(connection, name)
    connection.execute(
        text("update ops.sites set origins = :origins where site_id = :name"),
        {"name": name, "origins": normal_origins(origins)},
    )


def set_frames(connection: Connection, name: str, origins: Sequence[str]) -> None:
    """Let pages of these origins, and of no others, show shared pages of the site in a frame; none given: no page.

    Raises:
        SiteError: no such site, or one is no origin.
    """
    require_site(connection, name)
    connection.execute(
        text("update ops.sites set framed_by = :origins where site_id = :name"),
        {"name": name, "origins": normal_origins(origins)},
    )


def set_identity(connection: Connection, name: str, identity: Identity) -> None:
    """Say how devices of the site are known from now on. What was collected before stays as it is.

    Raises:
        SiteError: no such site.
    """
    require_site(connection, name)
    connection.execute(
        text("update ops.sites set identity = :identity where site_id = :name"), {"name": name, "identity": identity}
    )


def list_sites(connection: Connection) -> list[Site]:
    """All sites by name, with the hints of their active keys of each kind."""
    rows = connection.execute(
        text(
            "select site_id, timezone, origins, identity, framed_by,"
            f" {_HINTS.format('browser')} as browser_hints, {_HINTS.format('server')} as server_hints"
            " from ops.sites s order by site_id"
        )
    )
    return [
        Site(
            row.site_id,
            row.timezone,
            tuple(row.origins),
            tuple(row.browser_hints),
            tuple(row.server_hints),
            row.identity,
            tuple(row.framed_by),
        )
        for row in rows
    ]


def require_site(connection: Connection, name: str) -> None:
    """Require that the site exists.

    Raises:
        SiteError: there is none.
    """
    if not connection.scalar(text("select 1 from ops.sites where site_id = :name"), {"name": name}):
        raise SiteError(f"there is no site {name}: `footfall site add {name}` adds it, `footfall site list` shows all")


def require_zone(connection: Connection, timezone: str) -> None:
    """Require that the database, which dates sessions by it, and Python, which dates events, know the timezone.

    Raises:
        SiteError: one of them does not.
    """
    if not knows_zone(connection, timezone):
        raise SiteError(f"{timezone!r} is no timezone that this database knows; write it as Europe/Berlin")


def write_registry(connection: Connection, path: Path) -> None:
    """Write the sites and hashed keys for the collector, whole or not at all."""
    keys = connection.execute(
        text("select key_hash, site_id, kind from ops.site_keys where revoked_at is null order by key_hash")
    ).all()
    server_keys = [row.key_hash for row in keys if row.kind == "server"]
    registry = {
        "sites": {site.site_id: _described(site) for site in list_sites(connection)},
        "keys": {row.key_hash: row.site_id for row in keys},
        "raw_keep_days": connection.scalar(
            # Once events of one kind of people are due, a day is frozen and takes none of either.
            text("select min(keep_days) from ops.retention_policies where policy = 'raw_events'")
        ),
    } | ({"server_keys": server_keys} if server_keys else {})
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write(path, json.dumps(registry, indent=1, sort_keys=True).encode())


def _described(site: Site) -> dict[str, object]:
    described: dict[str, object] = {"timezone": site.timezone, "origins": site.origins}
    return described if site.identity == "device" else described | {"identity": site.identity}


def normal_origins(origins: Sequence[str]) -> list[str]:
    """Return the origins as browsers write them, each once.

    Raises:
        SiteError: one is no origin.
    """
    normal = []
    for origin in origins:
        if not (written := normal_origin(origin)):
            raise SiteError(f"{origin!r} is no origin, such as https://www.example.org")
        normal.append(written)
    return sorted(set(normal))


_HINTS = (
    "array(select hint from ops.site_keys k where k.site_id = s.site_id and kind = '{}' and revoked_at is null"
    " order by created_at)"
)


def _new_key(connection: Connection, site_id: str, kind: KeyKind) -> str:
    key = f"ff_{secrets.token_urlsafe(24)}"
    connection.execute(
        text("insert into ops.site_keys (key_hash, site_id, hint, kind) values (:key_hash, :site_id, :hint, :kind)"),
        {"key_hash": hashlib.sha256(key.encode()).hexdigest(), "site_id": site_id, "hint": key[-4:], "kind": kind},
    )
    return key
