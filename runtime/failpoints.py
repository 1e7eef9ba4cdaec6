"""Named places where a test may make the process fail. Without FOOTFALL_FAIL_AT they do nothing.

`FOOTFALL_FAIL_AT=place[#hit][=way]` names the place, the hit to fail at (default: the first), and the way:

* `kill` (default): the process dies, as by `kill -9`.
* `ENOSPC`, `EIO`: the place raises that OSError.
* `cut`: the database connection in use there is cut off.
* `deaf`: the same, after the server has committed but before the client hears of it.
"""

import errno
import os
import re
import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection  # For types only: the collector runs without it.


@dataclass
class FailPoint:
    """Where, when and how to fail."""

    place: str
    hit: int = 1
    way: str = "kill"

    def fail(self, connection: "Connection | None") -> None:
        """Count one hit, and fail if it is the hit that was asked for."""
        self.hit -= 1
        if self.hit:
            return
        if self.way == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.way in ("cut", "deaf"):
            driver: Any = connection and connection.connection.driver_connection
            if self.way == "deaf":
                driver.pgconn.exec_(b"commit; begin")
            with socket.socket(fileno=os.dup(driver.fileno())) as wire:
                wire.shutdown(socket.SHUT_RDWR)
        else:
            number = getattr(errno, self.way)
            raise OSError(number, os.strerror(number), self.place)


def parse(said: str) -> FailPoint:
    """Read `place[#hit][=way]`."""
    place, hit, way = re.fullmatch(r"([a-z:_]+)(?:#(\d+))?(?:=(\w+))?", said).groups()  # type: ignore[union-attr]
    return FailPoint(place, int(hit or 1), way or "kill")


armed: FailPoint | None = parse(said) if (said := os.environ.get("FOOTFALL_FAIL_AT")) else None


def reach(place: str, connection: "Connection | None" = None) -> None:
    """Fail here if this place is armed. Hand in the connection that is in use."""
    if armed and armed.place == place:
        armed.fail(connection)
