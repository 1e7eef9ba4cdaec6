"""Which landed lines are an erased person's. Knows people by their keyed hashes only; touches no file or database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import get_args

import msgspec

from ingestion.event.validate import Landed, LandedReject
from ingestion.load.mentions import mentions
from warehouse.privacy.suppressions import Kind, Suppression, subject_hash

_DECODER = msgspec.json.Decoder(Landed)
_KINDS = get_args(Kind)


class Suppressed:
    """Recognises the lines of suppressed people.

    An event that names a user belongs to that user. An event without a user belongs to the person who owned the device
    at that time. A reject belongs to everyone whom any of its texts names.
    """

    def __init__(self, suppressions: Iterable[Suppression], key: bytes) -> None:
        self._known: dict[tuple[str, str, str], list[Suppression]] = defaultdict(list)
        for each in suppressions:
            self._known[each.site_id, each.kind, each.subject_hash].append(each)
        self._sites = {site_id for site_id, _, _ in self._known}
        self._hash = lru_cache(100_000)(
            lambda site_id, kind, subject: subject_hash(key, site_id, kind, subject) if subject else ""
        )

    def __bool__(self) -> bool:
        return bool(self._known)

    def has(self, landed: Landed) -> bool:
        """Whether an event or reject belongs to a suppressed person."""
        if isinstance(landed, LandedReject):
            return self.has_payload(landed.site_id, landed.received_at, landed.payload)
        if landed.site_id not in self._sites:
            return False
        if landed.user_id is not None:
            return self._covers(landed.site_id, "user", landed.user_id, landed.occurred_at)
        return self._covers(landed.site_id, "device", landed.anonymous_id or "", landed.occurred_at)

    def has_line(self, content: bytes) -> bool:
        """Whether a line of the landing zone does: an event, a reject or any other line."""
        if not self._known:
            return False
        try:
            return self.has(_DECODER.decode(content))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self.has_payload(None, None, content.decode(errors="replace"))

    def has_payload(self, site_id: str | None, received_at: datetime | None, payload: str) -> bool:
        """Whether any text of a rejected payload names a suppressed person."""
        return next(self.named(site_id, received_at, payload), None) is not None

    def named(self, site_id: str | None, received_at: datetime | None, payload: str) -> Iterator[tuple[str, Kind, str]]:
        """Give the site, kind and id of each suppressed person whom a rejected payload names."""
        sites = {site_id} & self._sites if site_id else {site for site in self._sites if _may_be_of(site, payload)}
        if not sites:
            return
        for subject in mentions(payload):
            for site, kind in product(sites, _KINDS):
                if self._covers(site, kind, subject, received_at):
                    yield site, kind, subject

    def _covers(self, site_id: str, kind: Kind, subject: str, moment: datetime | None) -> bool:
        found = self._known.get((site_id, kind, self._hash(site_id, kind, subject)), ())
        return any(moment is None or _holds(each, moment) for each in found)


def _holds(each: Suppression, moment: datetime) -> bool:
    ends = [end for end in (each.until_at, each.lifted_at) if end]
    return (each.from_at is None or each.from_at <= moment) and all(moment < end for end in ends)


def _may_be_of(site_id: str, payload: str) -> bool:
    """Whether a line whose site cannot be read may be of this site."""
    return '"site_id":' not in payload or f'"site_id":"{site_id}"' in payload
