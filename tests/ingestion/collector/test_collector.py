"""The contract of POST /v1/events, met or broken by real clients of the real process."""

import contextlib
import gzip
import json
import socket
import time
import uuid
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.ingestion.running_collector import RunningCollector, make_event, wait_until, write_registry

MIB = 1024 * 1024


def one(**fields: Any) -> tuple[str, bytes]:
    """An event of its own: its id, and a body with nothing else in it."""
    event_id = str(uuid.uuid4())
    return event_id, json.dumps({"events": [make_event(event_id=event_id, **fields)]}).encode()


def has_landed(collector: RunningCollector, event_id: str) -> bool:
    return any(event.event_id == event_id for event in collector.events())


def head(collector: RunningCollector, *lines: str) -> bytes:
    first = ["POST /v1/events HTTP/1.1", f"Host: 127.0.0.1:{collector.port}", "Authorization: Bearer key-of-shop"]
    return "\r\n".join([*first, "Content-Type: application/json", *lines, "", ""]).encode()


def answer_of(connection: socket.socket) -> tuple[int, str]:
    """Read until the other side hangs up."""
    answer = b""
    while part := connection.recv(65536):
        answer += part
    first, _, body = answer.decode().partition("\r\n\r\n")
    return int(first.split()[1]), body


# What is taken --------------------------------------------------------------------------------------------


def test_events_are_acknowledged_with_counts_and_are_in_a_file_by_then(collector):
    event_id, body = one()
    answer = collector.post_body(body)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": 0, "errors": []})
    [event] = [event for event in collector.events() if event.event_id == event_id]
    assert (event.site_id, event.ip, event.user_agent) == ("shop", "127.0.0.1", collector.client.headers["user-agent"])
    assert abs(event.received_at - datetime.now(UTC)) < timedelta(seconds=20)


def test_each_rejected_event_is_reported_by_index_reason_and_field_and_lands_as_a_reject(collector):
    good, mark = make_event(event_id=str(uuid.uuid4())), str(uuid.uuid4())
    answer = collector.post(5, good, make_event(event_name="No", page_title=mark), [], make_event(screen_width=0))
    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": 1,
        "rejected": 4,
        "errors": [
            {"index": 0, "reason": "not_an_object", "field": None},
            {"index": 2, "reason": "invalid_field", "field": "event_name"},
            {"index": 3, "reason": "not_an_object", "field": None},
            {"index": 4, "reason": "invalid_field", "field": "screen_width"},
        ],
    }
    assert has_landed(collector, good["event_id"])
    [reject] = [reject for reject in collector.rejects() if mark in reject.payload]
    assert (reject.site_id, reject.reason, reject.field) == ("shop", "invalid_field", "event_name")


@pytest.mark.parametrize("how", [{"authorization": "bearer  key-of-shop"}, {"authorization": "Basic x"}])
def test_the_key_may_be_in_the_header_or_in_the_query(collector, how):
    event_id, body = one()
    path = "/v1/events?x=%00&key=key-of%2Dshop" if how["authorization"] == "Basic x" else "/v1/events"
    headers = {"content-type": "application/json"} | how
    assert collector.client.post(path, content=body, headers=headers).status_code == 202
    assert has_landed(collector, event_id)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "text/plain;charset=UTF-8", "Application/JSON; charset=utf-8", "application/json"]
)
def test_json_may_come_as_text_as_a_beacon_sends_it(collector, content_type):
    assert collector.post_body(one()[1], content_type=content_type).status_code == 202


def test_a_gzipped_body_is_unpacked(collector):
    event_id, body = one()
    assert collector.post_body(gzip.compress(body), content_encoding="gzip").status_code == 202
    assert has_landed(collector, event_id)


def test_an_empty_batch_is_taken_and_lands_nothing(collector):
    before = len(collector.landed())
    answer = collector.post()
    assert (answer.status_code, answer.json()) == (202, {"accepted": 0, "rejected": 0, "errors": []})
    assert len(collector.landed()) == before


def test_500_events_are_taken_and_501_are_too_many(collector):
    assert collector.post(*[make_event()] * 500).json()["accepted"] == 500
    answer = collector.post(*[make_event()] * 501)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_many_events")


def test_a_body_of_exactly_one_mib_is_taken_and_one_byte_more_is_not(collector):
    body = one()[1]
    assert collector.post_body(body + b" " * (MIB - len(body))).status_code == 202
    assert collector.post_body(body + b" " * (MIB + 1 - len(body))).status_code == 413


def test_a_chunked_body_is_taken(collector):
    event_id, body = one()
    answer = collector.client.post(
        "/v1/events",
        content=iter([body[:10], body[10:]]),
        headers={"authorization": "Bearer key-of-shop", "content-type": "application/json"},
    )
    assert answer.status_code == 202
    assert has_landed(collector, event_id)


def test_one_client_may_send_many_requests_over_one_connection(collector):
    with collector.connect() as connection:
        for _ in range(3):
            body = one()[1]
            connection.sendall(head(collector, f"Content-Length: {len(body)}") + body)
            answer = b""
            while not answer.endswith(b"}"):
                answer += connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 202 ")


def test_a_client_that_waits_for_100_continue_gets_it(collector):
    with collector.connect() as connection:
        body = one()[1]
        connection.sendall(head(collector, f"Content-Length: {len(body)}", "Expect: 100-continue"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 202 ")


# What is refused ------------------------------------------------------------------------------------------


def refused(collector: RunningCollector, status: int, code: str, body: bytes, **headers: str) -> None:
    before = len(collector.landed())
    answer = collector.post_body(body, **headers)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.json()["message"]
    assert len(collector.landed()) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"events":[]}x',
        b'{"events":[{"a":NaN}]}',
        b'{"events":[{"a":Infinity}]}',
        b'{"events":["\xff"]}',
        '{"events":[]}'.encode("utf-16"),
        b"[" * 100000,
        b'{"events":' + b"[" * 100000,
        b"[]",
        b"{}",
        b'{"events":1}',
    ],
)
def test_a_body_that_is_no_batch_of_events_is_a_bad_request(collector, body):
    refused(collector, 400, "invalid_body", body)


@pytest.mark.parametrize(
    "packed",
    [one()[1], gzip.compress(one()[1])[:-9], gzip.compress(one()[1]) + b"x", b""],
    ids=["not packed", "cut off", "longer", "empty"],
)
def test_a_body_that_is_not_one_whole_gzip_stream_is_a_bad_request(collector, packed):
    refused(collector, 400, "invalid_gzip", packed, content_encoding="gzip")


def test_a_gzip_bomb_is_too_large(collector):
    refused(collector, 413, "too_large", gzip.compress(bytes(200 * MIB)), content_encoding="gzip")


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_an_unknown_encoding_is_refused(collector, encoding):
    refused(collector, 415, "unsupported_encoding", zlib.compress(one()[1]), content_encoding=encoding)


@pytest.mark.parametrize(
    "content_type", ["", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/html"]
)
def test_forms_and_other_types_are_refused(collector, content_type):
    refused(collector, 415, "unsupported_content_type", one()[1], content_type=content_type)


def test_a_hundred_thousand_keys_are_refused(collector):
    keys = {f"{number:x}": 1 for number in range(100_000)}
    for event, field in ((make_event(**keys), None), (make_event(properties=keys), "properties")):
        answer = collector.post_body(json.dumps({"events": [event]}, separators=(",", ":")).encode())
        assert answer.json()["errors"] == [{"index": 0, "reason": "too_large", "field": field}]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_answered_with_the_allowed_ones(collector, method):
    answer = collector.client.request(method, "/v1/events", headers={"authorization": "Bearer key-of-shop"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
    assert collector.client.post("/healthz").headers["allow"] == "GET, HEAD"


def test_another_path_is_not_found(collector):
    assert collector.client.post("/v1/event").json()["error"] == "not_found"


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "key-of-shop", "Bearer key-of-shop x", "Bearer " + "k" * 9000]
)
def test_a_missing_or_wrong_key_is_refused(collector, authorization):
    refused(collector, 401, "unknown_key", one()[1], authorization=authorization)


def test_the_hash_of_a_key_is_no_key(collector):
    key_hash = next(iter(json.loads((collector.home / "sites.json").read_text())["keys"]))
    refused(collector, 401, "unknown_key", one()[1], authorization=f"Bearer {key_hash}")


def test_a_length_over_the_limit_is_refused_before_the_body_comes(collector):
    with collector.connect() as connection:
        connection.sendall(head(collector, f"Content-Length: {MIB + 1}"))
        assert answer_of(connection)[0] == 413


def test_a_client_that_sends_too_much_all_the_same_still_gets_its_answer(collector):
    with collector.connect() as connection:
        connection.sendall(head(collector, f"Content-Length: {3 * MIB}") + b"x" * 3 * MIB)
        assert answer_of(connection)[0] == 413


def test_endless_chunks_are_cut_off(collector):
    before = len(collector.landed())
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    sent = 0
    with collector.connect() as connection:
        connection.sendall(head(collector, "Transfer-Encoding: chunked"))
        with contextlib.suppress(ConnectionError):
            while sent < 500 * MIB:
                connection.sendall(chunk)
                sent += len(chunk)
    assert sent < 100 * MIB
    assert len(collector.landed()) == before


@pytest.mark.parametrize("framing", ["Content-Length: 1000", "Transfer-Encoding: chunked"])
def test_a_connection_cut_in_the_body_stores_nothing(collector, framing):
    event_id, body = one()
    with collector.connect() as connection:
        part = body if "Length" in framing else b"%x\r\n%b\r\n" % (len(body), body)
        connection.sendall(head(collector, framing) + part)
    assert collector.post(make_event()).status_code == 202
    assert not has_landed(collector, event_id)


def test_what_is_no_http_is_refused(collector):
    with collector.connect() as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00 hello\r\n\r\n")
        assert answer_of(connection)[0] == 400


def test_headers_without_end_are_cut_off(collector):
    sent = 0
    with collector.connect() as connection, contextlib.suppress(ConnectionError):
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        while sent < 100 * MIB:
            connection.sendall(b"x" * 10_000)
            sent += 10_000
    assert sent < 50 * MIB


# Who asks and from where ----------------------------------------------------------------------------------


def test_a_forged_address_is_not_believed(collector):
    event_id, body = one()
    forged = dict.fromkeys(["x_forwarded_for", "true_client_ip", "x_real_ip"], "6.6.6.6")
    collector.post_body(body, **forged, forwarded="for=6.6.6.6")
    assert next(event.ip for event in collector.events() if event.event_id == event_id) == "127.0.0.1"


def test_a_long_user_agent_is_cut(collector):
    event_id, body = one()
    collector.post_body(body, user_agent="x" * 50_000)
    assert next(len(event.user_agent or "") for event in collector.events() if event.event_id == event_id) == 512


def test_a_site_that_names_no_origins_takes_all_and_lets_the_page_read_the_answer(collector):
    answer = collector.post_body(one()[1], origin="https://anywhere.example")
    assert answer.status_code == 202
    assert answer.headers["access-control-allow-origin"] == "https://anywhere.example"
    assert answer.headers["vary"] == "Origin"
    assert collector.post_body(b"{", origin="https://a.example").headers["access-control-allow-origin"]


def test_a_listed_origin_may_post_and_so_may_a_server(collector):
    for origin in ({"origin": "https://blog.example"}, {}):
        answer = collector.post_body(one()[1], authorization="Bearer key-of-blog", **origin)
        assert answer.status_code == 202
        assert answer.headers.get("access-control-allow-origin") == origin.get("origin")


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://blog.example.evil.example",
        "http://blog.example",
        "https://blog.example:444",
        "evil",
        "",
        "https://BLOG.example.",
        "https://shop.blog.example",
        "*",
    ],
)
def test_an_unlisted_origin_is_refused_and_its_page_can_read_why(collector, origin):
    answer = collector.post_body(one()[1], authorization="Bearer key-of-blog", origin=origin)
    assert (answer.status_code, answer.json()["error"]) == (403, "origin_not_allowed")
    assert answer.headers.get("access-control-allow-origin") == (None if origin == "null" else origin)


def test_a_page_can_read_that_its_key_is_unknown_and_when_to_try_again(collector):
    answer = collector.post_body(one()[1], authorization="Bearer key-of-no-site", origin="https://a.example")
    assert (answer.status_code, answer.json()["error"]) == (401, "unknown_key")
    assert answer.headers["access-control-allow-origin"] == "https://a.example"
    assert answer.headers["access-control-expose-headers"] == "retry-after"


def test_a_page_without_an_origin_of_its_own_never_gets_an_allow_header(collector):
    assert "access-control-allow-origin" not in collector.post_body(one()[1], origin="null").headers


def test_a_preflight_request_is_answered_without_a_key(collector):
    asked = {"origin": "https://blog.example", "access-control-request-method": "POST"}
    answer = collector.client.options("/v1/events", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "https://blog.example"
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert "authorization" in answer.headers["access-control-allow-headers"]
    assert collector.client.options("/v1/events").status_code == 204


@pytest.mark.parametrize(
    "signals",
    [
        *(["DNT: 1 "], ["DNT:\t1\t"], ["dnt: 1", "dnt: 1"], ["DNT: 1", "DNT: 0"], ["DNT: 0", "DNT: 1"], ["DNT: 1, 1"]),
        *(["Sec-GPC: 1 "], ["Sec-GPC: 1", "Sec-GPC: 1"], ["DNT: 0", "Sec-GPC: 1"]),
    ],
)
def test_a_wish_for_privacy_counts_however_it_is_written(collector, signals):
    event_id, body = one(user_id="s3cret")
    with collector.connect() as connection:
        connection.sendall(head(collector, *signals, f"Content-Length: {len(body)}", "Connection: close") + body)
        assert answer_of(connection)[0] == 202
    [event] = [event for event in collector.events() if event.event_id == event_id]
    assert (event.user_id, event.ip, event.flags) == (None, None, ["private"])


@pytest.mark.parametrize("signals", [["DNT: 0"], ["DNT: 11"], ["DNT: null"], ["DNT:"], ["Sec-GPC: ?1"], []])
def test_what_is_no_wish_for_privacy_is_none(collector, signals):
    event_id, body = one(user_id="public")
    with collector.connect() as connection:
        connection.sendall(head(collector, *signals, f"Content-Length: {len(body)}", "Connection: close") + body)
        assert answer_of(connection)[0] == 202
    [event] = [event for event in collector.events() if event.event_id == event_id]
    assert (event.user_id, event.flags) == ("public", [])


@pytest.mark.parametrize("upgrade", ["h2c", "websocket"])
def test_a_body_after_a_wish_for_another_protocol_is_its_own_request_s_and_no_other(collector, upgrade):
    """As `curl --http2` and Java's own client send it; a request inside it stays text."""
    inner_id, inner_body = one()
    inner = head(collector, f"Content-Length: {len(inner_body)}").replace(b"key-of-shop", b"key-of-blog") + inner_body
    outer_id, _ = one()
    body = json.dumps({"events": [make_event(event_id=outer_id, page_title=inner.decode())]}).encode()
    wish = ["Connection: Upgrade, HTTP2-Settings", f"Upgrade: {upgrade}", "HTTP2-Settings: AAEAAEAAAAIAAAAB"]
    for content in (body, inner):
        with collector.connect() as connection:
            connection.sendall(head(collector, *wish, f"Content-Length: {len(content)}"))
            time.sleep(0.1)
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            assert answer_of(connection)[0] == (202 if content is body else 400)
    assert has_landed(collector, outer_id)
    assert not has_landed(collector, inner_id)


def test_a_client_that_names_no_host_is_refused(collector):
    with collector.connect() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
        assert answer_of(connection)[0] == 400


# Ids and time, through the whole of it --------------------------------------------------------------------


def test_an_event_without_an_id_sent_again_has_the_same_id(collector):
    event = make_event(page_title=str(uuid.uuid4()))
    for sent_at in (None, "2026-01-01T00:00:00Z"):
        assert collector.post(event, sent_at=sent_at).json()["accepted"] == 1
    ids = [landed.event_id for landed in collector.events() if landed.page_title == event["page_title"]]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_the_same_id_on_two_sites_is_two_events(collector):
    event = make_event(event_id=str(uuid.uuid4()))
    for site in ("shop", "blog"):
        collector.post(event, key=f"key-of-{site}")
    sites = {landed.site_id for landed in collector.events() if landed.event_id == event["event_id"]}
    assert sites == {"shop", "blog"}


def test_of_two_copies_in_one_batch_the_first_is_received_first(collector):
    event_id = str(uuid.uuid4())
    collector.post(make_event(event_id=event_id, page_title="z"), make_event(event_id=event_id, page_title="a"))
    copies = [landed for landed in collector.events() if landed.event_id == event_id]
    assert [copy.page_title for copy in sorted(copies, key=lambda copy: copy.received_at)] == ["z", "a"]
    assert len({copy.received_at for copy in copies}) == 2


def test_an_event_without_a_count_of_its_client_has_its_place_in_the_batch(collector):
    mark = str(uuid.uuid4())
    bare, counted = make_event(page_title=mark), make_event(page_title=mark, sequence=0)
    for events in ([bare, [], counted, bare], [bare]):
        collector.post(*events)
    landed = [event for event in collector.events() if event.page_title == mark]
    landed.sort(key=lambda event: event.received_at)
    assert [event.sequence for event in landed] == [1, 0, 4, 1]
    # A filled count is no part of the content, and a given one is.
    assert [event.event_id == landed[0].event_id for event in landed] == [True, False, True, True]


def test_a_client_cannot_name_its_site_or_its_arrival(collector):
    event_id, body = one(site_id="blog", received_at="2020-01-01T00:00:00Z", ip="6.6.6.6", flags=["x"], kind="reject")
    assert collector.post_body(body).status_code == 202
    event = next(event for event in collector.events() if event.event_id == event_id)
    assert (event.site_id, event.received_at.year >= 2026, event.ip, event.flags) == ("shop", True, "127.0.0.1", [])


def test_a_clock_three_hours_slow_is_corrected(collector):
    now, slow = datetime.now(UTC), timedelta(hours=3)
    event_id = str(uuid.uuid4())
    happened = now - timedelta(minutes=1)
    event = make_event(event_id=event_id, client_timestamp=(happened - slow).isoformat())
    collector.post(event, sent_at=(now - slow).isoformat())
    landed = next(event for event in collector.events() if event.event_id == event_id)
    assert landed.flags == ["clock_corrected"]
    assert abs(landed.occurred_at - happened) < timedelta(seconds=10)


def test_an_event_older_than_raw_events_are_kept_is_rejected(collector):
    old = (datetime.now(UTC) - timedelta(days=90, seconds=1)).isoformat()
    young = (datetime.now(UTC) - timedelta(days=89)).isoformat()
    answer = collector.post(make_event(client_timestamp=old), make_event(client_timestamp=young)).json()
    assert answer["errors"] == [{"index": 0, "reason": "too_old", "field": "client_timestamp"}]


def test_half_a_surrogate_pair_costs_its_neighbours_nothing(collector):
    event_id, body = one(page_title="MARK")
    assert collector.post_body(body.replace(b"MARK", rb"\ud800")).json()["accepted"] == 1
    event = next(event for event in collector.events() if event.event_id == event_id)
    assert (event.page_title, event.flags) == ("\ufffd", ["sanitised"])


# How it is doing ------------------------------------------------------------------------------------------


def test_health_readiness_and_metrics_can_be_asked(collector):
    collector.post(make_event(), 5)
    assert collector.client.get("/healthz").json() == {"landing": True, "ready": True}
    assert collector.client.head("/readyz").status_code == 200
    page = collector.client.get("/metrics").text
    counts = dict(line.rsplit(" ", 1) for line in page.splitlines() if not line.startswith("#"))
    assert int(counts["footfall_collector_events_accepted_total"]) >= 1
    assert int(counts["footfall_collector_events_rejected_total"]) >= 1
    assert int(counts['footfall_collector_requests_total{status="202"}']) >= 1
    assert counts["footfall_collector_requests_in_flight"] == "0"


def test_logs_are_json_and_hold_neither_keys_nor_bodies_nor_addresses(start_collector):
    collector = start_collector()
    secret = "top-secret-\x1b[31m"
    collector.client.post("/v1/events?key=top-secret", content=secret)
    collector.post_body(secret.encode(), user_agent="top-secret")
    collector.post(make_event(page_title=secret, event_name=secret))
    with collector.connect() as connection:
        connection.sendall(secret.encode() + b"\r\n\r\n")
        answer_of(connection)
    collector.stop()
    log = collector.log()
    assert [json.loads(line)["message"] for line in log.splitlines()] == ["listening", "stopped"]
    assert "secret" not in log
    assert "key-of" not in log


# The registry ---------------------------------------------------------------------------------------------


def test_a_new_site_a_revoked_key_and_a_changed_origin_are_seen_within_seconds(start_collector):
    collector = start_collector()
    assert collector.post(make_event(), key="key-of-blog").status_code == 202
    write_registry(collector.home, {"shop": {"origins": ["https://shop.example"]}, "new": {}})
    wait_until(lambda: collector.post(make_event(), key="key-of-new").status_code == 202, 5)
    assert collector.post(make_event(), key="key-of-blog").status_code == 401
    assert collector.post_body(one()[1], origin="https://evil.example").status_code == 403


def test_origins_are_compared_as_browsers_write_them(start_collector):
    """In a registry that another program wrote, too; and the page is answered with the origin that it sent."""
    collector = start_collector()
    written = ["https://Shop.Example:443", "https://münchen.example", "no origin"]
    write_registry(collector.home, {"shop": {"origins": written}, "new": {}})
    wait_until(lambda: collector.post(make_event(), key="key-of-new").status_code == 202, 5)
    for origin in ("https://shop.example", "https://SHOP.example", "https://xn--mnchen-3ya.example"):
        answer = collector.post_body(one()[1], origin=origin)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (202, origin)
    for origin in ("https://shop.example:8443", "http://shop.example", "no origin", "null", ""):
        assert collector.post_body(one()[1], origin=origin).status_code == 403


@pytest.mark.parametrize("broken", [b"", b"{", b"[]", b'{"sites":{},"keys":5}', None])
def test_a_broken_or_missing_registry_leaves_the_last_good_one_in_force(start_collector, broken):
    collector = start_collector()
    path = collector.home / "sites.json"
    if broken is None:
        path.unlink()
    else:
        path.write_bytes(broken)
    time.sleep(1.1)
    assert collector.post(make_event()).status_code == 202
    assert collector.client.get("/readyz").status_code == 200
    write_registry(collector.home, {"new": {}})
    wait_until(lambda: collector.post(make_event(), key="key-of-new").status_code == 202, 5)
    assert collector.log().count("registry") == 1


def test_a_collector_that_knows_no_sites_yet_is_alive_but_not_ready(start_collector):
    """Acts: started without a registry, an event put off, the registry there."""
    collector = start_collector()
    collector.stop()
    (collector.home / "sites.json").unlink()
    second = start_collector(until="/healthz")
    assert second.client.get("/readyz").status_code == 503
    answer = second.post(make_event())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    write_registry(second.home)
    wait_until(lambda: second.post(make_event()).status_code == 202, 5)


def test_events_are_kept_for_ever_where_retention_says_so(start_collector, tmp_path):
    write_registry(tmp_path, raw_keep_days=None)
    assert start_collector().post(make_event(client_timestamp="2001-01-01T00:00:00Z")).json()["accepted"] == 1
