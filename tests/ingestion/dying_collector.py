"""The real collector, killed as by `kill -9` at one point of one commit: `dying_collector <point> <flag file>`.

It dies once, while the flag file exists, at the first commit that holds an event named `doomed`.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from ingestion import segment
from ingestion.collector.__main__ import main

POINT, FLAG = sys.argv[1], Path(sys.argv[2])
_append, _write, _fsync = segment.Segment.append, segment._write, os.fsync
_doomed = False


def die(here: str) -> None:
    if _doomed and here == POINT and FLAG.exists():
        FLAG.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def append(self: segment.Segment, lines: bytes) -> None:
    global _doomed
    _doomed = b'"doomed"' in lines
    _append(self, lines)
    _doomed = False


def write(descriptor: int, lines: bytes) -> None:
    die("before the write")
    if _doomed and POINT == "in mid-write" and FLAG.exists():
        os.write(descriptor, lines[:-20])
        die(POINT)
    _write(descriptor, lines)


def fsync(descriptor: Any) -> None:
    die("before the fsync")
    _fsync(descriptor)
    die("after the fsync")


segment.Segment.append = append  # type: ignore[method-assign]
segment._write = write
os.fsync = fsync

if __name__ == "__main__":
    sys.exit(main())
