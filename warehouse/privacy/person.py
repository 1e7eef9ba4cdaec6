"""Who a person is: a user of a site with the devices of that user, or a device on which no user signed in.

A device leads to its users and a user to the user's devices: one step each way and no further. What a user did on a
device that others use, too, belongs to the user; the device does not.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, text

from runtime.errors import FootfallError
from warehouse.privacy.suppressions import Kind
from warehouse.tables.decisions import Mart, People
from warehouse.tables.marts import left_behind

MOST_DEVICES = 1_000
"""A user with more devices is not one person, but a program or an account that many people share."""


class PersonError(FootfallError):
    """Why no person can be exported or erased by that id. The message never names the id."""


class Subject(msgspec.Struct, frozen=True):
    """The id by which a person is asked for: one id of one site."""

    site_id: str
    kind: Kind
    subject: str


class OwnershipInterval(msgspec.Struct, frozen=True, order=True):
    """A device for the interval in which it belonged to the person. A missing end means no limit is known."""

    device: str
    from_at: datetime | None = None
    until_at: datetime | None = None


class Person(msgspec.Struct, frozen=True):
    """A person: events that name the user, and events on the person's devices that name no user."""

    site_id: str
    user_id: str | None
    intervals: frozenset[OwnershipInterval]

    @property
    def shared_devices(self) -> list[str]:
        """The devices that others use, too."""
        return sorted({each.device for each in self.intervals if each.from_at or each.until_at})

    def joined(self, known: "Person | None") -> "Person":
        """Return the same person together with the devices that were found before."""
        if not known:
            return self
        return Person(self.site_id, self.user_id or known.user_id, self.intervals | known.intervals)


def find_person(connection: Connection, marts: Sequence[Mart], subject: Subject, most_devices: int) -> Person:
    """Find the user and the devices that belong together, in raw events and in marts, which go back further.

    Raises:
        PersonError: several users signed in on that device; or the user has more than `most_devices` devices; or a
            published table is no mart any more.
    """
    if left := left_behind(connection, marts):
        raise PersonError(
            f"{', '.join(left)}: no model says any more whose its rows are; drop it, or bring its model back, and ask"
            " again"
        )
    pairs = _pairs(connection, marts)
    site_id = subject.site_id
    if subject.kind == "user":
        return _of_user(connection, pairs, site_id, subject.subject, most_devices)
    users: Iterable[str] = connection.execute(
        text(f"select distinct user_id from ({pairs}) p where device = :device limit 1000"),
        {"site": site_id, "device": subject.subject},
    ).scalars()
    found = sorted(users)
    if len(found) > 1:
        raise PersonError(
            f"{len(found)} users signed in on that device: it belongs to no single one. Ask for one of them by --user"
        )
    if found:
        return _of_user(connection, pairs, site_id, found[0], most_devices)
    return Person(site_id, None, frozenset({OwnershipInterval(subject.subject)}))


def ids_known(connection: Connection, marts: Sequence[Mart], site_id: str) -> set[tuple[Kind, str]]:
    """Return every user and device of a site that raw events, contacts or marts name.

    Returns:
        Pairs of kind (`user` or `device`) and id.
    """
    named: list[tuple[Kind, str, str]] = [("user", "user_id", "raw.events"), ("device", "anonymous_id", "raw.events")]
    # Contacts may be kept for longer than both.
    named += [("user", "user_id", "ops.contact_vault"), ("device", "anonymous_id", "ops.contact_vault")]
    named += [("user", "user_id", "ops.contact_reads")]
    for relation, people in _naming(connection, marts):
        named += [("user", people.user, relation)] if people.user else []
        named += [("device", people.device, relation)] if people.device else []
    query = " union ".join(
        f"select '{kind}', {column} from {relation} where site_id = :site and {column} is not null"
        for kind, column, relation in named
    )
    return {(row[0], row[1]) for row in connection.execute(text(query), {"site": site_id})}


def _of_user(connection: Connection, pairs: str, site_id: str, user_id: str, most_devices: int) -> Person:
    rows = connection.execute(
        text(
            f"with pairs as ({pairs})"
            " select device, bool_or(user_id <> :user) as is_shared from pairs"
            " where device in (select device from pairs where user_id = :user) group by device limit :most"
        ),
        {"site": site_id, "user": user_id, "most": most_devices + 1},
    ).all()
    if len(rows) > most_devices:
        raise PersonError(
            f"more than {most_devices:,} devices signed in as that user: a program's account rather than a person."
            " If it is one, ask again with --most-devices"
        )
    whole = {OwnershipInterval(row.device) for row in rows if not row.is_shared}
    shared = [row.device for row in rows if row.is_shared]
    return Person(site_id, user_id, frozenset(whole | _intervals(connection, site_id, user_id, shared)))


def _pairs(connection: Connection, marts: Sequence[Mart]) -> str:
    """Return a query for each device and user that were seen together, one row each time."""
    known = [
        f"select {people.device} as visitor_id, {people.user} as user_id from {relation}"
        f" where site_id = :site and {people.user} is not null"
        for relation, people in _naming(connection, marts)
        if people.user and people.device and not people.owned_by_device
    ]
    raw = (
        "select anonymous_id as device, user_id from raw.events"
        " where site_id = :site and user_id is not null and anonymous_id is not null"
    )
    if not known:
        return raw
    # Where a visitor's id is made from a user, there is no device.
    return (
        f"{raw} union select visitor_id, user_id from ({' union '.join(known)}) m"
        " where visitor_id <> raw.visitor_id(null, user_id)"
    )


def _naming(connection: Connection, marts: Sequence[Mart]) -> list[tuple[str, People]]:
    """Return the published marts that hold people, each with the columns that name them."""
    return [(mart.relation, mart.people) for mart in marts if mart.people and exists(connection, mart.relation)]


def _intervals(connection: Connection, site_id: str, user_id: str, devices: list[str]) -> set[OwnershipInterval]:
    """Find when shared devices belonged to this user.

    A device belongs to a user from the user's sign-in to that of another. Before the first sign-in it belongs to the
    first user.
    """
    if not devices:
        return set()
    rows: Any = connection.execute(
        text(_INTERVALS.format(published=_PUBLISHED if exists(connection, "marts.identities") else "")),
        {"site": site_id, "user": user_id, "devices": devices},
    )
    return {OwnershipInterval(row.device, row.from_at, row.until_at) for row in rows}


_PUBLISHED = """
    union all
    select visitor_id, from_at, user_id from marts.identities where site_id = :site and visitor_id = any(:devices)
"""
_INTERVALS = """
with seen as (
    select anonymous_id as device, occurred_at, user_id
    from raw.events
    where site_id = :site and anonymous_id = any(:devices) and user_id is not null
    {published}
),

compared as (
    select *, lag(user_id) over (partition by device order by occurred_at, user_id) as user_before
    from seen
),

changes as (
    select * from compared where user_before is distinct from user_id
),

intervals as (
    select
        device,
        user_id,
        case when user_before is not null then occurred_at end as from_at,
        lead(occurred_at) over (partition by device order by occurred_at, user_id) as until_at
    from changes
)

select device, from_at, until_at from intervals where user_id = :user
"""


def exists(connection: Connection, relation: str) -> bool:
    """Whether the relation exists. Marts appear with the first build."""
    return connection.scalar(text("select to_regclass(:relation)"), {"relation": relation}) is not None
