"""Requests made up from the collector's own OpenAPI document, and bent out of shape: no answer is a 5xx.

What is landed meanwhile loads. `--examples N` tries more.
"""

import gzip
import json
import socket
import string
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingestion.collector.http.answer import REFUSALS
from ingestion.collector.http.app import _METHODS
from ingestion.load.loader import load_sealed
from tests.support.balance import require_balance
from tests.support.database import rows
from tests.support.ingestion.running_collector import RunningCollector, make_event
from warehouse.access.sites import add_site

NASTY = [
    *("", " ", "\0", "null", "undefined", "NaN", "\ud800", "\u202e", "é" * 3000, "x" * 70_000, "'; --", "{{7*7}}"),
    *(
        "https://a:b@c/?token=1#%",
        "[",
        "2026-02-30T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "4111 1111 1111 1111",
        "a@b.co",
    ),
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63, 2**64, 10**400, -(2**63) - 1])
    | st.floats()
    | st.text(st.characters(), max_size=30)
    | st.sampled_from(NASTY)
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=20) | st.sampled_from(NASTY[:9]), inner, max_size=5)
    ),
    max_leaves=20,
)

SOUND = json.dumps({"events": [make_event()]}).encode()


def values(schema: dict[str, Any], components: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values of a schema of the document, as far as it is used there; now and then something else."""
    if "$ref" in schema:
        return values(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        return st.one_of([values(each, components) for each in schema["anyOf"]])
    if "enum" in schema:
        return mostly([st.sampled_from(schema["enum"])])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return mostly([_of_kind(kind, schema, components) for kind in kinds])


def mostly(ordinary: list[st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    return st.one_of([*ordinary * 8, anything])


def _of_kind(kind: str, schema: dict[str, Any], components: dict[str, Any]) -> st.SearchStrategy[Any]:
    match kind:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(schema.get("minimum", -(2**70)), schema.get("maximum", 2**70))
        case "string" if schema.get("format") == "date-time":
            return st.datetimes().map(lambda at: f"{at.isoformat()}Z")
        case "string":
            return st.text(max_size=schema.get("maxLength", 40))
        case "array":
            return st.lists(values(schema["items"], components), max_size=4)
    fields = {name: values(each, components) for name, each in schema.get("properties", {}).items()}
    if not fields:
        return st.dictionaries(st.text(max_size=10), anything, max_size=6)
    ordinary = {name: st.just(value) for name, value in make_event().items()} if "event_name" in fields else {}
    required = {name: fields[name] for name in schema.get("required", [])}
    required |= {name: st.one_of([value, value, value, fields[name]]) for name, value in ordinary.items()}
    optional = {name: each for name, each in fields.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


@st.composite
def bodies(draw, document: dict[str, Any]) -> bytes:
    batch = draw(values({"$ref": "/Batch"}, document["components"]["schemas"]))
    body = json.dumps(batch, ensure_ascii=draw(st.booleans())).encode(errors="surrogatepass")
    match draw(st.sampled_from([*["whole"] * 9, "cut", "bytes", "doubled", "deep", "gzip"])):
        case "cut":
            return body[: draw(st.integers(0, len(body)))]
        case "bytes":
            return draw(st.binary(max_size=200))
        case "doubled":
            return body.replace(b'{"', b'{"event_id":"a","event_id":"b","', 2)
        case "deep":
            return b'{"events":[' + b'{"properties":' * draw(st.sampled_from([9, 500, 30_000])) + body
        case "gzip":
            return gzip.compress(body)
    return body


text = st.text(string.printable.strip(), max_size=60) | st.sampled_from(
    ["", "gzip", "1", "null", "a" * 9000, "for=[", "*"]
)
headers = st.dictionaries(
    st.sampled_from(
        [
            *("authorization", "content-type", "content-encoding", "origin", "dnt", "sec-gpc", "x-forwarded-for"),
            *("forwarded", "user-agent", "cookie", "range", "expect-ct", "x-http-method-override"),
        ]
    ),
    text,
    max_size=4,
)
methods = st.sampled_from(["POST"] * 12 + ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
queries = st.sampled_from(
    ["", "", "", "?", "?key=key-of-shop", "?key", "?key=%ff%00", "?" + "&" * 3000, "?key=a&key=b"]
)
raw_requests = st.binary(max_size=300) | st.builds(
    lambda line, rest: line + rest,
    st.sampled_from(
        [b"POST /v1/events HTTP/1.1\r\n", b"GET /readyz HTTP/1.0\r\n", b"POST http://[::1 HTTP/1.1\r\n", b"\r\n"]
    ),
    st.binary(max_size=200)
    | st.sampled_from([b"Content-Length: -1\r\n\r\n", b"Transfer-Encoding: x\r\n\r\n", b"A: \xff\r\n\r\n"]),
)


@pytest.fixture(scope="module")
def document(collector) -> dict[str, Any]:
    return collector.client.get("/openapi.json").json()


@pytest.fixture
def trying(pytestconfig):
    """How many examples, the same ones each time unless more are asked for."""
    examples = pytestconfig.getoption("--examples")
    return settings(
        max_examples=examples or 400,
        derandomize=not examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def lives(collector: RunningCollector, worker: int) -> None:
    assert collector.workers() == [worker], "the process died and was replaced"
    assert collector.post(make_event()).json()["accepted"] == 1
    assert "request failed" not in collector.log()


def test_the_document_names_every_page_method_and_answer(collector, document):
    offered = {path: {*methods.split(", ")} - {"OPTIONS", "HEAD"} for path, methods in _METHODS.items()}
    assert {path: {method.upper() for method in item} for path, item in document["paths"].items()} == offered
    reported = document["paths"]["/v1/events"]["post"]["responses"]
    assert set(reported) == {"202", *(str(status) for status, _ in REFUSALS.values())}
    assert collector.post(make_event()).status_code == 202


def test_no_request_made_from_the_document_is_answered_5xx_and_what_lands_loads(
    start_collector, tmp_path, engine, document, trying
):
    """Acts: the requests, the collector stopped, the load."""
    with engine.begin() as connection:
        add_site(connection, "shop")
    collector = start_collector()
    [worker] = collector.workers()
    paths = st.sampled_from([*document["paths"], *["/v1/events"] * 12, "/", "/v1/events/", "/%00", "/..%2f"])
    answered: Counter[int] = Counter()
    counted: Counter[str] = Counter()

    # One request for each answer, whatever chance makes of the others.
    @trying
    @given(methods, paths, queries, headers, bodies(document))
    @example("GET", "/readyz", "", {}, b"")
    @example("POST", "/v1/events", "", {}, SOUND)
    @example("POST", "/v1/events", "", {}, b"{")
    @example("POST", "/v1/events", "", {"authorization": "Bearer no-key"}, SOUND)
    @example("GET", "/v1/events/", "", {}, b"")
    @example("PATCH", "/v1/events", "", {}, b"")
    @example("POST", "/v1/events", "", {"content-type": "text/xml"}, SOUND)
    def ask(method: str, path: str, query: str, given: dict[str, str], body: bytes) -> None:
        default = {"authorization": "Bearer key-of-shop", "content-type": "application/json"}
        answer = collector.client.request(method, path + query, headers=default | given, content=body)
        answered[answer.status_code] += 1
        assert answer.status_code < 500
        if path in ("/v1/events", "/v1/sessions/end") and method == "POST":
            assert str(answer.status_code) in document["paths"][path]["post"]["responses"]
            counted.update({name: answer.json().get(name, 0) for name in ("accepted", "rejected")})
            assert answer.json().keys() in ({"accepted", "rejected", "errors"}, {"error", "message"})

    ask()
    assert {200, 202, 400, 401, 404, 405, 415} <= set(answered)
    lives(collector, worker)
    assert collector.stop() == 0
    load_sealed(engine, tmp_path / "landing", None, tmp_path / "contact_key", 1).raise_for_refused()
    require_balance(engine)
    # One more is the event by which `lives` looks.
    assert rows(engine, "select sum(line_count) from ops.landed_files") == [(counted.total() + 1,)]
    assert rows(engine, "select count(*) > 0 from raw.events") == [(True,)]


def test_no_bytes_on_the_wire_are_answered_5xx(collector, trying):
    [worker] = collector.workers()

    @trying
    @given(raw_requests)
    def say(request: bytes) -> None:
        with collector.connect() as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while part := connection.recv(65536):
                    answer += part
            except ConnectionResetError:
                pass
        assert not answer.startswith(b"HTTP/1.1 5")

    say()
    lives(collector, worker)
