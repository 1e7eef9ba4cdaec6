"""A whole day under an environment that means other programs: as if none of it were set."""

import json
import re
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from footfall.stack.processes import collector_url
from runtime.settings import Settings
from tests.support.command import footfall

pytestmark = [pytest.mark.nights, pytest.mark.xdist_group("stack")]

PORTS = {
    "FOOTFALL_POSTGRES_PORT": "0",
    "FOOTFALL_COLLECTOR_PORT": "0",
    "FOOTFALL_SERVING_PORT": "0",
    "FOOTFALL_DAGSTER_PORT": "0",
}
OTHERS = {
    **{"PGCLIENTENCODING": "LATIN1", "PGSSLMODE": "require", "PGHOSTADDR": "192.0.2.1", "PGSERVICE": "elsewhere"},
    **{"PGTARGETSESSIONATTRS": "standby", "PGOPTIONS": "-c timezone=Asia/Tokyo", "PGPORT": "1", "PGDATABASE": "other"},
    **{"LC_ALL": "xx_YY.ISO-8859-15", "LANG": "xx_YY", "LC_MESSAGES": "zz_ZZ", "TZ": "Asia/Kathmandu"},
    **{"PYTHONIOENCODING": "latin-1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "0", "PYTHONWARNINGS": "ignore"},
    **{"DBT_TARGET": "production", "DBT_PROFILES_DIR": "/nowhere", "DBT_DEFER": "1", "DBT_VARS": "{nonsense"},
    **{"DAGSTER_HOME": "/nowhere", "DAGSTER_GRPC_TIMEOUT_SECONDS": "0", "GX_HOME": "/nowhere"},
}


@pytest.fixture(scope="module")
def proxy():
    """A proxy that refuses everything, and remembers what was asked of it."""
    asked: list[str] = []

    class Refuse(BaseHTTPRequestHandler):
        def parse_request(self):
            asked.append(self.raw_requestline)
            return False

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.asked = asked
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def run(tmp_path_factory, proxy):
    """The command with all of these variables set."""
    home = tmp_path_factory.mktemp("others")
    url = f"http://127.0.0.1:{proxy.server_address[1]}"
    proxies = {name: url for each in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY") for name in (each, each.lower())}

    def command(*arguments):
        done = footfall(home, *arguments, **PORTS, **OTHERS, **proxies, NO_PROXY="", no_proxy="")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    command.home = home
    yield command
    footfall(home, "down")


def test_everything_starts_loads_and_publishes_as_if_none_were_set(run, proxy):
    """Acts: up, a site, an event of jörg through the collector, a night, questions, down."""
    run("up", "--detach")
    key = re.search(r"ff_\S+", run("site", "add", "shop"))[0]
    event = {"event_name": "page_viewed", "user_id": "jörg", "page_url": "https://shop.example/ü"}
    batch = {"events": [event | {"client_timestamp": datetime.now(UTC).isoformat()}]}
    url = f"{collector_url(Settings(home=run.home))}/v1/events?key={key}"
    deadline = time.monotonic() + 15
    while (answer := httpx.post(url, json=batch, trust_env=False)).status_code == 401 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert answer.json()["accepted"] == 1, answer.text
    # Dagster's sensor may have loaded the event before the night does.
    assert re.search(r"sessions +1\n", run("nightly"))
    read = "select user_id, landing_page, convert_to(user_id, 'UTF8') from sessions"
    assert run("psql", "-At", "-F", " ", "-c", read).strip() == r"jörg /ü \x6ac3b67267"
    assert "running" in run("status")
    assert "✓ the collector takes events" in run("doctor")
    run("ask", "summary")
    assert proxy.asked == []


def test_no_process_has_them(run):
    """PostgreSQL, the collector, its follower, answers over HTTP, Dagster's page and daemon, the keeper. The open day's build comes and goes."""
    pids = [int((run.home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])]
    pids += [json.loads(path.read_text())["pid"] for path in (run.home / "run").glob("*.json") if path.stem != "today"]
    assert len(pids) == 8
    for pid in pids:
        entries = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        names = {entry.partition(b"=")[0].decode() for entry in entries}
        assert not names & ({*OTHERS, "HTTP_PROXY", "https_proxy", "NO_PROXY"} - {"DAGSTER_HOME"}), pid
        assert b"DAGSTER_HOME=/nowhere" not in entries
