"""A web server with pages of any site under any name: `<site>.localhost`, `<site>.shop.example`. Knows no browser.

It also serves the collector under a site's own name, so that answers can go wrong on the way.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>{head}</head>
<body style="margin: 0">
{body}
</body>
</html>"""
BODY = """<nav><a href="/one">one</a> <a href="/two">two</a> <a href="/three">three</a></nav>
<main style="height: 4000px"><button>press</button></main>"""


SOUND, LOST = 0, -1
"""The collector's answer comes; it takes the events, but its answer does not come."""


@dataclass(frozen=True)
class Answer:
    """What the server gives for a path."""

    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass
class Website:
    """The server, and the pages that were put there."""

    port: int = 0
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    defaults: dict[str, Answer] = field(default_factory=dict)
    """What a site gives for all other paths."""
    faults: dict[str, list[int]] = field(default_factory=dict)
    """What comes of a site's next posts: the status that is answered in the collector's place, LOST or SOUND."""
    posts: dict[str, int] = field(default_factory=dict)
    """How many posts of a site came this way."""

    def find(self, host: str, target: str) -> Answer:
        """The answer to a request; the site is one of the labels of its host."""
        path = urlsplit(target).path
        for label in host.partition(":")[0].split("."):
            if found := self.answers.get((label, path)) or self.defaults.get(label):
                return found
        return Answer("no such page", status=404)


@contextmanager
def website(collector: str) -> Iterator[Website]:
    """A server on loopback for a while, before a collector at this address."""
    site = Website()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/tracker.js":
                script = httpx.get(f"{collector}{self.path}")
                return self.give(200, script.content, {"content-type": script.headers["content-type"]})
            answer = site.find(self.headers["host"], self.path)
            return self.give(
                answer.status, answer.body.encode(), {"content-type": "text/html; charset=utf-8"} | answer.headers
            )

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            label = self.headers["host"].partition(".")[0]
            site.posts[label] = site.posts.get(label, 0) + 1
            fault = site.faults[label].pop(0) if site.faults.get(label) else SOUND
            if fault > 0:
                return self.give(fault, b"", {})
            kept = {name: self.headers[name] for name in ("content-type", "user-agent")}
            answer = httpx.post(f"{collector}{self.path}", content=body, headers=kept)
            if fault == LOST:
                self.close_connection = True
                return None
            return self.give(answer.status_code, answer.content, {"content-type": "application/json"})

        def give(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in (headers | {"content-length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *arguments: Any) -> None:
            """A tab that is closed closes its connections."""

    server = Server(("127.0.0.1", 0), Handler)
    site.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
