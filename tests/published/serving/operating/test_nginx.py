"""nginx in front, as docs/nginx.conf says: addresses, limits, compression, streams, and the events of a real browser."""

import json
import time
from collections.abc import Iterator

import pytest

from footfall.pipeline import night
from tests.support.browser.devtools import Browser
from tests.support.browser.look import Look
from tests.support.browser.screen import screen
from tests.support.browser.website import BODY, PAGE, Answer, website
from tests.support.events import Landing
from tests.support.ingestion.running_collector import make_event, wait_until
from tests.support.marts.history import happening
from tests.support.serving.nginx import nginx

VISITOR = "127.0.0.2"
POST = {"authorization": "Bearer key-of-shop"}


@pytest.fixture(scope="module")
def collector(launch, tmp_path_factory):
    return launch(tmp_path_factory.mktemp("behind"), trusted_proxies="127.0.0.1")


@pytest.fixture(scope="module")
def front(collector, client, tmp_path_factory):
    with nginx(tmp_path_factory.mktemp("nginx"), collector.url, str(client.base_url).rstrip("/")) as front:
        yield front


@pytest.fixture
def visitor(front):
    with front.client(front.events, VISITOR) as client:
        yield client


@pytest.fixture
def reader(front, tokens):
    with front.client(front.figures) as client:
        client.headers["authorization"] = f"Bearer {tokens['shop']}"
        yield client


def test_an_event_has_the_address_of_its_visitor_whatever_the_visitor_claims(visitor, collector):
    claimed = POST | {"x-forwarded-for": "203.0.113.9", "forwarded": "for=203.0.113.9", "x-real-ip": "203.0.113.9"}
    event = make_event(event_id="claims")
    assert visitor.post("/v1/events", json={"events": [event]}, headers=claimed).status_code == 202
    (landed,) = [each for each in collector.events() if each.event_id == "claims"]
    assert landed.ip == VISITOR


def test_a_body_over_a_megabyte_and_too_many_requests_are_refused_before_they_reach_the_collector(visitor, collector):
    large = visitor.post("/v1/events", content=b" " * (1024 * 1024 + 1), headers=POST)
    assert large.status_code == 413
    statuses = [visitor.get("/nothing-here").status_code for _ in range(300)]
    assert statuses[:200] == [404] * 200
    assert 429 in statuses


def test_the_pages_of_monitoring_stay_inside(visitor, reader):
    assert visitor.get("/metrics").status_code == 403
    assert reader.get("/metrics").status_code == 403


def test_the_tracker_and_answers_are_compressed_and_an_answer_is_known_again(visitor, reader):
    time.sleep(1)  # The test before has used the requests of this address up.
    assert visitor.get("/tracker.js").headers["content-encoding"] == "gzip"
    answered = reader.get("/v1/sites/shop/questions/daily_trends", params={"days": "0"})
    assert answered.headers["content-encoding"] == "gzip"
    again = {"if-none-match": answered.headers["etag"]}
    assert reader.get("/v1/sites/shop/questions/daily_trends", params={"days": "0"}, headers=again).status_code == 304


def test_a_cookie_is_for_tls_alone_and_an_assistant_is_answered(front, tokens):
    with front.client(front.figures) as client:
        signed = client.post(
            "/sign-in",
            data={"token": tokens["shop"]},
            headers={"origin": front.figures, "sec-fetch-site": "same-origin"},
        )
        assert "Secure" in signed.headers["set-cookie"]
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        headers = {"accept": "application/json, text/event-stream", "authorization": f"Bearer {tokens['shop']}"}
        assert client.post("/mcp", json=asked, headers=headers).status_code == 200


def test_what_happens_passes_through_to_a_stream_at_once(reader, installation):
    with reader.stream("GET", "/v1/sites/shop/live/stream") as answer:
        lines = answer.iter_lines()
        assert next_event(lines)[0] == "now"
        began = time.monotonic()
        Landing(installation.settings.landing).land(*happening())
        night.load_waiting(installation)
        while (found := next_event(lines))[0] != "happened":
            pass
        assert json.loads(found[1])["events"]
        assert time.monotonic() - began < 5


def next_event(lines: Iterator[str]) -> tuple[str, str]:
    """The name and the data of the next event."""
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data" and name:
            return name, value
    raise AssertionError("the stream has ended")


def test_a_real_browser_behind_nginx_lands_its_page_view_with_its_own_address(front, collector, tmp_path):
    with website(collector.url) as pages, screen() as display, Browser(display, tmp_path / "profile") as browser:
        script = f'<script src="{front.events}/tracker.js" data-key="key-of-shop"></script>'
        pages.defaults["shop"] = Answer(PAGE.format(title="Shop", head=script, body=BODY))
        look = Look(browser)
        look.tab.command("Security.setIgnoreCertificateErrors", ignore=True)
        look.at(f"http://shop.localhost:{pages.port}/behind-nginx")

        def viewed():
            return [each for each in collector.events() if (each.page_url or "").endswith("/behind-nginx")]

        wait_until(viewed)
        assert {each.ip for each in viewed()} == {"127.0.0.1"}
