"""A Chromium with a window, and its DevTools protocol over a pipe. What a person does with it is in `person.py`.

No flag here makes a hidden tab act as a visible one, or takes the back/forward cache or prerendering away.
"""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

from tests.tools import program

FLAGS = (
    "--no-sandbox",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-search-engine-choice-screen",
    "--password-store=basic",
    # Pages of any name come from the machine itself.
    "--host-resolver-rules=MAP * 127.0.0.1",
    "--remote-debugging-pipe",
    "--window-size=1200,1000",
)
_WITH_PIPE = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
PATIENCE_SECONDS = 30


class Refused(Exception):
    """Chromium did not do what it was asked."""


class Browser:
    """A running Chromium. Threads may share it."""

    def __init__(self, display: str, profile: Path) -> None:
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        command = [program("chromium"), *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        # Chromium's socket lies here: its path must fit into 108 bytes, which those of tests may not.
        self._temporary = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        with (profile.parent / f"{profile.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", _WITH_PIPE, "bash", str(commands), str(answers), *command],
                env=os.environ | {"DISPLAY": display, "TMPDIR": self._temporary.name},
                pass_fds=[commands, answers],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        os.close(commands)
        os.close(answers)
        self._lock = threading.Lock()
        self._next = 0
        self._waiting: dict[int, tuple[str | None, Future[Any]]] = {}
        self.events: dict[str, list[dict[str, Any]]] = defaultdict(list)
        """What each attached page reported, by the id of its session."""
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        rest = b""
        while part := os.read(self._answers, 1 << 20):
            *messages, rest = (rest + part).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    _, future = self._waiting.pop(message["id"], (None, None))
                    if future:
                        future.set_result(message)
                    continue
                self.events[message.get("sessionId", "")].append(message)
                if message["method"] == "Target.detachedFromTarget":
                    self._give_up(message["params"]["sessionId"])

    def _give_up(self, session: str) -> None:
        """A page that is gone answers no more."""
        for number, (asked, future) in list(self._waiting.items()):
            if asked == session and self._waiting.pop(number, None):
                future.set_exception(Refused("the page is gone"))

    def command(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send a command, to a page or else to the browser, and return its answer."""
        future: Future[Any] = Future()
        with self._lock:
            self._next += 1
            message = {"id": self._next, "method": method, "params": parameters}
            self._waiting[self._next] = session, future
            os.write(self._commands, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        try:
            answer = future.result(PATIENCE_SECONDS)
        except TimeoutError:
            raise Refused(f"{method}: no answer") from None
        if "error" in answer:
            raise Refused(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def targets(self, kind: str = "page") -> dict[str, dict[str, Any]]:
        """What there is of a kind, by id: pages (prerendered ones too), tabs."""
        infos = self.command("Target.getTargets", filter=[{"type": kind}])["targetInfos"]
        return {info["targetId"]: info for info in infos}

    def sleep(self, seconds: float) -> None:
        """Stop all its processes for a while, as a closed laptop does."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.killpg(self.process.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        os.close(self._commands)
        self._temporary.cleanup()
