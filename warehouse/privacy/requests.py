"""The trail of requests to export, erase or readmit a person. The person is stored only while a request is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, text

from warehouse.privacy.erased_relations import STATISTICS, record_erased
from warehouse.privacy.person import Person, PersonError, Subject

Action = Literal["export", "erase", "readmit"]


class Receipt(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The result of a request, as JSON in the trail: names of places and counts, no ids."""

    places: dict[str, int] = msgspec.field(default_factory=dict)
    """Rows, lines and files, by place."""


class ErasureReceipt(Receipt, kw_only=True, omit_defaults=False):
    """What an erasure has done so far."""

    days: int = 0
    """Days that were marked dirty."""
    unreadable: list[str] = msgspec.field(default_factory=list)
    """Files that cannot be unpacked, each with the reason."""
    without_list: list[str] = msgspec.field(default_factory=list)
    """Folders of backups beside which the list of erased people could not be written."""
    unreadable_at: datetime | None = None
    """When no query, file or export could show the person any more."""
    bytes_gone_at: datetime | None = None
    """When no file of the database held a byte of the person any more."""
    bytes_left: list[str] = msgspec.field(default_factory=list)
    """Where bytes may be left, and why, when the files were last written anew."""
    restatement: Literal["pending", "done"] = "pending"
    """Whether all of the days were built again."""
    days_left: int = 0
    """Days that are still to be built again."""

    def add(self, gone: Mapping[str, int]) -> None:
        """Add the counts of what was deleted, by place."""
        for place, rows in gone.items():
            self.places[place] = self.places.get(place, 0) + rows


class ExportReceipt(Receipt, kw_only=True, omit_defaults=False):
    """What an export has written."""

    folder: str
    """Name of the folder among the exports."""


class ReadmissionReceipt(Receipt, kw_only=True):
    """A person whose events are accepted again."""

    lifted: int
    """Number of suppressions that were lifted."""


class Refusal(Receipt, kw_only=True):
    """Why the request was not carried out."""

    reason: str


@dataclass(frozen=True)
class Request:
    """One open request."""

    request_id: int
    action: Action
    subject: Subject
    most_devices: int
    known: Person | None
    """The person as found before the first row was erased."""
    receipt: ErasureReceipt
    """The receipt of an erasure that was interrupted."""


def file_request(
    connection: Connection, action: Action, subject: Subject, subject_hash: str, most: int, by: str
) -> int:
    """File a request, or find the same one still open, and return its id. `by` names the client."""
    values = {
        **{"site_id": subject.site_id, "action": action, "kind": subject.kind},
        **{"subject_hash": subject_hash, "by": by},
    }
    open_already = connection.scalar(
        text(
            "select request_id from ops.privacy_requests where site_id = :site_id and action = :action"
            " and kind = :kind and subject_hash = :subject_hash and state in ('open', 'incomplete')"
        ),
        values,
    )
    if open_already:
        return open_already
    request_id: int = connection.execute(
        text(
            "insert into ops.privacy_requests (site_id, action, kind, subject_hash, requested_by)"
            " values (:site_id, :action, :kind, :subject_hash, :by) returning request_id"
        ),
        values,
    ).scalar_one()
    connection.execute(
        text("insert into raw.privacy_subjects (request_id, subject, most_devices) values (:id, :subject, :most)"),
        {"id": request_id, "subject": subject.subject, "most": most},
    )
    return request_id


def open_requests(connection: Connection) -> list[int]:
    """Return the ids of open requests, oldest first."""
    found = connection.execute(
        text("select request_id from ops.privacy_requests where state = 'open' order by request_id")
    )
    return list(found.scalars())


def read_request(connection: Connection, request_id: int) -> Request | None:
    """Return an open request; None if it is done or there is none."""
    row = connection.execute(
        text(
            "select request_id, action, site_id, kind, subject, most_devices, known, coalesce(receipt, '{}') as receipt"
            " from ops.privacy_requests join raw.privacy_subjects using (request_id) where request_id = :id"
        ),
        {"id": request_id},
    ).one_or_none()
    if not row:
        return None
    subject = Subject(row.site_id, row.kind, row.subject)
    known = msgspec.convert(row.known, Person | None)
    receipt = msgspec.convert(row.receipt, ErasureReceipt)
    return Request(row.request_id, row.action, subject, row.most_devices, known, receipt)


def read_receipt(connection: Connection, request_id: int) -> Receipt:
    """Return the receipt of a request that is done.

    Raises:
        PersonError: it was refused, or there is none.
    """
    row = connection.execute(
        text("select action, state, receipt from ops.privacy_requests where request_id = :id"), {"id": request_id}
    ).one_or_none()
    if not row:
        raise PersonError(f"there is no request {request_id}")
    if row.state == "refused":
        raise PersonError(msgspec.convert(row.receipt, Refusal).reason)
    return msgspec.convert(row.receipt, _RECEIPTS[row.action])


_RECEIPTS: dict[Action, type[Receipt]] = {
    "export": ExportReceipt,
    "erase": ErasureReceipt,
    "readmit": ReadmissionReceipt,
}


def remember(connection: Connection, request_id: int, person: Person) -> None:
    """Store the person until the request is done: once the events are erased, the devices cannot be found again."""
    known = msgspec.to_builtins(person)
    connection.execute(
        text("update raw.privacy_subjects set known = :known where request_id = :id"),
        {"id": request_id, "known": Jsonb(known)},
    )


def note(connection: Connection, request_id: int, receipt: Receipt) -> None:
    """Record what is done so far."""
    connection.execute(
        text("update ops.privacy_requests set receipt = :receipt where request_id = :id"),
        {"id": request_id, "receipt": Jsonb(msgspec.to_builtins(receipt))},
    )


def close(connection: Connection, request_id: int, state: str, receipt: Receipt) -> None:
    """End a request and forget the person. An incomplete one keeps the person, to go on later."""
    note(connection, request_id, receipt)
    connection.execute(
        text("update ops.privacy_requests set state = :state, done_at = clock_timestamp() where request_id = :id"),
        {"id": request_id, "state": state},
    )
    if state != "incomplete":
        connection.execute(text("delete from raw.privacy_subjects where request_id = :id"), {"id": request_id})
        record_erased(connection, ["raw.privacy_subjects", STATISTICS])


def unfinished_erasures(connection: Connection) -> dict[int, ErasureReceipt]:
    """Return the receipts of erasures after which bytes may be left in the database's files, by request."""
    rows = connection.execute(
        text(
            "select request_id, receipt from ops.privacy_requests where action = 'erase' and state = 'done'"
            " and receipt ->> 'unreadable_at' is not null and receipt ->> 'bytes_gone_at' is null order by request_id"
        )
    )
    return {row.request_id: msgspec.convert(row.receipt, ErasureReceipt) for row in rows}


def list_requests(connection: Connection) -> list[tuple]:
    """Return the trail.

    Returns:
        A row for each request: number, date, client, action, site, kind with hash, state, time of completion; of an
        erasure when the person became unreadable, and when the bytes were gone.
    """
    rows = connection.execute(
        text(
            "select request_id, to_char(requested_at, 'YYYY-MM-DD'), requested_by, action, site_id,"
            " kind || ' ' || left(subject_hash, 6), state, to_char(done_at, 'YYYY-MM-DD HH24:MI'),"
            " left(receipt ->> 'unreadable_at', 10), left(receipt ->> 'bytes_gone_at', 10)"
            " from ops.privacy_requests order by request_id"
        )
    )
    return [tuple(row) for row in rows]
