"""Every event that the collector has acknowledged is found after any fault; an event that it cannot keep is refused."""

import asyncio
import contextlib
import json
import os
import random
import resource
import shutil
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import psutil
import pytest

from ingestion.collector.http.app import Collector
from ingestion.collector.http.counters import Counters
from ingestion.collector.http.server import serve as serve_http
from ingestion.collector.registry import Registry
from ingestion.landing.reader import sealed_segments
from ingestion.landing.writer import SegmentWriter, recover
from runtime.settings import Settings
from tests.support.ingestion.running_collector import (
    RunningCollector,
    is_alive,
    is_ready,
    make_event,
    wait_until,
    write_registry,
)


class Clients:
    """Several clients that post as fast as they can and note what was acknowledged."""

    def __init__(self, collector: RunningCollector, count: int = 6) -> None:
        self.acknowledged: set[str] = set()
        self.statuses: set[int] = set()
        self._url, self._stop = collector.url, threading.Event()
        self._threads = [threading.Thread(target=self._post) for _ in range(count)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _post(self) -> None:
        with httpx.Client(base_url=self._url, headers={"authorization": "Bearer key-of-shop"}, timeout=20) as client:
            while not self._stop.is_set():
                ids = [str(uuid.uuid4()) for _ in range(random.randint(1, 5))]
                events = [make_event(event_id=event_id, page_title="x" * 400) for event_id in ids]
                try:
                    answer = client.post("/v1/events", json={"events": events})
                except httpx.TransportError:
                    continue
                self.statuses.add(answer.status_code)
                if answer.status_code == 202:
                    self.acknowledged.update(ids)


def landed_ids(collector: RunningCollector) -> list[str]:
    return [event.event_id for event in collector.events()]


@contextmanager
def limited(collector: RunningCollector, kind: int, value: int) -> Iterator[None]:
    """Take something away from the running process, and give it back."""
    [worker] = collector.workers()
    before = resource.prlimit(worker, kind)
    resource.prlimit(worker, kind, (value, before[1]))
    try:
        yield
    finally:
        resource.prlimit(worker, kind, before)


def assert_refuses_for_now(collector: RunningCollector) -> None:
    answer = collector.post(make_event())
    assert (answer.status_code, answer.json()["error"]) == (503, "landing_unavailable")
    assert answer.headers["retry-after"] == "5"


# Death ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attempt", range(3))
def test_every_acknowledged_event_is_found_after_kill_9_at_any_moment(start_collector, attempt):
    collector = start_collector(collector_processes=2, segment_bytes=100_000)
    with Clients(collector) as clients:
        wait_until(lambda: len(clients.acknowledged) > 200)
        time.sleep(random.random() / 2)
        collector.kill()
    assert clients.acknowledged <= set(landed_ids(collector))
    assert list((collector.home / "landing" / "open").iterdir()) == []


def test_sigterm_under_load_loses_nothing_acknowledged_and_leaves_only_sealed_segments(start_collector):
    collector = start_collector(collector_processes=2, segment_bytes=100_000)
    with Clients(collector) as clients:
        wait_until(lambda: len(clients.acknowledged) > 200)
        assert collector.stop() == 0
    ids = landed_ids(collector)
    assert clients.acknowledged <= set(ids)
    assert len(ids) == len(set(ids))
    assert clients.statuses <= {202, 503}
    assert list((collector.home / "landing" / "open").iterdir()) == []


def test_a_request_under_way_at_sigterm_is_finished(start_collector):
    collector = start_collector()
    event_id = str(uuid.uuid4())
    body = json.dumps({"events": [make_event(event_id=event_id)]}).encode()
    head = (
        "POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key-of-shop\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with collector.connect() as connection:
        connection.sendall(head.encode() + body[:50])
        time.sleep(0.2)
        collector.process.terminate()
        time.sleep(0.5)
        connection.sendall(body[50:])
        assert connection.recv(4096).startswith(b"HTTP/1.1 202 ")
    assert collector.process.wait(20) == 0
    assert landed_ids(collector) == [event_id]


@pytest.mark.parametrize(
    ("point", "copies"),
    [("land:writing#2", {0}), ("land:writing#3", {0}), ("land:before_fsync#2", {0, 1}), ("land:after_fsync#2", {1})],
)
def test_a_collector_killed_in_mid_commit_has_not_acknowledged_and_the_retry_has_the_same_id(
    start_collector, monkeypatch, point, copies
):
    """Acts: an event acknowledged, the kill during the next, its retry."""
    # Each process counts for itself, so that the one that replaces the dead takes the retry.
    monkeypatch.setenv("FOOTFALL_FAIL_AT", point)
    collector = start_collector()
    assert collector.post(make_event(event_id="before")).status_code == 202
    doomed = make_event(event_id="doomed")
    in_mid_write = point == "land:writing#3"
    [segment] = (collector.home / "landing" / "open").iterdir()
    # There is room for half a line: the rest would take a second write.
    enough = segment.stat().st_size + 50 if in_mid_write else resource.RLIM_INFINITY
    [worker] = collector.workers()
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (enough, resource.RLIM_INFINITY))
    with pytest.raises(httpx.TransportError):
        collector.post(doomed)
    wait_until(lambda: "segments of dead processes recovered" in collector.log())
    found = landed_ids(collector)
    assert found.count("before") == 1
    assert found.count("doomed") in copies
    assert collector.post(doomed).status_code == 202
    assert landed_ids(collector).count("doomed") == found.count("doomed") + 1
    page = collector.client.get("/metrics").text
    assert f"footfall_collector_torn_lines_total {int(in_mid_write)}\n" in page


def test_a_torn_tail_left_by_an_earlier_death_is_cut_at_the_start(start_collector, tmp_path):
    folder = tmp_path / "landing" / "open"
    folder.mkdir(parents=True)
    (folder / "left.ndjson").write_bytes(b'{"kind":"event","site')
    collector = start_collector()
    assert list(folder.iterdir()) == []
    assert "footfall_collector_torn_lines_total 1\n" in collector.client.get("/metrics").text


def test_a_worker_that_dies_is_replaced_while_the_others_serve(start_collector):
    collector = start_collector(collector_processes=2)
    first, second = collector.workers()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(collector.workers()) == 2 and first not in collector.workers())
    assert second in collector.workers()
    assert collector.post(make_event()).status_code == 202
    assert collector.stop() == 0


def test_workers_whose_parent_is_killed_seal_and_go(start_collector):
    collector = start_collector(collector_processes=2)
    collector.post(make_event(event_id="one"))
    workers = collector.workers()
    os.kill(collector.process.pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, workers)))
    assert recover(collector.home / "landing").segments_sealed == 0
    assert landed_ids(collector) == ["one"]


def test_a_second_collector_on_the_same_port_says_so_and_leaves_the_first_alone(start_collector):
    collector = start_collector()
    collector.post(make_event())
    second = RunningCollector.start(collector.home, collector_port=collector.port)
    assert second.process.wait(30) != 0
    assert "cannot run" in second.log()
    assert collector.post(make_event()).status_code == 202


# Disk -----------------------------------------------------------------------------------------------------


def test_a_full_disk_is_answered_503_health_is_red_and_it_recovers_alone(start_collector):
    collector = start_collector()
    collector.post(make_event(event_id="before"))
    [segment] = (collector.home / "landing" / "open").iterdir()
    with limited(collector, resource.RLIMIT_FSIZE, segment.stat().st_size + 100):
        assert_refuses_for_now(collector)
        assert segment.read_bytes().count(b"\n") == 1
        assert segment.read_bytes().endswith(b"\n")
        assert collector.client.get("/healthz").status_code == 503
        time.sleep(1.1)
        assert collector.client.get("/healthz").json() == {"landing": False, "ready": False}
        assert collector.client.get("/readyz").status_code == 503
    assert collector.post(make_event(event_id="after")).status_code == 202
    assert collector.client.get("/healthz").status_code == 200
    collector.stop()
    assert landed_ids(collector) == ["before", "after"]


@pytest.mark.parametrize("fault", ["land:begun#1=ENOSPC", "land:before_fsync#2=EIO"])
def test_a_commit_that_failed_is_answered_503_and_never_taken_for_done_by_a_later_fsync(
    start_collector, monkeypatch, fault
):
    monkeypatch.setenv("FOOTFALL_FAIL_AT", fault)
    collector = start_collector()
    answers = [collector.post(make_event(event_id=f"{number}")).status_code for number in range(4)]
    assert sorted(answers) == [202, 202, 202, 503]
    collector.stop()
    # The segment after a failed one may be named before it.
    assert sorted(landed_ids(collector)) == [f"{number}" for number, status in enumerate(answers) if status == 202]


def test_health_turns_green_without_any_traffic(start_collector):
    collector = start_collector()
    with limited(collector, resource.RLIMIT_FSIZE, 0):
        assert_refuses_for_now(collector)
    wait_until(lambda: collector.client.get("/healthz").status_code == 200, 5)


def test_a_landing_zone_that_is_gone_is_answered_503_until_it_can_be_made(start_collector):
    collector = start_collector()
    collector.post(make_event(event_id="before"))
    landing = collector.home / "landing"
    shutil.rmtree(landing)
    landing.write_text("a file in the way")
    for _ in range(3):
        assert_refuses_for_now(collector)
    landing.unlink()
    wait_until(lambda: collector.post(make_event(event_id="after")).status_code == 202, 5)
    collector.stop()
    assert set(landed_ids(collector)) == {"before", "after"}


def test_without_file_descriptors_it_refuses_and_does_not_fall(start_collector):
    collector = start_collector()
    collector.client.get("/healthz")
    [worker] = collector.workers()
    with limited(collector, resource.RLIMIT_NOFILE, len(os.listdir(f"/proc/{worker}/fd"))):
        assert_refuses_for_now(collector)
        strangers = [socket.create_connection(("127.0.0.1", collector.port)) for _ in range(50)]
        time.sleep(0.3)
        for stranger in strangers:
            stranger.close()
    assert collector.post(make_event()).status_code == 202
    wait_until(lambda: httpx.get(f"{collector.url}/healthz").status_code == 200)
    assert collector.workers() == [worker]


def test_an_idle_segment_is_sealed_when_its_first_line_is_old(start_collector):
    collector = start_collector(segment_seconds=0.5)
    collector.post(make_event(event_id="one"))
    sealed = collector.home / "landing" / "sealed"
    wait_until(lambda: sealed.exists() and len(list(sealed.glob("[!.]*"))) == 2, 5)
    wait_until(lambda: not list((collector.home / "landing" / "open").iterdir()), 5)
    assert landed_ids(collector) == ["one"]


def test_segments_that_cannot_be_sealed_are_sealed_later_also_when_their_worker_is_gone(start_collector):
    collector = start_collector(segment_seconds=0.2)
    sealed = collector.home / "landing" / "sealed"
    sealed.parent.mkdir(exist_ok=True)
    sealed.write_text("a file in the way")
    assert collector.post(make_event(event_id="one")).status_code == 202
    wait_until(lambda: "sealing failed" in collector.log(), 5)
    [worker] = collector.workers()
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: collector.workers() not in ([], [worker]), 5)
    sealed.unlink()
    wait_until(lambda: len(sealed_segments(collector.home / "landing")) == 1, 5)
    wait_until(lambda: is_ready(collector))
    page = collector.client.get("/metrics").text
    assert "footfall_collector_segments_sealed_total 1\n" in page
    assert "footfall_collector_segments_recovered_total 0\n" in page
    assert collector.log().count("sealing failed") == 1
    assert collector.stop() == 0
    assert landed_ids(collector) == ["one"]


# What one client costs ------------------------------------------------------------------------------------


AROUND = {
    "trailers": (b"0\r\n", b"X-A: y\r\n" * 8000),
    "a trailer": (b"0\r\nX: ", b"x" * 65536),
    "an extension": (b"1;", b"x" * 65536),
}


@pytest.mark.parametrize("key", ["key-of-shop", "no-key"])
@pytest.mark.parametrize(("begin", "noise"), AROUND.values(), ids=AROUND)
def test_what_is_sent_around_a_body_costs_neither_memory_nor_others_time(start_collector, size, key, begin, noise):
    """Four clients at once, as much as is taken of what they send; `make proof`: as long as ten times."""
    collector = start_collector()
    [worker] = collector.workers()
    before = psutil.Process(worker).memory_info().rss
    head = (
        f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    def send() -> None:
        for _ in range(size(3, 30)):
            with collector.connect() as connection, contextlib.suppress(OSError):
                connection.sendall(head.encode() + begin)
                for _ in range(500):
                    connection.sendall(noise)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    longest, largest = 0.0, 0
    while any(thread.is_alive() for thread in threads):
        started = time.monotonic()
        assert collector.post(make_event()).status_code == 202
        longest = max(longest, time.monotonic() - started)
        largest = max(largest, psutil.Process(worker).memory_info().rss)
        time.sleep(0.01)
    assert longest < 1
    assert largest - before < 30_000_000
    assert collector.workers() == [worker]
    assert collector.log().count("\n") == 1


def test_slow_bodies_of_one_address_below_its_rate_disturb_no_other(start_collector, size):
    collector = start_collector(collector_rate_per_address=200)
    head = (
        b"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer key-of-shop\r\n"
        b"Content-Type: text/plain\r\nContent-Length: 1000\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        for _ in range(size(600, 1200)):
            slow = socket.create_connection(("127.0.0.1", collector.port), source_address=("127.0.0.2", 0))
            stack.enter_context(slow)
            slow.sendall(head + b"{")
        for _ in range(10):
            assert collector.post(make_event()).status_code == 202
            time.sleep(0.1)


# Limits, in a process of the test's own so that they can be small -------------------------------------------


UNLIMITED = Settings(collector_rate_per_key=0, collector_rate_per_address=0)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """Serve an application with chosen limits from a thread: `serve(body_seconds=…)` gives the port."""
    stops: list[tuple[Callable[[], object], threading.Thread]] = []
    write_registry(tmp_path)

    def start(given: Settings = UNLIMITED, **limits: float) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        app = Collector(
            Registry(tmp_path / "sites.json"),
            lambda: SegmentWriter(tmp_path / "landing", "limits"),
            Counters(1).row(0),
            "limits-0",
            given,
            **limits,
        )
        started = threading.Event()

        async def run() -> None:
            stopping = asyncio.Event()
            stops.append((partial(asyncio.get_running_loop().call_soon_threadsafe, stopping.set), thread))
            async with app:
                started.set()
                await serve_http(app.respond, listener, stopping)

        thread = threading.Thread(target=lambda: asyncio.run(run()))
        thread.start()
        started.wait(20)
        return int(listener.getsockname()[1])

    yield start
    for stop, thread in stops:
        stop()
        thread.join()


HEAD = b"POST /v1/events?key=key-of-shop HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n"


def test_a_body_that_drips_is_given_up(serve):
    port = serve(body_seconds=0.5)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(HEAD)
        for _ in range(3):
            connection.sendall(b" ")
            time.sleep(0.1)
        answer = connection.recv(4096)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in answer
        while connection.recv(4096):
            pass


def test_more_requests_at_once_than_it_can_hold_are_asked_to_come_back(serve):
    port = serve(max_in_flight=2)
    post = f"http://127.0.0.1:{port}/v1/events?key=key-of-shop"
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
    for connection in slow:
        connection.sendall(HEAD)
    time.sleep(0.3)
    answer = httpx.post(post, json={"events": []})
    assert (answer.status_code, answer.json()["error"]) == (503, "overloaded")
    assert answer.headers["retry-after"] == "5"
    assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    for connection in slow:
        connection.close()
    wait_until(lambda: httpx.post(post, json={"events": []}).status_code == 202)


def test_slow_bodies_of_one_address_take_no_place_from_others(serve):
    port = serve(max_in_flight=6, max_of_address=4)
    slow = [socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)) for _ in range(12)]
    for connection in slow:
        connection.sendall(HEAD)
    time.sleep(0.3)
    for connection in slow[4:]:
        assert connection.recv(4096).startswith(b"HTTP/1.1 429 ")
        connection.close()
    for _ in range(5):
        assert httpx.post(f"http://127.0.0.1:{port}/v1/events?key=key-of-shop", json={"events": []}).status_code == 202
    for connection in slow[:4]:
        connection.sendall(b'{"events":[]}'.ljust(100))
        assert connection.recv(4096).startswith(b"HTTP/1.1 202 ")
        connection.close()
    with socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)) as connection:
        connection.sendall(HEAD + b'{"events":[]}'.ljust(100))
        assert connection.recv(4096).startswith(b"HTTP/1.1 202 ")
