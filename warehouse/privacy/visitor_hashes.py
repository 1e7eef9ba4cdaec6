"""The keyed hashes that stand for visitors in sketches, and their key. dbt makes sketches of `raw.visitor_hashes`.

Hashes are made in this program, because the key is in no database, and in no model. Hashes of another key would count
each visitor again, so the database knows the key by its fingerprint.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from runtime import secrets
from runtime.secrets import SecretsError
from warehouse.postgres.locks import LOADS, exclusive
from warehouse.privacy.person import Person

KEY = "visitor_key"
"""The file of the hash's key, among the other secrets."""

Visitors = Mapping[tuple[str, str], date]
"""Site and visitor → the newest day of their events."""


def visitor_id(anonymous_id: str | None, user_id: str | None) -> str:
    """Return the id by which marts know who sent an event."""
    return f"user:{user_id}" if anonymous_id is None else anonymous_id


def visitor_hash(key: bytes, site_id: str, visitor: str) -> int:
    """Return the hash of a visitor of a site, evenly spread from 0 to 2^63."""
    digest = hashlib.blake2b(f"{site_id}\0{visitor}".encode(), digest_size=8, key=key).digest()
    return int.from_bytes(digest) >> 1


def begin_hashes(engine: Engine, path: Path) -> None:
    """Make the key on first use, and hash the visitors of all events that were loaded before. May run twice.

    Raises:
        SecretsError: the key is lost, or is another.
    """
    with engine.connect() as connection:
        if _is_known(connection):
            read_key(connection, path)
            return
    with engine.begin() as connection:
        exclusive(connection, LOADS)  # A load that began before has hashed nothing.
        if _is_known(connection):
            return
        key = secrets.read_or_create(path).encode()
        days: list[date] = list(connection.execute(text("select distinct event_date from raw.events")).scalars())
        for day in sorted(days):
            found = connection.execute(text(_VISITORS), {"day": day})
            store(connection, key, {(row.site_id, row.visitor_id): day for row in found})
        connection.execute(
            text("insert into ops.visitor_key (fingerprint) values (:fingerprint)"), {"fingerprint": _fingerprint(key)}
        )


def read_key(connection: Connection, path: Path) -> bytes:
    """Return the key of the hashes that the database holds.

    Raises:
        SecretsError: it is lost, or is another.
    """
    known = connection.scalar(text("select fingerprint from ops.visitor_key"))
    if not path.exists():
        raise SecretsError(
            f"{path} is missing: without it, sketches of new days cannot be merged with those of before; take it from"
            " the folder keys of a backup. If it is lost for good, see docs/backup.md"
        )
    key = secrets.read_or_create(path).encode()
    if known != _fingerprint(key):
        raise SecretsError(
            f"{path} is another key than that of the hashes in the database: take it from the folder keys of a backup"
        )
    return key


def store(connection: Connection, key: bytes, visitors: Visitors) -> None:
    """Store the hashes of these visitors, or that they were here on a newer day."""
    if not visitors:
        return
    known = sorted(visitors)
    connection.execute(
        text(_STORE),
        {
            "sites": [site for site, _ in known],
            "visitors": [visitor for _, visitor in known],
            "hashes": [visitor_hash(key, *each) for each in known],
            "days": [visitors[each] for each in known],
        },
    )


def hashes_of(connection: Connection, path: Path, person: Person) -> list[int]:
    """Return the hashes of the visitors who are this person alone, whether the database still knows them or not.

    Raises:
        SecretsError: the key is lost, or is another.
    """
    if not _is_known(connection):
        return []
    key = read_key(connection, path)
    return [visitor_hash(key, person.site_id, visitor) for visitor in _visitors_of(person)]


def _visitors_of(person: Person) -> Iterable[str]:
    devices = {each.device for each in person.intervals} - set(person.shared_devices)
    return sorted(devices | ({visitor_id(None, person.user_id)} if person.user_id else set()))


def _is_known(connection: Connection) -> bool:
    return connection.scalar(text("select 1 from ops.visitor_key")) is not None


def _fingerprint(key: bytes) -> str:
    return hmac.digest(key, b"the key of visitors' hashes", hashlib.sha256).hex()[:16]


_VISITORS = """
select distinct site_id, raw.visitor_id(anonymous_id, user_id) as visitor_id from raw.events where event_date = :day
"""

_STORE = """
insert into raw.visitor_hashes as known (site_id, visitor_id, visitor_hash, last_day)
select *
from unnest(cast(:sites as text[]), cast(:visitors as text[]), cast(:hashes as bigint[]), cast(:days as date[]))
on conflict (site_id, visitor_id) do update set last_day = excluded.last_day where known.last_day < excluded.last_day
"""
