"""HTTP/1.1 on real sockets, without the collector behind it: what clients may do, and what they cannot cost."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
import uvloop

from ingestion.collector.http import connection
from ingestion.collector.http.answer import Answer
from ingestion.collector.http.request import Request
from ingestion.collector.http.server import serve

LARGE = bytes(100_000)
ENDLESS = 100_000_000


class Site:
    """Answers with what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.port = 0

    async def respond(self, request: Request) -> Answer:
        self.asked.append(request.path)
        if request.path == "/large":
            return Answer(200, LARGE)
        if request.path == "/refused":
            return Answer(413, b"no")
        if request.path == "/slow":
            await asyncio.sleep(0.3)
            return Answer(200, b"/slow")
        if not request.is_read:
            await request.arrive(5)
        return Answer(200, request.path.encode() + request.body())

    def ask(self, *parts: bytes) -> bytes:
        """Send, and read until the other side hangs up or is silent for a second."""
        with self.connect() as client:
            for part in parts:
                client.sendall(part)
            return read(client)

    def connect(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        client.settimeout(1)
        return client


def read(client: socket.socket) -> bytes:
    answer = b""
    try:
        while part := client.recv(65536):
            answer += part
    except TimeoutError:
        pass
    return answer


def is_closed(client: socket.socket) -> bool:
    """Whether the other side has hung up and said nothing."""
    try:
        return client.recv(1) == b""
    except TimeoutError:
        return False


def stuff(client: socket.socket, content: bytes) -> int:
    """Send until nothing more is taken for a moment, or ever, and return how many bytes were."""
    client.settimeout(0.3)
    sent = 0
    with contextlib.suppress(TimeoutError, ConnectionError):
        while sent < ENDLESS:
            sent += client.send(content)
    return sent


def get(path: str, *headers: str, version: str = "1.1", method: str = "GET") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: x", *headers, "", ""]).encode()


@pytest.fixture
def site() -> Iterator[Site]:
    found, listener = Site(), socket.create_server(("127.0.0.1", 0))
    found.port = listener.getsockname()[1]
    stop: list[Callable[[], object]] = []
    started = threading.Event()

    async def run() -> None:
        stopping = asyncio.Event()
        stop.append(partial(asyncio.get_running_loop().call_soon_threadsafe, stopping.set))
        started.set()
        await serve(found.respond, listener, stopping)

    def run_as_the_collector_does() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(run())

    thread = threading.Thread(target=run_as_the_collector_does)
    thread.start()
    started.wait(10)
    yield found
    stop[0]()
    thread.join(20)
    assert not thread.is_alive()


def test_requests_sent_at_once_are_answered_one_after_the_other(site):
    answers = site.ask(get("/slow") + get("/a") + get("/b", "Connection: close"))
    assert [answers.index(b"/slow") < answers.index(b"/a") < answers.index(b"/b")] == [True]
    assert answers.count(b"HTTP/1.1 200 OK\r\n") == 3


def test_what_follows_a_last_request_is_left_alone(site):
    answers = site.ask(get("/a", "Connection: close") + get("/b") + b"\0\0 no HTTP")
    assert answers.count(b"HTTP/1.1 ") == 1
    assert answers.endswith(b"/a")
    assert b"\r\nconnection: close\r\n" in answers


@pytest.mark.parametrize("request_", [get("/a", version="1.0"), get("/a", "Connection: upgrade", "Upgrade: h2c")])
def test_old_clients_and_those_that_want_another_protocol_are_answered_once(site, request_):
    with site.connect() as client:
        client.sendall(request_)
        assert b"\r\nconnection: close\r\n" in read(client)
        assert is_closed(client)


def test_a_head_is_answered_without_its_content(site):
    answer = site.ask(get("/large", "Connection: close", method="HEAD"))
    assert b"content-length: 100000\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_a_body_that_is_refused_is_not_asked_for(site):
    answer = site.ask(get("/refused", "Content-Length: 5", "Expect: 100-continue", method="POST"))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b" 100 " not in answer


def test_a_body_in_many_parts_is_put_together(site):
    head = get("/a", "Transfer-Encoding: chunked", "Connection: close", method="POST")
    assert site.ask(head, *[b"1\r\nx\r\n"] * 2000, b"0\r\n\r\n").endswith(b"/a" + b"x" * 2000)


@pytest.mark.parametrize(
    "smuggled",
    [
        get("/a", "Content-Length: 3", "Transfer-Encoding: chunked", method="POST") + b"0\r\n\r\n",
        get("/a", "Content-Length: 3", "Content-Length: 4", method="POST") + b"abcd",
        get("/a", "Transfer-Encoding: chunked", method="POST") + b"x\r\n",
        b"GET /a HTTP/1.1\r\nA\r\n : b\r\n\r\n",
    ],
)
def test_a_request_with_two_readings_is_refused_and_ends_the_connection(site, smuggled):
    answer = site.ask(smuggled + get("/b"))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "/b" not in site.asked


def test_a_client_that_drips_its_head_is_cut_off(site, monkeypatch):
    monkeypatch.setattr(connection, "HEAD_SECONDS", 0.2)
    with site.connect() as client:
        client.settimeout(5)
        client.sendall(b"GET /a HT")
        assert is_closed(client)


def test_a_client_that_is_silent_after_its_answer_is_cut_off(site, monkeypatch):
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.2)
    with site.connect() as client:
        client.settimeout(5)
        client.sendall(get("/a"))
        assert client.recv(1000).endswith(b"/a")
        assert is_closed(client)


def test_a_client_that_does_not_read_is_not_answered_without_end(site):
    with site.connect() as client:
        assert stuff(client, get("/large") * 1000) < ENDLESS
        time.sleep(1)
        answered = len(site.asked)
        assert 0 < answered < 1000
        time.sleep(0.5)
        assert len(site.asked) == answered


def test_a_body_that_nothing_asks_for_is_not_read_without_end(site):
    with site.connect() as client:
        client.sendall(get("/slow", "Content-Length: 900000000", method="POST"))
        assert stuff(client, LARGE) < ENDLESS
