"""Posting traffic, against a small collector that gives set answers and remembers what it took."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice

import httpx
import pytest

from footfall.simulator.post import Posted, PostError, post
from footfall.simulator.traffic import generate
from ingestion.landing.reader import read_lines, sealed_segments
from runtime.settings import PROJECT

KEYS = {"shop": "key-shop", "widget": "key-widget", "community": "key-community"}


class Collector(ThreadingHTTPServer):
    """Accepts every event, unless `answers` still holds another answer: (status, headers, body)."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = []
        self.requests = []
        self.connections = set()
        self.url = f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.connections.add(self.client_address)
        accepted = {"accepted": len(body["events"]), "rejected": 0, "errors": []}
        status, headers, answer = self.server.answers.pop() if self.server.answers else (202, {}, accepted)
        if status == 202:
            self.server.requests.append((self.headers, body))
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def collector():
    server = Collector()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def traffic():
    return generate(2, 4000, 1, date(2026, 11, 3))


def test_every_event_arrives_with_its_key_and_user_agent_and_no_sent_at(collector):
    sent = list(traffic())
    seen = []
    posted = post(sent, collector.url, KEYS, seen.append)
    assert posted == Posted(len(sent), len(collector.requests)) == seen[-1]
    arrived = set()
    sites = {f"Bearer {key}": site for site, key in KEYS.items()}
    for headers, body in collector.requests:
        assert set(body) == {"events"}
        site = sites[headers["Authorization"]]
        arrived |= {(site, headers["User-Agent"], event["event_id"]) for event in body["events"]}
    assert arrived == {(site, user_agent, event["event_id"]) for site, user_agent, event in sent}


def test_a_few_connections_are_kept_and_no_more(collector):
    post(traffic(), collector.url, KEYS, connections=2)
    assert len(collector.requests) > len(collector.connections) > 0
    assert len(collector.connections) <= 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_batch_that_is_put_off_is_sent_again(collector, status):
    collector.answers = [(status, {"Retry-After": "0"}, {"error": "busy"})] * 3
    sent = list(islice(traffic(), 1200))
    assert post(sent, collector.url, KEYS).events == len(sent)
    assert sum(len(body["events"]) for _, body in collector.requests) == len(sent)


def test_being_put_off_for_too_long_is_an_error(collector):
    collector.answers = [(503, {"Retry-After": "3600"}, {"error": "full"})] * 5
    with pytest.raises(PostError, match="503"):
        post(islice(traffic(), 10), collector.url, KEYS)


def test_a_refused_batch_is_an_error_that_says_why(collector):
    collector.answers = [(401, {}, {"error": "unknown_key"})] * 5
    with pytest.raises(PostError, match=r"401.*unknown_key"):
        post(islice(traffic(), 10), collector.url, KEYS)


def test_a_rejected_event_is_an_error_that_names_reason_field_and_event(collector):
    errors = [{"index": 0, "reason": "invalid_field", "field": "page_url"}]
    collector.answers = [(202, {}, {"accepted": 0, "rejected": 1, "errors": errors})] * 5
    with pytest.raises(PostError, match=r"invalid_field page_url.*event_id"):
        post(islice(traffic(), 1), collector.url, KEYS)


def test_a_site_without_a_key_is_an_error(collector):
    with pytest.raises(PostError, match="no write key"):
        post(traffic(), collector.url, {})


@pytest.fixture
def real_collector(tmp_path):
    """The home and address of the collector itself, running."""
    hashes = {hashlib.sha256(key.encode()).hexdigest(): site for site, key in KEYS.items()}
    sites = {site: {"timezone": "UTC", "origins": []} for site in KEYS}
    (tmp_path / "sites.json").write_text(json.dumps({"sites": sites, "keys": hashes, "raw_keep_days": None}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "HOME": str(tmp_path),
        "COLLECTOR_PORT": str(port),
        "COLLECTOR_PROCESSES": "1",
        "SEGMENT_SECONDS": "0.5",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "ingestion.collector"],
        cwd=PROJECT,
        env=os.environ | {f"FOOTFALL_{name}": value for name, value in settings.items()},
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 30
        while not _is_ready(url):
            assert process.poll() is None, "the collector died"
            assert time.monotonic() < deadline, "the collector never became ready"
            time.sleep(0.1)
        yield tmp_path, url
    finally:
        process.terminate()
        process.wait(30)


def _is_ready(url):
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def test_the_collector_itself_takes_all_of_it_as_often_as_it_is_sent(real_collector):
    home, url = real_collector
    first, second = (post(traffic(), url, KEYS) for _ in range(2))
    assert first == second
    deadline = time.monotonic() + 30
    while True:
        segments = sealed_segments(home / "landing")
        landed = [json.loads(line.content) for segment in segments for line in read_lines(segment)]
        if len(landed) == 2 * first.events or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert {line["kind"] for line in landed} == {"event"}
    expected = [(site, user_agent, event["event_id"]) for site, user_agent, event in traffic()] * 2
    assert sorted((line["site_id"], line["user_agent"], line["event_id"]) for line in landed) == sorted(expected)
