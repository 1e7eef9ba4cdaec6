"""A made-up history of a week on two sites, hostile events among it: what is published of it, and what comes late."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from footfall.pipeline.installation import Installation
from tests.support.chance.happenings import CLIENTS, HAPPENINGS, ORIGINS, PAUSES, TICK
from tests.support.events import Landing, event
from tests.support.spark.hostile import OBJECTS, QUERIES, TEXTS

ZONES = {"shop": "Europe/Berlin", "york": "America/New_York"}
FIRST_DAY = datetime(2026, 10, 29, tzinfo=UTC)
PEOPLE = 24
STATEMENTS = (
    "insert into ops.goals (site_id, goal, step, property, property_value, value_property) values"
    " ('shop', 'order', 'event:order_placed', null, null, 'amount'), ('shop', 'x', '/x*', null, null, null),"
    " ('shop', 'sofa', 'event:search_made', 'query', 'sofa', 'amount'), ('york', 'y', '/*y', null, null, 'amount')",
    "insert into ops.funnels (site_id, funnel, steps) values"
    " ('shop', 'buy', '{/x,event:checkout_started,event:order_placed}'), ('york', 'look', '{/*,/y,/x}')",
    "insert into ops.site_options (site_id, key_events, path_query_keys, currency, top_n, page_path_cap)"
    " values ('york', '{review_posted}', '{x,q,utm_source}', 'USD', 2, 3)",
    "insert into ops.declared_properties (site_id, event_name, property, type) values"
    " ('shop', 'search_made', 'query', 'text'), ('shop', 'feedback_given', 'rating', 'number'),"
    " ('shop', 'thing_done', 'n', 'number'), ('york', 'page_viewed', 'triggered_by', 'text')",
    "insert into ops.own_sources (host, source, category) values"
    " ('partner.example', 'partner', 'social'), ('blog.example', null, 'go_between')",
)


def decide(installation: Installation) -> None:
    """Goals, funnels, options, properties and sources of the owner."""
    with installation.engine.begin() as connection:
        for statement in STATEMENTS:
            connection.execute(text(statement))


Made = list[tuple[str, dict[str, Any], bool]]
"""(site, event, whether it comes late)."""


def _visit(chance: random.Random, number: int) -> Made:
    """What one visitor does: often around midnight, on a device that may change hands."""
    site = chance.choice([*ZONES])
    at = FIRST_DAY + timedelta(
        days=chance.randrange(6), hours=chance.choice((3, 12, 22, 23)), minutes=chance.randrange(60)
    )
    device, client = chance.choice((f"d{number % PEOPLE}", f"d{number % PEOPLE}", None)), chance.choice(CLIENTS)
    made: Made = []
    for _ in range(chance.randrange(1, 9)):
        name, properties = chance.choice(HAPPENINGS)
        ending, referrer = chance.choice(ORIGINS)
        made.append(
            (
                site,
                event(
                    at,
                    device,
                    name,
                    event_id=f"{number}-{len(made)}-{chance.randrange(2**30):x}",
                    properties=properties,
                    user_id=chance.choice((None, None, "ann", "bob") if device else ("ann", "bob")),
                    page_url=f"https://www.{site}.example/{chance.choice('xy')}{ending.format(site=site)}",
                    page_type=chance.choice((None, "category", "offer")),
                    referrer=referrer and referrer.format(site=site),
                    page_view_id=chance.choice((None, None, "v1", "v2")),
                    sequence=chance.choice((None, None, 0, 1)),
                    **client,
                ),
                chance.random() < 0.3,
            )
        )
        at += chance.choice((timedelta(0), TICK, *PAUSES))
    return made


def _hostile(chance: random.Random) -> Made:
    """Events whose texts, addresses and properties want to be read otherwise by another engine."""
    made: Made = []
    for number, (words, query) in enumerate(zip(TEXTS * 9, (*QUERIES, *QUERIES), strict=False)):
        at = FIRST_DAY + timedelta(days=2 + number % 4, minutes=7 * number % 1440, microseconds=number)
        said = chance.choice(OBJECTS)
        made.append(
            (
                "shop",
                event(
                    at,
                    f"h{number % 40}",
                    chance.choice(("page_viewed", "order_placed", "payment_failed", "thing_done", "checkout_started")),
                    event_id=f"h{number}",
                    properties=said,
                    page_url=f"https://Shop.İ{number % 3}Σ.example.:443/x?{query}"[:2000],
                    page_title=words[:500] or None,
                    referrer=f"https://{chance.choice(('Blog.ΣΑΣ.example', 'www.google.co.uk', 'm.İ.example'))}/{words[:80]}",
                    ip=chance.choice(("2001:db8::1", "::1", "0:0:1::5", "1::", "203.0.113.255", "2001:0:0:1::")),
                ),
                number % 3 == 0,
            )
        )
    return made


def _all() -> Made:
    chance = random.Random(23)
    return [each for number in range(90) for each in _visit(chance, number)] + _hostile(chance)


def early() -> Made:
    """What comes in time."""
    return [each for each in _all() if not each[2]]


def late() -> Made:
    """What comes after the first publication, some of it for the second time."""
    return [each for number, each in enumerate(_all()) if each[2] or number % 10 == 0]


def land(landing: Landing, made: Made) -> None:
    """Land them, in one segment of each site."""
    for site in ZONES:
        landing.land(*(dict(fields) for where, fields, _ in made if where == site), site=site)
