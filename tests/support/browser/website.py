"""A web server with pages of any site under any name: `<site>.localhost`, `<site>.shop.example`. Knows no browser."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>{head}</head>
<body style="margin: 0">
{body}
</body>
</html>"""
BODY = """<nav><a href="/one">one</a> <a href="/two">two</a> <a href="/three">three</a></nav>
<main style="height: 4000px"><button>press</button></main>"""


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

    def find(self, host: str, target: str) -> Answer:
        """The answer to a request; the site is one of the labels of its host."""
        path = urlsplit(target).path
        for label in host.partition(":")[0].split("."):
            if found := self.answers.get((label, path)) or self.defaults.get(label):
                return found if path != "/favicon.ico" else Answer("")
        return Answer("no such page", status=404)


@contextmanager
def website() -> Iterator[Website]:
    """A server on loopback for a while."""
    site = Website()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = site.find(self.headers["host"], self.path)
            content = answer.body.encode()
            self.send_response(answer.status)
            given = {"content-type": "text/html; charset=utf-8", "content-length": str(len(content))}
            for name, value in (given | answer.headers).items():
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
