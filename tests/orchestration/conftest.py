"""Where alarms arrive."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


class Webhook(BaseHTTPRequestHandler):
    """Keeps what is posted."""

    def do_POST(self):
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def webhook():
    """A server that remembers in `got` what it was sent."""
    server = HTTPServer(("127.0.0.1", 0), Webhook)
    server.got = []
    threading.Thread(target=server.serve_forever).start()
    yield server
    server.shutdown()
    server.server_close()
