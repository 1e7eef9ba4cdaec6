"""Receivers of messages on loopback: a webhook that keeps, refuses or never answers, and a mail server."""

import email
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from footfall.pipeline.installation import Installation
from serving.delivery.queue import send_next
from serving.delivery.receivers import receivers
from tests.support.ingestion.running_collector import wait_until
from warehouse.postgres.roles import Role


def send_waiting(installation: Installation) -> None:
    """Send what waits and is due, as the watch would."""
    for name, send in receivers(installation.settings).items():
        while send_next(installation.engine_of(Role.SERVING), name, send):
            pass


class Webhook(ThreadingHTTPServer):
    """Keeps in `got` what is posted, and answers `status`; while `hangs` is clear it does not answer at all."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Request)
        self.got: list[dict] = []
        self.status = 200
        self.answers = threading.Event()
        self.answers.set()
        self.url = f"http://127.0.0.1:{self.server_port}/secret-token"

    def titles(self):
        return [body["title"] for body in self.got]


class _Request(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.server.answers.wait(60)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@contextmanager
def webhook() -> Iterator[Webhook]:
    server = Webhook()
    threading.Thread(target=server.serve_forever, args=(0.05,)).start()
    try:
        yield server
    finally:
        server.answers.set()
        server.shutdown()
        server.server_close()


class Mailbox:
    """What a mail server took, and who it let in."""

    def __init__(self):
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        self.recipients.append(envelope.rcpt_tos)
        return "250 taken"

    def wait_for(self, count):
        wait_until(lambda: len(self.mails) >= count)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def mail_server(password: str | None = None) -> Iterator[tuple[Mailbox, str]]:
    """A mail server; its mailbox and its address. With a password, it takes mail of `footfall` alone."""
    mailbox = Mailbox()
    known = {
        "auth_required": True,
        "auth_require_tls": False,
        "authenticator": lambda *given: AuthResult(success=given[-1].password == password.encode(), handled=False),
    }
    controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port(), **(known if password else {}))
    controller.start()
    try:
        yield mailbox, f"smtp://{f'footfall:{password}@' if password else ''}127.0.0.1:{controller.port}"
    finally:
        controller.stop()
