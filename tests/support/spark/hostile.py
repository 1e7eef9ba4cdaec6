"""Values that two engines may read differently, chosen by hand and made up by chance: texts, queries, JSON, addresses, …"""

import json
import random
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

ROWS = 2400
"""Rows of the table, each with a value for every macro."""
TEXTS = (
    "", " ", "a", "null", "true", "\n", "push\n", "x\npush", "email", "a.b", "(direct)", "cross-network\n",
    "\u0130stanbul", "\u039f\u0394\u039f\u03a3", "\u03a3\u0391\u03a3 \u03a3", "\u1e9e\u00df", "\ufb01x", "\u212a\u212b", "\u017f",
    "e\u0301\u00e9", "\u00a0x\u2003", "\u0085", "\u2028y", "\u180e", "\ufeff", "\U0001f600\U00010400", "\ufffd", "\u0663\uff11",
    "%", "%%", "%4", "%zz", "%C3%BC", "%C3", "%C3x", "%C3\u00fc", "%ED%A0%80", "%F4%90%80%80", "%C0%80", "%00", "a%00b", "+",
    "a+b", "%2B", "%C3%EF%BF%BD%BC", "%EF%BF%BD", "%E2%82", "%e2%82%ac", "% 4", "%+", "%F0%9F%98%80", "%%EF%BF%BD",
    "%EF%BF%BD%C3", "\ufffd%41", "it's", '"', "\\", "\\n", "\\%", "%\\_", "_", "*", "/*/a_b%", "/x*y\\*", "[x", "]", "{", "$", "^",
    "1", "-1", "+5", "1e5", "12345678.9", "0012", "999999999999", "1000000000000", "999999999999.99995", "0.00005",
    "0.00004999", "1.", ".5", "1." + "3" * 100, "0." + "0" * 40 + "1", "1 ", " 1", "1\n", "NaN", "Infinity", "1_000", "0x10",
    "EUR", "eur", "eur\n", "euro", "\u00e9ur", "86400000", "86400000.5", "0.999999999", "7.1234567891",
    '{"email": "a@b.c", "n": 1}', '{"Email" : "a", "PHONE":49301,"name": {"first": "Ann", "of": {"a": [1]}}}',
    '{"phones": [{"phone": -49.5}], "name": ["a]b", {"x": "}"}]}', '"email": "unended', '"email": "a\\"b\\\\" rest',
    '"email"\u00a0:\u2003"x"', '"email"\u180e: "x"', '"email"\u0085:\n"x"', '"ema\u0131l": 1', '"na\u1e41e": 1, "NAME": 2',
    '"email": [[[[1]]]]', '"email": [[[1]]]', '"name": "a\nb"', '"pHone": .5.5-', '"email": null', "\"email\": 'x'",
    '"email": "' + "x" * 9000 + '"', '"email": "' + '\\"' * 5000 + '"', '"email": [' + '"x", ' * 3000 + "1]",
    '"street": "\u00c9"', '"\u00c9TAGE": "3"', '"\u00e9tage": "3"',
)  # fmt: skip
NAMES = (
    "",
    "a",
    "b",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "gclid",
    "fbclid",
    "id",
    "page",
    "q",
    "x",
)
QUERIES = (
    "", "utm_source=", "utm_source=x", "utm_source=x&utm_medium=y&utm_campaign=z", "a=1&&b=2", "id", "id=", "=x", "&", "id=2&id=1&id",
    "utm_source=%20%20google", "utm_source=+%20+", "utm_source=%2", "utm_source=%20x", "xutm_source=1", "utm_source=a\nb",
    "utm_source=" + "+" * 1900, "utm_source=" + "%20" * 600 + "x", "utm_source=" + "+%20" * 450, "utm_campaign=" + "a" * 1500,
    "page=2&id=1", "utm_source=\u0130&utm_term=\u03a3", "utm_medium=cpc\n", "gclid=&fbclid=x", "utm_source=%C3&gclid=1",
    "utm_medium=" + "paid" * 400, *(f"utm_source={words}&utm_term={words}" for words in TEXTS if len(words) < 60),
)  # fmt: skip
ADDRESSES = (
    "203.0.113.255", "0.0.0.0", "255.255.255.255", "10.0.0.1/8", "::", "::1", "1::", "::ffff:1.2.3.4", "::1.2.3.4", "64:ff9b::1.2.3.4",
    "0:0:1::5", "0:1::", "::1:0:0:0:0:0", "::1:2:3:4:5:6", "1:0:0:2::", "1:0:3::", "2001:db8::1", "2001:db8:10:ffff::1", "1:2:3:4:5:6:7:8",
    "0:0:0:1:2:3:4:5", "fe80::1", "2001:db8::/32", "a00::0:1", "100:0:0:1::", "0:0:ff::",
)  # fmt: skip
OBJECTS: tuple[dict[str, Any], ...] = (
    {},
    {"amount": 12345678.9, "currency": "EUR", "order_id": "big"},
    {"amount": 0.1, "total_amount": "19.90", "currency": "eur"},
    {"amount": "999999999999.99994", "currency": "CHF", "n": 1.5},
    {"amount": 1e300, "currency": "EUR", "n": -0.0},
    {"amount": "5 EUR", "currency": "euro", "items": {"sku": 1}},
    {"items": [{"sku": "a", "price": 6.25}, "b", [1, 2], None], "checkout_id": 7, "n": True},
    {"items": [], "service": "\u00fc" * 200, "n": "text"},
    {"items": "[1]", "order_id": "", "n": None},
    {"error_details": {"gate": "g", "payer": {"phone": "+49", "Name": 'Ann "A" B'}}, "email": "a@b.c"},
    {"error_details": '{"phone":49301,"try":2}', "errorDetails": ["a", {"email": ["x"]}]},
    {"errorDetails": 'says "email": "a@b.c"', "error_message": "line\nbreak\ttab \u0001"},
    {'key with "quote"': 1, "\u00fc": 2, "zz": 3, "a.b": {"c": [1.0, 2.50]}, "$": "\\", "": "empty"},
    {"order": {"Email": "a@b.c", "phones": [{"n": 1, "phone": 49301}]}, "n": 9007199254740993},
    {"name": {"first": "Ann"}, "fullname": "kept", "say": '"name": "no key"', "community_id": 1.0},
    {"reason": "page_unload", "engaged_ms": 1999.9, "clicks": "3", "response_ms": 1e3, "query": "sofa"},
    {"rating": 4.50, "n": 12345678901234567890.5, "triggered_by": "\U0001f600"},
)
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia",
    "Africa/Casablanca", "Europe/Dublin", "Etc/GMT+12", "Pacific/Kiritimati", "Asia/Tehran", "America/Sao_Paulo", "Asia/Kolkata",
)  # fmt: skip
PATTERNS = (
    "^(.*cp.*|ppc|retargeting|paid.*)$", "push$", "^(email|e-mail|e_mail|e mail)$", "(mobile|notification)", "cross-network",
    "^(.*(([^a-df-z]|^)shop|shopping).*)$", "^\\(direct\\)$", "^a.b$", "^$", "^(.*video.*)$",
)  # fmt: skip
WORDS = (
    "a",
    "b",
    "ab",
    "push",
    "cpc",
    "shop",
    "eshop",
    "video",
    "mobile",
    "email",
    "=",
    "&",
    "%20",
    "+",
    "%C3%BC",
    "\n",
    " ",
    "\u00fc",
)


def letters() -> list[str]:
    """Every character that PostgreSQL can hold, in as many texts as the table has rows."""
    every = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
    size = -(-len(every) // ROWS)
    return ["".join(every[start : start + size]) for start in range(0, size * ROWS, size)]


def _text(chance: random.Random, number: int) -> str:
    if number < len(TEXTS):
        return TEXTS[number]
    return "".join(chance.choice((*WORDS, chance.choice(TEXTS)[:40])) for _ in range(chance.randrange(1, 7)))


def _query(chance: random.Random, number: int) -> str:
    if number < len(QUERIES):
        return QUERIES[number]
    return "&".join(f"{chance.choice(NAMES)}={_text(chance, ROWS)}" for _ in range(chance.randrange(1, 6)))


def _address(chance: random.Random, number: int) -> str:
    if number < len(ADDRESSES):
        return ADDRESSES[number]
    if chance.random() < 0.3:
        return ".".join(str(chance.randrange(256)) for _ in range(4))
    return ":".join(f"{chance.choice((0, 0, 0, 1, 0x10, 0xFFFF, 0xAB00)):x}" for _ in range(8))


def _value(chance: random.Random, depth: int = 2) -> Any:
    kind = chance.randrange(8 if depth else 6)
    match kind:
        case 0 | 1:
            return _text(chance, chance.randrange(len(TEXTS) + 20))[:300].replace("\x00", "")
        case 2:
            return chance.choice((0, 1, -7, 2**63 - 1, 10**11, chance.randrange(10**6)))
        case 3:
            return chance.choice((0.5, 1e15, 1e-7, 12345678.9, -0.25, round(chance.random() * 10**9, 3)))
        case 4:
            return chance.choice((True, False))
        case 5:
            return None
        case 6:
            return [_value(chance, depth - 1) for _ in range(chance.randrange(4))]
    return _object(chance, depth - 1)


KEYS = (
    "amount",
    "currency",
    "email",
    "Phone",
    "name",
    "items",
    "n",
    "order_id",
    "reason",
    "\u00fc",
    "a.b",
    'q"k',
    "",
    "\u0130",
    "it's",
)


def _object(chance: random.Random, depth: int = 2) -> dict[str, Any]:
    return {chance.choice(KEYS): _value(chance, depth) for _ in range(chance.randrange(6))}


def table() -> list[dict[str, Any]]:
    """The rows: column → value. JSON is text."""
    chance = random.Random(23)
    characters = letters()

    def moment() -> datetime:
        # Each engine has rules of timezones of its own; these are no older than those of 2025.
        return datetime(1971, 1, 1, tzinfo=UTC) + timedelta(microseconds=chance.randrange(54 * 365 * 86400 * 10**6))

    def row(number: int) -> dict[str, Any]:
        earlier, day = moment(), date(2026, 1, 1) + timedelta(days=chance.randrange(400))
        ahead = chance.choice((0, 1, 999, 1000, 999999, 1000000, chance.randrange(10**12)))
        said = OBJECTS[number] if number < len(OBJECTS) else _object(chance)
        return {
            "id": number,
            "grp": number % 60,
            "words": None if number % 97 == 96 else _text(chance, number),
            "letters": characters[number],
            "query": None if number % 89 == 88 else _query(chance, number),
            "keys": None if number % 83 == 82 else [chance.choice(NAMES[1:]) for _ in range(chance.randrange(4))],
            "pattern": chance.choice(PATTERNS),
            "address": _address(chance, number),
            "said": json.dumps(said),
            "name": f"{chance.choice(KEYS)}{number}",
            "key": chance.choice(KEYS),
            "earlier": earlier,
            "later": earlier + timedelta(microseconds=ahead),
            "zone": chance.choice(ZONES),
            "first_day": day,
            "last_day": day + timedelta(days=chance.randrange(500)),
            "number": chance.choice((0, 1, 16, 2**32, chance.randrange(2**62))),
            "divisor": chance.choice((1, 3, 7, 1000, 1000000)),
            "amount": f"{chance.randrange(10**13)}.{chance.choice((0, 5, 50, 1234, 9999)):04}",
        }

    return [row(number) for number in range(ROWS)]


def tuples(made: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[tuple]:
    return [tuple(row[column] for column in columns) for row in made]
