"""Bad requests of every kind: the answer, the ledger after the load, and that the next good event loads.

All of them go to one collector, a good event after each, and are loaded together. Cases that need a separate connection
(slow clients, endless chunks, cut connections) are in test_collector.py and test_faults.py.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, create_engine, text

from ingestion.load.loader import load_sealed
from tests.support.balance import require_balance
from tests.support.database import copy_of, rows
from tests.support.ingestion.running_collector import RunningCollector, make_event
from warehouse.access.sites import add_site

MIB = 1024 * 1024
KEY = "key-of-shop"
DEVICE = "ordinary-device"


def body(mark: str, **fields: Any) -> bytes:
    """One event that its id and its title identify."""
    return json.dumps(
        {"events": [make_event(event_id=mark, page_title=mark, anonymous_id=DEVICE) | fields]}, ensure_ascii=False
    ).encode()


def written(mark: str, member: str) -> bytes:
    """One event with a member that no serialiser would write."""
    return body(mark)[:-3] + b"," + member.encode() + b"}]}"


@dataclass(frozen=True)
class Case:
    """What is sent, as a function of the mark by which it is found again."""

    name: str
    send: Callable[[str], bytes]
    headers: dict[str, str]
    method: str = "POST"
    expected: Any = None


def refused(
    name: str, status: int, error: str, send: Callable[[str], bytes], method: str = "POST", **headers: str
) -> Case:
    return Case(name, send, headers, method, (status, error))


REFUSED = [
    refused("an empty body", 400, "invalid_body", lambda mark: b""),
    refused("a truncated body", 400, "invalid_body", lambda mark: body(mark)[:-2]),
    refused("garbage behind the body", 400, "invalid_body", lambda mark: body(mark) + b"x"),
    refused("NaN", 400, "invalid_body", lambda mark: written(mark, '"screen_width":NaN')),
    refused("Infinity", 400, "invalid_body", lambda mark: written(mark, '"properties":{"a":-Infinity}')),
    refused("UTF-16", 400, "invalid_body", lambda mark: body(mark).decode().encode("utf-16")),
    refused("invalid UTF-8", 400, "invalid_body", lambda mark: body(mark).replace(b"/", b"") + b"\xff"),
    refused("100,000 brackets", 400, "invalid_body", lambda mark: b"[" * 100_000),
    refused("100,000 brackets in an event", 400, "invalid_body", lambda mark: written(mark, '"a":' + "[" * 100_000)),
    refused("a list", 400, "invalid_body", lambda mark: b"[" + body(mark) + b"]"),
    refused("a bare event", 400, "invalid_body", lambda mark: json.dumps(make_event(page_title=mark)).encode()),
    refused("501 events", 413, "too_many_events", lambda mark: json.dumps({"events": [{"a": mark}] * 501}).encode()),
    refused("a byte too many", 413, "too_large", lambda mark: body(mark).ljust(MIB + 1)),
    refused("a gzip bomb", 413, "too_large", lambda mark: gzip.compress(bytes(50 * MIB)), content_encoding="gzip"),
    refused("gzip that is none", 400, "invalid_gzip", body, content_encoding="gzip"),
    refused("an unknown encoding", 415, "unsupported_encoding", body, content_encoding="br"),
    refused("a form", 415, "unsupported_content_type", body, content_type="application/x-www-form-urlencoded"),
    refused("multipart", 415, "unsupported_content_type", body, content_type="multipart/form-data; boundary=x"),
    refused("GET", 405, "method_not_allowed", body, "GET"),
    refused("PUT", 405, "method_not_allowed", body, "PUT"),
    refused("no key", 401, "unknown_key", body, authorization=""),
    refused("a wrong key", 401, "unknown_key", body, authorization="Bearer key-of-nobody"),
    refused(
        "an unlisted origin", 403, "origin_not_allowed", body, authorization="Bearer key-of-blog", origin="https://x.y"
    ),
    refused("the origin null", 403, "origin_not_allowed", body, authorization="Bearer key-of-blog", origin="null"),
    refused(
        "an origin that looks alike",
        *(403, "origin_not_allowed", body),
        authorization="Bearer key-of-blog",
        origin="https://blog.example.evil.example",
    ),
]


def rejected(name: str, reason: str, field: str | None, send: Callable[[str], bytes]) -> Case:
    return Case(name, send, {}, expected=(reason, field))


def with_field(field: str, value: Any) -> Callable[[str], bytes]:
    return lambda mark: body(mark, **{field: value})


REJECTED = [
    rejected("no object", "not_an_object", None, lambda mark: json.dumps({"events": [mark]}).encode()),
    rejected("an integer beyond int64", "number_out_of_range", "properties", with_field("properties", {"a": 2**63})),
    rejected(
        "a float beyond float64",
        *("number_out_of_range", "properties"),
        lambda mark: written(mark, '"properties":{"a":1e400}'),
    ),
    rejected("100,000 keys", "too_large", None, lambda mark: body(mark, **{f"k{n}": 1 for n in range(60_000)})),
    rejected(
        "101 properties", "too_many_keys", "properties", with_field("properties", {f"k{n}": 1 for n in range(101)})
    ),
    rejected(
        "nine levels",
        *("too_deep", "properties"),
        lambda mark: written(mark, '"properties":' + '{"a":' * 9 + "1" + "}" * 9),
    ),
    rejected("an id twice", "duplicate_key", "user_id", lambda mark: written(mark, '"user_id":"a","user_id":"b"')),
    *(
        rejected(f"{value!r:.20} as an id", "invalid_id", "user_id", with_field("user_id", value))
        for value in (True, ["a"], {"a": 1}, 1.5, "x" * 100_000)
    ),
    rejected("no device", "invalid_id", "anonymous_id", with_field("anonymous_id", "undefined")),
    rejected("no identity", "missing_identity", "anonymous_id", with_field("anonymous_id", None)),
    rejected(
        "no name", "missing_field", "event_name", lambda mark: json.dumps({"events": [{"page_title": mark}]}).encode()
    ),
    rejected("a name in capitals", "invalid_field", "event_name", with_field("event_name", "Bought It")),
    *(
        rejected(f"{value} as a time", "invalid_timestamp", "client_timestamp", with_field("client_timestamp", value))
        for value in (
            *("0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "tomorrow", "infinity", "2026-02-30T00:00:00Z"),
            *("2026-11-10T08:00:00", "", 1763640000),
        )
    ),
    rejected(
        "a day long pruned", "too_old", "client_timestamp", with_field("client_timestamp", "2020-01-01T00:00:00Z")
    ),
]


def stored(name: str, send: Callable[[str], bytes], headers: dict[str, str] | None = None, **columns: Any) -> Case:
    return Case(name, send, headers or {}, expected=columns)


def kept(field: str, value: str) -> Case:
    return stored(f"{field} {value!r:.30}", with_field(field, value), **{field: value, "flags": []})


def as_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


INERT = [
    *("'; drop table raw.events; --", "{{ 7*7 }}", "${jndi:ldap://127.0.0.1:9/x}", "../../etc/passwd", "%s%n%x {0}"),
    *("=HYPERLINK(1)", "+1", "@SUM(A1)", "\tx", "a\r\nb", "\x1b[31mred", "<script>alert(1)</script>", "\\N", "\\."),
    *("😀👩‍👩‍👧", "\u202eright to left", "zero\u200bwidth", "\ufeff", "ＡＢＣ", "http://127.0.0.1:9/never-fetched"),
]

STORED = [
    *(kept("page_title", value) for value in INERT),
    kept("user_id", "'; drop table raw.events; --"),
    stored("a number as an id", with_field("user_id", 4711), user_id="4711", flags=[]),
    *(
        stored(f"{value!r} as a user", with_field("user_id", value), user_id=None, flags=["no_id"])
        for value in ("", " ", "null", "undefined", "[object Object]", "0", 0, "anonymous", "guest", "false")
    ),
    stored("undefined as a session", with_field("session_id", "undefined"), client_session_id=None, flags=["no_id"]),
    kept("page_url", "::not an address %%% ["),
    kept("page_url", "javascript:alert(1)"),
    stored(
        "a NUL in a value and in a key",
        lambda mark: written(mark, r'"page_type":"a\u0000b","properties":{"k\u0000":"\u0000v"}'),
        page_type="ab",
        properties=as_json({"k": "v"}),
        flags=["sanitised"],
    ),
    stored(
        "half a surrogate pair",
        lambda mark: written(mark, r'"page_type":"\ud800","properties":{"a":"\udc00"}'),
        page_type="\ufffd",
        properties=as_json({"a": "\ufffd"}),
        flags=["sanitised"],
    ),
    stored(
        "half a surrogate pair in properties alone",
        lambda mark: written(mark, r'"properties":{"\ud800":"\uDBFFx"}'),
        properties=as_json({"\ufffd": "\ufffdx"}),
        flags=["sanitised"],
    ),
    stored("the year 2099", with_field("client_timestamp", "2099-01-01T00:00:00Z"), flags=["clock_clamped"]),
    stored("a long title", with_field("page_title", "x" * 60_000), page_title="x" * 512, flags=["truncated"]),
    stored("a token in an address", with_field("page_url", "/x?token=s3cret"), page_url="/x?token=[scrubbed]"),
    stored("a password in a referrer", with_field("referrer", "/x?password=s3cret"), referrer="/x?password=[scrubbed]"),
    stored("a mail address in an address", with_field("page_url", "/x?q=a%40s3cret.example"), page_url="/x?q=[email]"),
    stored(
        "a card number and a mail address in properties",
        with_field("properties", {"a": "4111 1111 1111 1111", "b": "a@s3cret.example"}),
        properties=as_json({"a": "[card]", "b": "[email]"}),
        flags=["scrubbed"],
    ),
    *(
        stored(
            f"the amount {amount!r}",
            lambda mark, amount=amount: body(mark, event_name="order_placed", properties={"amount": amount}),
            flags=["implausible"],
        )
        for amount in (-1, 1e308, "12,50")
    ),
    stored(
        "an unknown currency",
        lambda mark: body(mark, event_name="order_placed", properties={"amount": 1, "currency": "¤"}),
        flags=["implausible"],
    ),
    *(
        stored(
            f"a duration of {duration}",
            lambda mark, duration=duration: body(mark, event_name="page_engaged", properties={"engaged_ms": duration}),
            flags=["implausible"],
        )
        for duration in (-1, 10**12)
    ),
    stored("a forged address", body, {"x_forwarded_for": "6.6.6.6", "true_client_ip": "6.6.6.6"}, ip="127.0.0.1"),
    stored("a long user agent", body, {"user_agent": "x" * 60_000}, user_agent="x" * 512),
    stored("Do Not Track", with_field("user_id", "s3cret"), {"dnt": "1"}, user_id=None, ip=None, flags=["private"]),
    stored(
        "Global Privacy Control", with_field("session_id", "s3cret"), {"sec_gpc": "1"}, client_session_id=None, ip=None
    ),
    stored(
        "consent withdrawn",
        lambda mark: body(mark, user_id="s3cret").replace(b'{"events"', b'{"consent": false, "events"', 1),
        user_id=None,
        flags=["private"],
    ),
]
CASES = [*REFUSED, *REJECTED, *STORED]


@dataclass(frozen=True)
class Aftermath:
    """What was answered, and where it was all loaded."""

    engine: Engine
    answers: dict[str, httpx.Response]
    log: str

    def one(self, query: str, mark: str) -> Any:
        """The only row of a query."""
        with self.engine.connect() as connection:
            (found,) = connection.execute(text(query), {"mark": mark}).mappings().all()
        return found


def mark_of(case: Case) -> str:
    return f"zq-{CASES.index(case)}-{'x' if case in REFUSED else 'e'}"


@pytest.fixture(scope="module")
def aftermath(server_url, template, launch, tmp_path_factory) -> Iterator[Aftermath]:
    """Everything sent, each followed by a good event, and loaded."""
    home = tmp_path_factory.mktemp("bad-input")
    collector = launch(home)
    answers = {case.name: send(collector, case) for case in CASES}
    assert collector.stop() == 0
    with copy_of(server_url.set(database=template)) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            add_site(connection, "shop")
        load_sealed(engine, home / "landing", None, home / "contact_key", 1).raise_for_refused()
        yield Aftermath(engine, answers, collector.log())
        engine.dispose()


def send(collector: RunningCollector, case: Case) -> httpx.Response:
    """Send it, and a good event after it."""
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    headers |= {name.replace("_", "-"): value for name, value in case.headers.items()}
    content = case.send(mark_of(case))
    answer = collector.client.request(case.method, "/v1/events", content=content, headers=headers)
    assert collector.post(make_event(event_id=f"good-{mark_of(case)}", anonymous_id=DEVICE)).json()["accepted"] == 1
    return answer


def named(cases: list[Case]) -> Any:
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


@named(REFUSED)
def test_what_is_refused_says_why_and_leaves_nothing(aftermath, case):
    answer = aftermath.answers[case.name]
    assert (answer.status_code, answer.json()["error"]) == case.expected
    assert answer.json()["message"]
    origin = case.headers.get("origin")
    assert answer.headers.get("access-control-allow-origin") == (None if origin == "null" else origin)
    found = "select (select count(*) from raw.events where page_title = :mark)"
    found += " + (select count(*) from raw.rejects where strpos(payload, :mark) > 0) as count"
    assert aftermath.one(found, mark_of(case))["count"] == 0


@named(REJECTED)
def test_what_is_rejected_is_reported_and_kept_with_its_reason(aftermath, case):
    answer, (reason, field) = aftermath.answers[case.name], case.expected
    assert (answer.status_code, answer.json()["accepted"]) == (202, 0)
    assert answer.json()["errors"] == [{"index": 0, "reason": reason, "field": field}]
    found = aftermath.one(
        "select reason, field, site_id from raw.rejects where strpos(payload, :mark) > 0", mark_of(case)
    )
    assert tuple(found.values()) == (reason, field, "shop")


@named(STORED)
def test_what_is_stored_is_inert_or_repaired_and_flagged(aftermath, case):
    assert aftermath.answers[case.name].json() == {"accepted": 1, "rejected": 0, "errors": []}
    found = dict(
        aftermath.one(
            "select e.*, host(e.ip) as ip, user_agent from raw.events e left join raw.user_agents using (user_agent_id)"
            " where event_id = :mark",
            mark_of(case),
        )
    )
    found["properties"] = as_json(found["properties"])
    assert {name: found[name] for name in case.expected} == case.expected


@named(CASES)
def test_the_next_good_event_loads(aftermath, case):
    found = aftermath.one("select flags, received_at from raw.events where event_id = :mark", f"good-{mark_of(case)}")
    assert found["flags"] == []
    assert datetime.now(UTC) - found["received_at"] < timedelta(minutes=10)


def test_the_ledger_accounts_for_every_line(aftermath):
    require_balance(aftermath.engine)
    [counted] = rows(
        aftermath.engine,
        "select sum(line_count), sum(loaded_count), sum(duplicate_count), sum(rejected_count) from ops.landed_files",
    )
    good = len(CASES) + len(STORED)
    assert tuple(map(int, counted)) == (good + len(REJECTED), good, 0, len(REJECTED))


def test_what_was_scrubbed_or_private_is_nowhere_in_the_database(aftermath):
    for table in ("events", "rejects", "user_agents"):
        query = f"select count(*) as count from raw.{table} t where strpos(t::text, :mark) > 0"
        assert aftermath.one(query, "s3cret")["count"] == 0


def test_the_log_holds_neither_keys_nor_bodies_nor_addresses(aftermath):
    assert [json.loads(line)["message"] for line in aftermath.log.splitlines()] == ["listening", "stopped"]
    for secret in ("key-of", "zq-", DEVICE, "6.6.6.6", "s3cret", "x" * 100):
        assert secret not in aftermath.log
