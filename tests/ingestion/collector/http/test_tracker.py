"""The tracker sending to a real collector: in a real browser, on a page that is clicked, scrolled and left, and in node."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.ingestion.running_collector import wait_until
from tests.tools import program

PAGE = """<!doctype html><title>Offer</title><body style="height: 4000px">
<script src="{collector}/tracker.js" data-key="key-of-shop" data-page-type="offer"></script>
<script>
  document.body.click();
  footfall.identify("user-42", {{plan: "pro"}});
  footfall.track("order_placed", {{order_id: "17", amount: 12.5, currency: "EUR"}});
  setTimeout(() => history.pushState({{}}, "", "/second.html?x=1"), 300);
  setTimeout(() => {{ footfall.signOut(); scrollTo(0, 4000); }}, 500);
  setTimeout(() => {{ location.href = "/left.html"; }}, 900);
</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def website(tmp_path):
    """A folder served on loopback."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "left.html").write_text("<!doctype html><title>Left</title>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def visiting(url: str, profile: Path) -> Iterator[None]:
    """A browser of its own that opens the page."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    flags += ["--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}"]
    browser = subprocess.Popen(
        [program("chromium"), *flags, "--remote-debugging-port=0", url],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        browser.terminate()
        browser.wait()


def test_the_script_is_served_to_any_page(collector):
    answer = collector.client.get("/tracker.js")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "max-age" in answer.headers["cache-control"]
    assert answer.text.startswith("/* Footfall's tracker")
    assert collector.client.post("/tracker.js").status_code == 405


def test_a_visit_is_recorded_from_its_first_page_to_its_end(start_collector, website, tmp_path):
    collector = start_collector()
    folder, address = website
    (folder / "index.html").write_text(PAGE.format(collector=collector.url))
    with visiting(f"{address}/index.html", tmp_path / "profile"):
        wait_until(lambda: "session_ended" in {event.event_name for event in collector.events()}, 30)
    events = sorted(collector.events(), key=lambda event: event.client_timestamp)
    names = [event.event_name for event in events]
    assert collector.rejects() == []
    assert names[0] == "page_viewed"
    assert names.count("page_viewed") == 2
    assert {"user_identified", "order_placed", "user_signed_out", "session_ended"} <= set(names)
    assert len({event.anonymous_id for event in events}) == 1
    by_name = {event.event_name: event for event in events}
    assert by_name["order_placed"].user_id == "user-42"
    assert by_name["session_ended"].user_id is None
    assert by_name["session_ended"].page_type == "offer"
    second = [event for event in events if event.event_name == "page_viewed"][1]
    assert second.page_url == f"{address}/second.html?x=1"
    assert second.referrer == f"{address}/index.html"
    pings = [event for event in events if event.event_name == "page_engaged"]
    assert pings
    assert b'"clicks":1' in b"".join(bytes(ping.properties) for ping in pings)
    assert {bytes(event.properties) for event in events if event.event_name == "session_ended"} == {
        b'{"reason":"page_unload"}'
    }


def visit(collector, *choice: str) -> list[str]:
    """A short visit in node; gives the names of what the page has stored."""
    page = Path(__file__).with_name("page.js")
    done = subprocess.run(
        [program("nodejs"), page, collector.url, *choice], capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def test_without_objection_a_visit_has_one_device_and_a_user(start_collector):
    collector = start_collector()
    assert visit(collector) == ["footfall.device", "footfall.sequence", "footfall.user"]
    events = collector.events()
    names = [event.event_name for event in events if event.event_name != "page_engaged"]
    assert names == ["page_viewed", "user_identified", "order_placed", "page_viewed"]
    assert len({event.anonymous_id for event in events}) == 1
    assert events[-1].user_id == "user-zq7"


@pytest.mark.parametrize(("choice", "stored"), [("gpc", []), ("out", ["footfall.choice"])])
def test_after_an_objection_only_page_views_are_sent_and_no_one_is_named(start_collector, choice, stored):
    collector = start_collector(respect_dnt=False)
    assert visit(collector, choice) == stored
    events = collector.events()
    assert [(event.event_name, event.flags) for event in events] == [("page_viewed", ["private"])] * 2
    assert len({event.anonymous_id for event in events}) == 2
    assert not any("zq7" in line for path in collector.home.rglob("*.ndjson") for line in path.read_text().splitlines())
