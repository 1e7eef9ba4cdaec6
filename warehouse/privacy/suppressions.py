"""Whose events are kept out, by keyed hash: in `ops.suppressions`, and in a file of the landing zone.

Because of the file, people erased after a backup stay out when that backup is restored. `ingestion.load.suppressed`
decides which events are meant.
"""

import hashlib
import hmac
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec
from sqlalchemy import Connection, text

from runtime import secrets
from runtime.secrets import SecretsError

KEY = "suppression_key"
"""The file of the hash's key, among the other secrets."""
Kind = Literal["user", "device"]


class Suppression(msgspec.Struct, frozen=True, omit_defaults=True):
    """A user, or a device for an interval of time, whose events are kept out."""

    site_id: str
    kind: Kind
    subject_hash: str
    person_hash: str
    """Hash of the user who owned the device: lifted for the user, it is lifted for the device."""
    changed_at: datetime
    from_at: datetime | None = None
    until_at: datetime | None = None
    lifted_at: datetime | None = None

    @property
    def key(self) -> tuple:
        """Site, kind, hash, start and end: what it suppresses. Of several with one key the newest counts."""
        return self.site_id, self.kind, self.subject_hash, self.from_at, self.until_at


_COLUMNS = Suppression.__struct_fields__
_LINE = msgspec.json.Decoder(Suppression)


def make_key(connection: Connection, landing: Path, path: Path) -> bytes:
    """Return the key of the hash; generate it for the first request. A new key would not match earlier suppressions.

    Raises:
        SecretsError: there are suppressions, and their key is lost.
    """
    is_first = not _file(landing).exists() and not read_suppressions(connection)
    return secrets.read_or_create(path).encode() if is_first else read_key(path)


def read_key(path: Path) -> bytes:
    """Return the key of the suppressions' hashes.

    Raises:
        SecretsError: it is lost, so that suppressed people cannot be recognised.
    """
    if not path.exists():
        raise SecretsError(f"{path} is missing: without it, events of erased people would come back; restore it")
    return secrets.read_or_create(path).encode()


def subject_hash(key: bytes, site_id: str, kind: str, subject: str) -> str:
    """Return the keyed hash of a user or device of a site. It is useless on another site, or without the key."""
    return hmac.digest(key, f"{site_id}\0{kind}\0{subject}".encode(), hashlib.sha256).hex()


def read_suppressions(connection: Connection) -> list[Suppression]:
    """Return all suppressions."""
    rows = connection.execute(text(f"select {', '.join(_COLUMNS)} from ops.suppressions"))
    return [Suppression(**row._mapping) for row in rows]


def suppress(connection: Connection, landing: Path, wanted: Iterable[Suppression]) -> None:
    """Suppress them once this transaction commits. The file comes first: it must never hold less than the database."""
    known = {each.key: each for each in read_suppressions(connection)}
    fresh = [each for each in wanted if each.key not in known or known[each.key].lifted_at]
    _append(landing, fresh)
    _store(connection, fresh)


def lift(connection: Connection, landing: Path, site_id: str, hashed: str) -> int:
    """Accept events again from now on, and return how many suppressions that lifted."""
    now = datetime.now(UTC)
    held = [each for each in read_suppressions(connection) if each.site_id == site_id and not each.lifted_at]
    lifted = [
        msgspec.structs.replace(each, lifted_at=now, changed_at=now)
        for each in held
        if hashed in (each.subject_hash, each.person_hash)
    ]
    _append(landing, lifted)
    _store(connection, lifted)
    return len(lifted)


def merge_suppressions(connection: Connection, landing: Path) -> int:
    """Make database and file hold the same again, after a restore of either. Return how many the database gained."""
    in_file = {each.key: each for each in newest(_read_file(landing))}
    in_database = {each.key: each for each in read_suppressions(connection)}
    missing = [each for each in in_file.values() if _is_newer(each, in_database)]
    _append(landing, [each for each in in_database.values() if _is_newer(each, in_file)])
    _store(connection, missing)
    return len(missing)


def add_to_file(landing: Path, wanted: Iterable[Suppression]) -> None:
    """Let the landing zone know these people, too. The database learns of them by the next merge."""
    in_file = {each.key: each for each in newest(_read_file(landing))}
    _append(landing, [each for each in newest(wanted) if _is_newer(each, in_file)])


def newest(several: Iterable[Suppression]) -> list[Suppression]:
    """Return of those with one key the newest."""
    found: dict[tuple, Suppression] = {}
    for each in several:
        if each.key not in found or each.changed_at >= found[each.key].changed_at:
            found[each.key] = each
    return list(found.values())


def read_file(path: Path) -> list[Suppression]:
    """Return the suppressions in the file of a landing zone, this one's or another's."""
    # What a killed process did not finish had no effect yet.
    whole = path.read_bytes().rpartition(b"\n")[0] if path.exists() else b""
    return [_LINE.decode(line) for line in whole.splitlines() if line]


def _is_newer(each: Suppression, known: dict[tuple, Suppression]) -> bool:
    return each.key not in known or each.changed_at > known[each.key].changed_at


def _store(connection: Connection, wanted: list[Suppression]) -> None:
    if wanted:
        connection.execute(text(_STORE), [msgspec.structs.asdict(each) for each in wanted])


_STORE = f"""
insert into ops.suppressions ({", ".join(_COLUMNS)})
values ({", ".join(f":{column}" for column in _COLUMNS)})
on conflict (site_id, kind, subject_hash, from_at, until_at)
do update set person_hash = excluded.person_hash, lifted_at = excluded.lifted_at, changed_at = excluded.changed_at
"""


def _file(landing: Path) -> Path:
    return landing / "suppressions.ndjson"


def _read_file(landing: Path) -> list[Suppression]:
    return read_file(_file(landing))


def _append(landing: Path, wanted: list[Suppression]) -> None:
    if not wanted:
        return
    landing.mkdir(parents=True, exist_ok=True)
    with _file(landing).open("a+b") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(msgspec.json.Encoder().encode_lines(wanted))
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(landing, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
