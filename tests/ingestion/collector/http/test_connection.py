"""HTTP/1.1 on real sockets, without the collector behind it: what clients may do, and what they cannot cost."""

import asyncio
import contextlib
import gc
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import psutil
import pytest
import uvloop

from ingestion.collector.http import connection
from ingestion.collector.http.answer import Answer, RefusalError
from ingestion.collector.http.request import Request
from ingestion.collector.http.server import serve

LARGE = bytes(100_000)
HUGE = bytes(50_000_000)
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
        if request.path == "/huge":
            return Answer(200, HUGE)
        if request.path == "/refused":
            return Answer(413, b"no")
        if request.path == "/slow":
            await asyncio.sleep(0.3)
            return Answer(200, b"/slow")
        try:
            if not request.is_read:
                await request.arrive(5)
            return Answer(200, request.path.encode() + request.body())
        except RefusalError as refusal:
            return refusal.answer()

    def ask(self, *parts: bytes) -> bytes:
        """Send, and read until the other side hangs up or is silent for a second."""
        with self.connect() as client:
            for part in parts:
                client.sendall(part)
            return read(client)

    def connect(self) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        client.settimeout(0.7)
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
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(connection, "LINGER_SECONDS", 0.2)
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


def test_old_clients_are_answered_once(site):
    with site.connect() as client:
        client.sendall(get("/a", version="1.0"))
        assert b"\r\nconnection: close\r\n" in read(client)
        assert is_closed(client)


UPGRADES = {
    # What `curl --http2` and Java's own HttpClient send to a server that they do not know.
    "h2c": ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAA"],
    "websocket": ["Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
    "TLS": ["connection: UPGRADE", "upgrade: TLS/1.3, HTTP/1.1"],
}


@pytest.mark.parametrize("wishes", UPGRADES.values(), ids=UPGRADES)
@pytest.mark.parametrize("framing", ["Content-Length: {}", "Transfer-Encoding: chunked", "Expect: 100-continue"])
def test_a_wish_for_another_protocol_changes_nothing(site, wishes, framing):
    """Above all not where the body ends: what is in it, in whichever write it comes, is no request."""
    inner = get("/inner", "Content-Length: 3", method="POST") + b"abc"
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(inner), inner) if "chunked" in framing else inner
    framed = [framing.format(len(inner))] + [f"Content-Length: {len(inner)}"] * ("Expect" in framing)
    with site.connect() as client:
        client.sendall(get("/outer", *wishes, *framed, method="POST"))
        time.sleep(0.1)
        client.sendall(body[:7])
        time.sleep(0.1)
        client.sendall(body[7:] + get("/next", *wishes, "Connection: close"))
        answers = read(client)
    assert site.asked == ["/outer", "/next"]
    assert b"/outer" + inner in answers
    assert answers.endswith(b"/next")


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


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        ["Host: a", "Host: b"],
        ["Host: a", "host: a"],
        ["Host: a b"],
        ["Host: a, b"],
        ["Host: http://a/"],
        ["Host: a@b"],
        ["Host: [::1"],
        ["Host: a:8o"],
        ["Host: ä"],
    ],
)
def test_a_request_without_one_host_is_refused(site, hosts):
    answer = site.ask("\r\n".join(["GET /a HTTP/1.1", *hosts, "", ""]).encode() + get("/b"))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert site.asked == []


@pytest.mark.parametrize("host", ["a", "", "a.example:8030", "[::1]:80", "127.0.0.1", "xn--mnchen-3ya.example.", "a_b"])
def test_any_host_is_taken(site, host):
    assert site.ask(f"GET /a HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()).endswith(b"/a")


def test_a_target_may_be_a_whole_address_and_an_old_client_names_no_host(site):
    assert site.ask(get("http://a.example:8030/b", "Connection: close")).endswith(b"/b")
    assert site.ask(b"GET /c HTTP/1.0\r\n\r\n").endswith(b"/c")


def head_of(length: int) -> bytes:
    head = get("/a", "X: ", "Connection: close")
    return head.replace(b"X: ", b"X: ".ljust(length - len(head) + 3, b"x"))


@pytest.mark.parametrize("step", [1_000_000, 5000])
@pytest.mark.parametrize("before", [b"", get("/b")])
def test_a_head_of_64_kib_is_read_and_none_that_is_longer(site, before, step):
    for length, status in ((connection.MAX_HEAD_BYTES, b"200 OK"), (connection.MAX_HEAD_BYTES + 1, b"431 ")):
        content = before + head_of(length)
        answers = site.ask(*[content[at : at + step] for at in range(0, len(content), step)])
        assert answers.count(b"HTTP/1.1 ") == (2 if before else 1)
        assert status in answers[answers.rindex(b"HTTP/1.1 ") :]
    assert site.asked.count("/a") == 1


@pytest.mark.parametrize("noise", [b"\r\n", b"X", b"GET / HTTP/1.1\r\nX", b"GET / HTTP/1.1\r\nX: y\r\n"])
def test_a_head_without_end_is_cut_off(site, noise):
    with site.connect() as client:
        client.sendall(noise)
        assert stuff(client, noise[-4:] * 10_000) < ENDLESS


ENDLESS_FRAMES = {
    "a trailer": (b"0\r\nX: ", b"x" * 65536),
    "trailers": (b"0\r\n", b"X: y\r\n" * 9000),
    "the name of a trailer": (b"0\r\n", b"x" * 65536),
    "an extension": (b"5;a=", b"x" * 65536),
    "extensions": (b"", b"1;a=xxxxxxxxxxxxxxxxxx\r\nx\r\n" * 3000),
    "a size": (b"", b"0" * 65536),
    "padded sizes": (b"", b"0000000000000001\r\nx\r\n" * 3000),
    "chunks of a byte": (b"", b"1\r\nx\r\n" * 9000),
}


@pytest.mark.parametrize(("begin", "noise"), ENDLESS_FRAMES.values(), ids=ENDLESS_FRAMES)
@pytest.mark.parametrize("path", ["/a", "/refused"])
def test_what_is_around_a_body_is_counted(site, path, begin, noise):
    """Of 100 MB no more is taken than the system itself holds for a connection that is not read."""
    before = psutil.Process().memory_info().rss
    with site.connect() as client:
        client.sendall(get(path, "Transfer-Encoding: chunked", method="POST") + begin)
        assert stuff(client, noise) < 16_000_000
        assert psutil.Process().memory_info().rss - before < 16_000_000
        client.settimeout(1)
        with contextlib.suppress(ConnectionError):
            assert read(client).startswith((b"HTTP/1.1 413 ", b"HTTP/1.1 400 "))
    assert site.asked == [path]


@pytest.mark.parametrize("wrong", [b"x", b"-1", b"5 ", b"5\n", b"0x5", b" 5", b"5;\0", b"", b"1" * 17, b"5\r"])
def test_a_chunk_that_is_none_ends_the_connection(site, wrong):
    chunked = get("/a", "Transfer-Encoding: chunked", method="POST")
    answer = site.ask(chunked + wrong + b"\r\nabcde\r\n0\r\n\r\n" + get("/b"))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert "/b" not in site.asked


@pytest.mark.parametrize("end", [b"0\r\n X: y\r\n\r\n", b"0\r\nX\r\n\r\n", b"0\r\nX : y\r\n\r\n", b"0\n\n"])
def test_a_trailer_that_is_none_ends_the_connection(site, end):
    chunked = get("/a", "Transfer-Encoding: chunked", method="POST")
    assert site.ask(chunked + b"1\r\nx\r\n" + end + get("/b")).startswith(b"HTTP/1.1 400 ")
    assert "/b" not in site.asked


def test_trailers_and_extensions_are_read_over(site):
    chunked = get("/a", "Transfer-Encoding: Chunked", "Trailer: X", method="POST")
    answers = site.ask(
        chunked + b'00b ; a="b";c\r\n0123456789\n\r\n000\r\nX: y\r\nX-Forwarded-For: z\r\n\r\n' + get("/b")
    )
    assert b"/a0123456789\n" in answers
    assert answers.endswith(b"/b")


@pytest.mark.parametrize("announced", [5_000_000, 900_000_000])
def test_nothing_more_is_read_of_a_body_that_was_refused_and_is_far_too_long(site, announced):
    with site.connect() as client:
        client.sendall(get("/refused", f"Content-Length: {announced}", method="POST"))
        assert stuff(client, LARGE) < announced


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ([get("/a")], [b"200"]),
        ([get("/slow")], [b"200"]),
        ([get("/slow"), get("/a"), get("/b")], [b"200", b"200", b"200"]),
        ([get("/a", "Content-Length: 5", method="POST") + b"12345"], [b"200"]),
        ([get("/a", "Transfer-Encoding: chunked", method="POST") + b"1\r\nx\r\n0\r\n\r\n"], [b"200"]),
        ([get("/refused", "Content-Length: 5", method="POST")], [b"413"]),
        ([get("/a", "Content-Length: 5", method="POST") + b"12"], [b"400"]),
        ([get("/slow"), get("/a", "Content-Length: 5", method="POST") + b"12"], [b"200", b"400"]),
        ([get("/slow"), b"GET /b HT"], [b"200", b"400"]),
        ([get("/slow"), b"\0\0\r\n"], [b"200", b"400"]),
        ([b"GET /a HT"], [b"400"]),
        ([], []),
    ],
)
def test_a_client_that_sends_no_more_still_gets_its_answers(site, sent, answered):
    with site.connect() as client:
        client.sendall(b"".join(sent))
        client.shutdown(socket.SHUT_WR)
        client.settimeout(3)
        answers = read(client)
    assert [each[:3] for each in answers.split(b"HTTP/1.1 ")[1:]] == answered


def vanish(client: socket.socket) -> None:
    """Go away without a word, so that whatever is sent meets a reset."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


GONE = {
    "nothing": b"",
    "half a head": b"GET /a HT",
    "a request": get("/slow"),
    "three requests": get("/slow") * 3,
    "a long answer": get("/huge"),
    "long answers": get("/huge") * 2 + b"GET",
    "many answers": get("/large") * 100,
    "half a body": get("/a", "Content-Length: 5", method="POST") + b"12",
    "a head that waits": get("/a", "Content-Length: 5", "Expect: 100-continue", method="POST"),
    "a body that nothing asks for": get("/slow", "Content-Length: 500000", method="POST") + LARGE,
    "a body that is refused": get("/refused", "Content-Length: 500000", method="POST") + LARGE,
    "a long body that is refused": get("/refused", "Content-Length: 900000000", method="POST") + LARGE,
    "half a chunk": get("/a", "Transfer-Encoding: chunked", method="POST") + b"2\r\nx",
    "no chunk": get("/a", "Transfer-Encoding: chunked", method="POST") + b"x\r\n",
    "no HTTP": b"\0\r\n\r\n" + LARGE,
}


@pytest.mark.parametrize("sent", GONE.values(), ids=GONE)
@pytest.mark.parametrize("leave", [vanish, socket.socket.close])
def test_a_client_that_goes_away_leaves_nothing_in_the_log(site, caplog, sent, leave):
    for seconds in (0, 0.05):
        client = site.connect()
        client.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            client.sendall(sent)
        time.sleep(seconds)
        leave(client)
    assert site.ask(get("/slow", "Connection: close")).endswith(b"/slow")
    gc.collect()
    assert caplog.records == []


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
