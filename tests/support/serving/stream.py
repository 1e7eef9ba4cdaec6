"""A client of server-sent events, which reads in a thread of its own."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx

from tests.support.ingestion.running_collector import wait_until


class Message(NamedTuple):
    """One message, or with event `comment` a comment."""

    event: str
    data: Any
    id: str | None


@dataclass
class Listener:
    """What a stream has sent by now."""

    status: int = 0
    problem: dict[str, Any] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    text: str = ""
    is_over: bool = False
    was_cut: bool = False
    """Whether it was over without an end."""

    def of(self, event: str) -> list[Message]:
        """The messages of a kind."""
        return [each for each in self.messages if each.event == event]

    def wait_for(self, event: str, count: int = 1, seconds: float = 10) -> Message:
        """Wait for so many messages of a kind, and return the last of them."""
        wait_until(lambda: len(self.of(event)) >= count, seconds)
        return self.of(event)[count - 1]

    def happened(self) -> list[str]:
        """The ids of the events that were sent, in order."""
        return [event["event_id"] for each in self.of("happened") for event in each.data["events"]]


@contextmanager
def listening(client: httpx.Client, path: str, token: str, **headers: str) -> Iterator[Listener]:
    """Listen to a stream within the block."""
    listener, answered = Listener(), threading.Event()
    connected: list[socket.socket] = []
    own = httpx.Client(base_url=client.base_url, timeout=60, trust_env=False)

    def listen() -> None:
        try:
            with own.stream("GET", path, headers={"Authorization": f"Bearer {token}"} | headers) as answer:
                listener.status = answer.status_code
                if answer.status_code != 200:
                    listener.problem = json.loads(answer.read())
                    return
                connected.append(answer.extensions["network_stream"].get_extra_info("socket"))
                answered.set()
                _read(answer, listener)
        except httpx.HTTPError:
            listener.was_cut = True
        finally:
            listener.is_over = True
            answered.set()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert answered.wait(20)
    try:
        yield listener
    finally:
        # To close it alone would wake no thread that reads from it.
        with suppress(OSError):
            for each in connected:
                each.shutdown(socket.SHUT_RDWR)
        thread.join(1)
        own.close()


def _read(answer: httpx.Response, listener: Listener) -> None:
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        listener.text += line + "\n"
        if line.startswith(":"):
            listener.messages.append(Message("comment", line, None))
        elif line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "data" in fields:
            listener.messages.append(Message(fields["event"], json.loads(fields["data"]), fields.get("id")))
            fields = {}
