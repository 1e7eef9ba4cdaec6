"""A history for both engines: some people on four days, with events that come late, again, and with hostile values.

The same at each call. Days are far from any change of clocks; one site lies elsewhere than in UTC.
"""

import random
from datetime import UTC, datetime, timedelta

from tests.support.events import Landing, event
from tests.support.happenings import CLIENTS, HAPPENINGS, ORIGINS, TICK

SITES = {"shop": "UTC", "nepal": "Asia/Kathmandu"}
FIRST = datetime(2026, 11, 2, tzinfo=UTC)
HOSTILE = (
    "",
    "None",
    "null",
    '"',
    "\\",
    "\\N",
    "a\nb\r\nc\td",
    "it's; --",
    "%",
    "%zz%C3%28",
    "İSTANBUL ΣΑΣ",
    "🜁\u200b\ufffd",
    "$1{x}[y]",
    "{}",
    "x" * 300,
)
AMOUNTS = (12345678.9, "0.10", 1e15, 0, -3, "1e3", "NaN", 99999999999999.9999)


def land(landing: Landing, days: range, seed: int, people: int = 25) -> None:
    """Land what people do on these days (0: the first), and of the days before what comes late and what comes again."""
    chance = random.Random(seed)
    made = []
    for person in range(people):
        site = chance.choice(list(SITES))
        for _ in range(chance.randint(1, 3)):
            at = FIRST + timedelta(days=chance.choice(days), minutes=chance.randint(-40, 1430))
            made += [(site, each) for each in _visit(chance, site, person, at)]
    late = FIRST + timedelta(days=days[0] - 1, hours=5)
    made += [("shop", each) for each in _visit(chance, "shop", chance.randrange(people), late)]
    made += [(site, dict(each)) for site, each in chance.sample(made, len(made) // 10)]
    for site in SITES:
        landing.land(*(each for where, each in made if where == site), site=site)


def _visit(chance: random.Random, site: str, person: int, at: datetime) -> list[dict]:
    client, device = chance.choice(CLIENTS), f"d{person}"
    made = []
    for _ in range(chance.randint(1, 6)):
        name, properties = chance.choice(HAPPENINGS)
        ending, referrer = chance.choice(ORIGINS)
        text = chance.choice(HOSTILE)
        if chance.random() < 0.3:
            properties = properties | {chance.choice(["query", "amount", "note"]): text, "note": {"a": [text, 1.50]}}
        if "amount" in properties and chance.random() < 0.5:
            properties = properties | {"amount": chance.choice(AMOUNTS)}
        fields = event(at, device, name, properties=properties, event_id=f"{chance.getrandbits(60):x}", **client)
        made.append(
            fields
            | {
                "user_id": chance.choice([None, None, f"user{person % 7}"]),
                "page_url": f"https://www.{site}.example/{chance.choice('xy')}{ending.format(site=site)}",
                "page_title": text,
                "page_identifier": chance.choice([None, text]),
                "referrer": referrer and referrer.format(site=site),
                "sequence": chance.choice([None, 0, 1]),
                "received_at": at + timedelta(seconds=1, days=chance.choice([0, 0, 0, 2])),
                "ip": chance.choice([None, "203.0.113.9", "2001:db8::1:0:0:1"]),
            }
        )
        at += chance.choice([TICK, timedelta(seconds=40), timedelta(minutes=30), timedelta(minutes=31)])
    return made
