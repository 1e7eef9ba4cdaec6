"""Simulated traffic in the landing zone, as the collector would have put it there. Runs no collector."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

import msgspec

from footfall.simulator.traffic import Sent, generate
from ingestion.event.reception import Reception
from ingestion.event.validate import encode_line, validate
from ingestion.landing.writer import SegmentWriter

TRANSIT = timedelta(seconds=1)
LINES_AT_ONCE = 1000


def land(landing: Path, day: date, events: int, seed: int) -> None:
    """Land about `events` events of one day."""
    land_sent(landing, generate(1, events, seed, day))


def land_sent(landing: Path, sent: Iterable[Sent]) -> None:
    """Land these events, sealed, in the order in which they happened."""
    sent = sorted(sent, key=lambda one: one.event["client_timestamp"])
    with SegmentWriter(landing, "bench", max_seconds=3600) as writer:
        lines = _lines(sent)
        while block := b"".join(islice(lines, LINES_AT_ONCE)):
            writer.append(block)


def _lines(sent: list[Sent]) -> Iterator[bytes]:
    for site, user_agent, event in sent:
        received_at = datetime.fromisoformat(event["client_timestamp"]) + TRANSIT
        reception = Reception(site, received_at, "bench", ip="192.0.2.1", user_agent=user_agent)
        yield encode_line(validate(msgspec.json.encode(event), reception))
