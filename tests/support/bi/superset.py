"""A Superset that `footfall superset up` runs, and a browser that is signed in to it."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from footfall.pipeline.installation import Installation
from tests.support.browser.look import Look
from tests.support.ingestion.running_collector import wait_until

PATIENCE_SECONDS = 400


@dataclass(frozen=True)
class Running:
    """What it said at its start."""

    process: subprocess.Popen[str]
    said: list[str]

    @property
    def url(self) -> str:
        return re.search(r"http://127\.0\.0\.1:\d+", "".join(self.said))[0]

    @property
    def password(self) -> str:
        """The admin's, which is shown once."""
        return re.search(r"shown this once.*\n +(\S+)", "".join(self.said))[1]


def environment(installation: Installation) -> dict[str, str]:
    url = installation.database.administrator.render_as_string(hide_password=False)
    given = {"FOOTFALL_HOME": str(installation.settings.home), "FOOTFALL_DATABASE_URL": url}
    return os.environ | given | {"NO_COLOR": "1", "COLUMNS": "200"}


@contextmanager
def running(installation: Installation, *arguments: str) -> Iterator[Running]:
    """Superset for a while, and then Ctrl-C."""
    command = [sys.executable, "-u", "-m", "footfall", "superset", "up", *arguments]
    process = subprocess.Popen(
        command, env=environment(installation), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    it = Running(process, [])
    reader = threading.Thread(target=lambda: it.said.extend(process.stdout), daemon=True)
    reader.start()
    try:
        wait_until(
            lambda: process.poll() is not None or any("Ctrl-C" in line for line in it.said), seconds=PATIENCE_SECONDS
        )
        assert process.poll() is None, "".join(it.said)
        yield it
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        reader.join(10)
        process.stdout.close()


def sign_in(look: Look, url: str, password: str) -> None:
    """Sign in as a person does."""
    look.at(f"{url}/login/")
    look.tab.wait_for("!!document.querySelector('#username')")
    for field, text in (("username", "admin"), ("password", password)):
        look.tab.click(f"#{field}")
        look.tab.command("Input.insertText", text=text)
    look.tab.press("Enter")
    look.tab.wait_for("location.pathname != '/login/'")
