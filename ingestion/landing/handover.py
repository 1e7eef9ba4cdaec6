"""Hand finished segments to another process, which seals them: the open file itself goes over, and its lock with it."""

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
    """Return the receiving and the sending end. Neither waits; many processes may share the sending end."""
    receiving, sending = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    receiving.setblocking(False)
    sending.setblocking(False)
    return receiving, sending


def hand_over(sending: socket.socket, segment: Segment) -> bool:
    """Give a segment away; False where nothing takes it, so that it is the caller's still."""
    message = msgspec.json.encode(_Finished(str(segment.path), segment.length))
    try:
        socket.send_fds(sending, [message], [segment.fileno()])
    except OSError:
        return False
    segment.release()
    return True


def take_over(receiving: socket.socket) -> Iterator[Segment]:
    """Give each segment that was handed over and not taken yet.

    Where this process can open no more files, one is left to recovery, as if its writer had died.
    """
    with suppress(BlockingIOError):
        while True:
            message, descriptors, *_ = socket.recv_fds(receiving, _MAX_MESSAGE_BYTES, 1)
            given = _DECODER.decode(message)
            for descriptor in descriptors:
                yield Segment(Path(given.path), descriptor, given.length)
