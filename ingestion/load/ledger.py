"""The ledger of loaded files, with counts of their lines: lines = loaded + duplicate + rejected + suppressed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from warehouse.publication.dirty_days import Cause, SiteDay, mark


@dataclass
class FileCount:
    """The counts of one file."""

    file_name: str
    checksum: str = ""
    byte_count: int = 0
    line_count: int = 0
    loaded_count: int = 0
    duplicate_count: int = 0
    rejected_count: int = 0
    suppressed_count: int = 0
    first_received_at: datetime | None = None
    last_received_at: datetime | None = None

    def saw(self, received_at: datetime) -> None:
        """Extend the interval in which the file's lines were received."""
        if self.first_received_at is None or received_at < self.first_received_at:
            self.first_received_at = received_at
        if self.last_received_at is None or received_at > self.last_received_at:
            self.last_received_at = received_at


def is_loaded(connection: Connection, checksum: str) -> bool:
    """Whether a file of this content was loaded under any name, or is the rest of one after an erasure."""
    return bool(
        connection.scalar(
            text(
                "select 1 from ops.landed_files where checksum = :checksum and state = 'loaded'"
                " union all select 1 from ops.rewritten_files where checksum = :checksum limit 1"
            ),
            {"checksum": checksum},
        )
    )


def record_rewritten(connection: Connection, file_name: str, checksum: str) -> None:
    """Add to a loaded file the checksum that it will have after an erasure."""
    connection.execute(
        text(
            "insert into ops.rewritten_files (checksum, file_name) values (:checksum, :file_name)"
            " on conflict do nothing"
        ),
        {"checksum": checksum, "file_name": file_name},
    )


def known_checksum(connection: Connection, file_name: str) -> str | None:
    """Return the checksum with which a file of this name was loaded."""
    return connection.scalar(
        text("select checksum from ops.landed_files where file_name = :file_name and state = 'loaded'"),
        {"file_name": file_name},
    )


def next_file_id(connection: Connection) -> int:
    """Return an id for the file about to be loaded."""
    return connection.execute(
        text("select nextval(pg_get_serial_sequence('ops.landed_files', 'file_id'))")
    ).scalar_one()


def record(connection: Connection, file_id: int, count: FileCount, dirty: Collection[SiteDay]) -> None:
    """Enter a loaded file, and mark its days dirty."""
    _insert(connection, file_id, count, "loaded", None)
    mark(connection, dirty, Cause.EVENTS_LOADED, file_id)


def record_refusal(connection: Connection, count: FileCount, reason: str) -> None:
    """Enter a file that cannot be trusted."""
    _insert(connection, next_file_id(connection), count, "refused", reason)


def _insert(connection: Connection, file_id: int, count: FileCount, state: str, reason: str | None) -> None:
    connection.execute(
        text(
            "insert into ops.landed_files (file_id, file_name, checksum, byte_count, line_count, loaded_count,"
            " duplicate_count, rejected_count, suppressed_count, state, reason, first_received_at, last_received_at)"
            " overriding system value values (:file_id, :file_name, :checksum, :byte_count, :line_count,"
            " :loaded_count, :duplicate_count, :rejected_count, :suppressed_count, :state, :reason,"
            " :first_received_at, :last_received_at)"
        ),
        vars(count) | {"file_id": file_id, "state": state, "reason": reason},
    )
