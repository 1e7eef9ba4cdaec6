"""Hand finished segments to another process, which seals them: it receives the open file, and with it the lock."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from ingestion.landing.segment import Segment

_MAX_MESSAGE_BYTES = 16 * 1024


class _Finished(msgspec.Struct, frozen=True):
    path: str
    length: int


_DECODER = msgspec.json.Decoder(_Finished)


def make_channel() -> tuple[socket.socket, socket.socket]:
    """Make a channel. Its ends never block; many processes may share the sending end.

    Returns:
        The receiving end and the sending end.
    """
    receiving, sending = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiving.setblocking(False)
    sending.setblocking(False)
    return receiving, sending


def hand_over(sending: socket.socket, segment: Segment) -> bool:
    """Send a segment to the other process. Return False if that fails: then the caller keeps it."""
    message = msgspec.json.encode(_Finished(str(segment.path), segment.length))
    try:
        socket.send_fds(sending, [message], [segment.fileno()])
    except OSError:
        return False
    segment.release()
    return True


def take_over(receiving: socket.socket) -> Iterator[Segment]:
    """Give each segment that was handed over and not taken yet.

    If this process can open no more files, a segment is left to recovery, as if its writer had died.
    """
    with suppress(BlockingIOError):
        while True:
            message, descriptors, *_ = socket.recv_fds(receiving, _MAX_MESSAGE_BYTES, 1)
            given = _DECODER.decode(message)
            for descriptor in descriptors:
                yield Segment(Path(given.path), descriptor, given.length)
