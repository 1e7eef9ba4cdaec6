"""What servers report, from the collector to the marts: it counts, whatever their HTTP library is called."""

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from footfall.answers.questions import answer, parameters
from footfall.pipeline import night
from runtime.settings import PROJECT
from tests.support.database import rows
from tests.support.ingestion.running_collector import make_event
from tests.support.oracle.user_agents import CHROME, GOOGLEBOT, IPHONE
from warehouse.access.sites import rotate_key, write_registry

LIBRARIES = ("python-requests/2.32.3", "axios/1.7.7", "curl/8.5.0", "node", "Java/1.8.0_391", "Go-http-client/2.0")
PERSON = "203.0.113.9"


@pytest.fixture(scope="module")
def published(past, launch):
    with past({"shop": "UTC"}, lambda installation: live(installation, launch)) as copies, copies() as installation:
        yield installation


def live(installation, launch):
    """Servers and browsers post, and a night follows."""
    settings = installation.settings
    with installation.engine.begin() as connection:
        page, server = rotate_key(connection, "shop"), rotate_key(connection, "shop", "server")
        write_registry(connection, settings.site_registry)
    collector = launch(settings.home, segment_seconds=0.5)
    start = datetime.now(UTC) - timedelta(minutes=5)

    def post(key, agent, seconds, **fields):
        at = (start + timedelta(seconds=seconds)).isoformat()
        collector.client.headers["user-agent"] = agent
        answered = collector.post(make_event(client_timestamp=at, **fields), key=key)
        assert answered.status_code == 202
        return answered.json()

    for number, agent in enumerate(LIBRARIES):
        said = order(number) | {"anonymous_id": None, "user_id": f"u{number}", "context": "server"}
        assert post(server, agent, number, **said)["accepted"] == 1
    # The order comes first in ann's session, from a program that does not say that it is a server.
    ann = {"anonymous_id": "ann's", "user_id": "ann"}
    assert post(page, LIBRARIES[0], 0, **ann, **order("ann"))["accepted"] == 1
    assert post(page, CHROME, 1, **ann, page_url="https://shop.example/a")["accepted"] == 1
    assert post(page, CHROME, 2, **ann, page_url="https://shop.example/b")["accepted"] == 1
    post(page, GOOGLEBOT, 3, anonymous_id="robot's")
    # A server that reports a page view, of a person and of a robot.
    seen = {"context": "server", "client_ip": f"{PERSON}, 10.0.0.1"}
    post(server, LIBRARIES[1], 4, anonymous_id="seen", **seen, client_user_agent=IPHONE)
    post(server, LIBRARIES[1], 5, anonymous_id="seen robot's", **seen, client_user_agent=GOOGLEBOT)
    refused = post(page, LIBRARIES[1], 6, anonymous_id="x", context="server")
    assert refused["errors"] == [{"index": 0, "reason": "server_key_required", "field": "context"}]
    collector.client.headers["user-agent"] = LIBRARIES[2]
    assert collector.post(*readme_events(), key=server).json()["accepted"] == 1
    assert collector.stop() == 0
    night.nightly(installation, say=lambda line: None)


def order(order_id):
    return {"event_name": "order_placed", "properties": {"order_id": str(order_id), "amount": 100, "currency": "EUR"}}


def readme_events():
    """The events of the example that the README gives for curl."""
    example = re.search(r"-d '\n(.*?)\n```", (PROJECT / "README.md").read_text(), re.DOTALL)[1]
    written = example.replace("'$(date -u +%Y-%m-%dT%H:%M:%SZ)'", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    return json.loads(written.rstrip().removesuffix("'"))["events"]


def test_orders_count_whatever_program_reports_them(published):
    everything = len(LIBRARIES) + 1
    (revenue,) = rows(published.engine, "select sum(amount) from marts.orders where not is_bot")
    assert revenue == (Decimal(100 * everything),)
    assert rows(published.engine, "select count(*), sum(order_count) from marts.customers") == [
        (everything, everything)
    ]
    asked = "select sum(orders), sum((revenue ->> 'EUR')::numeric) from marts.daily_stats"
    assert rows(published.engine, asked) == [(everything, 100 * everything)]
    columns, found = answer(published, "revenue", parameters({}))
    assert found, columns


def test_a_program_that_speaks_first_does_not_take_the_persons_page_views_along(published):
    asked = (
        "select page_view_count, is_bot, device_type, browser, user_id from marts.sessions where visitor_id = 'ann''s'"
    )
    assert rows(published.engine, asked) == [(2, False, "desktop", "Chrome", "ann")]
    assert rows(
        published.engine, "select count(*) from marts.page_views where visitor_id = 'ann''s' and not is_bot"
    ) == [(2,)]


def test_who_looks_at_pages_is_judged_by_the_user_agent_that_looked(published):
    asked = (
        "select visitor_id, is_bot, device_type, host(ip_masked::inet) from marts.sessions where visitor_id = any(:who)"
    )
    found = rows(published.engine, f"{asked} order by 1", who=["device-1", "robot's", "seen", "seen robot's"])
    assert [(visitor, is_bot, device) for visitor, is_bot, device, _ in found] == [
        ("device-1", False, None),
        ("robot's", True, None),
        ("seen", False, "mobile"),
        ("seen robot's", True, None),
    ]
    assert [address for *_, address in found] == [None, "127.0.0.0", "203.0.113.0", "203.0.113.0"]


def test_the_example_of_the_readme_is_in_the_answers(published):
    columns, found = answer(published, "traffic_sources", parameters({"days": 30}))
    assert found, columns
    assert rows(published.engine, "select sum(page_view_count) from marts.daily_page_stats where page_path = '/'") == [
        (1,)
    ]
