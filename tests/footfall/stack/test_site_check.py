"""Whether a site's events come in, asked of a real collector: what came, what was rejected, what was refused and why."""

from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from footfall.pipeline import night
from footfall.stack.site_check import PageError, look, look_at_page
from runtime import ports
from tests.support.ingestion.running_collector import make_event
from warehouse.access.sites import add_site, list_sites, rotate_key, set_origins, write_registry

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def here(installation, launch):
    """An installation whose own collector runs, with a site for one origin and one that any page may post to."""
    settings = installation.settings
    with installation.engine.begin() as connection:
        key, other = rotate_key(connection, "shop"), add_site(connection, "blog")
        set_origins(connection, "shop", ["https://shop.example"])
        write_registry(connection, settings.site_registry)
    collector = launch(settings.home, segment_seconds=0.2)
    ports.store(settings.home / "run" / "collector.port", collector.port)

    def post(*events, key=key, **headers):
        given = {"authorization": f"Bearer {key}", "user-agent": BROWSER} | headers
        return collector.client.post("/v1/events", json={"events": events}, headers=given).status_code

    yield post, other
    assert collector.stop() == 0


def test_a_check_says_what_came_what_was_rejected_and_what_was_refused_from_where(installation, here):
    """Acts: nothing came, posts of all kinds, what a check finds of them."""
    post, other = here
    assert look(installation, "shop", 15).arrived == []
    page = make_event(page_url="https://shop.example/a?b=c")
    assert post(page, page | {"anonymous_id": "d2"}, make_event(event_name="No"), origin="https://shop.example") == 202
    assert post(make_event(), **{"user-agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}) == 202
    assert post(page, origin="https://Staging.example") == 403
    assert post(page, origin="https://staging.example:443") == 403
    assert post(page, key="ff_unknown", origin="https://shop.example") == 401
    assert post(page, key="ff_unknown") == 401
    assert post(make_event(), key=other, **{"content-type": "text/html"}) == 415
    night.load(installation)
    found = look(installation, "shop", 15)
    assert [(row.event_name, row.origin, row.event_count, row.robot_count) for row in found.arrived] == [
        ("page_viewed", "https://shop.example", 2, 0),
        ("page_viewed", "(no address)", 1, 1),
    ]
    assert [(row.reason, row.field, row.reject_count) for row in found.rejected] == [("invalid_field", "event_name", 1)]
    assert [(tuple(each.kind), each.count) for each in found.refused] == [
        (("origin_not_allowed", "shop", "https://staging.example"), 2),
        (("unknown_key", "", "(none)"), 1),
        (("unknown_key", "", "https://shop.example"), 1),
    ]
    fixes = [each.fix for each in found.refused]
    assert fixes[0] == "footfall site set shop --origin https://shop.example --origin https://staging.example"
    assert "may not have been meant for shop" in fixes[1]
    assert "footfall site rotate-key shop" in fixes[1]
    # A page of the shop alone is not meant for the blog; of a client without an origin this is not known.
    assert [tuple(each.kind) for each in look(installation, "blog", 15).refused] == [
        ("unknown_key", "", "(none)"),
        ("unsupported_content_type", "blog", "(none)"),
    ]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def website(tmp_path):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_page_is_fetched_when_asked_and_its_script_and_key_are_looked_at(installation, tmp_path, website):
    """Acts: a page with the script and a key of the site, one with the key of another, one without, and none."""
    with installation.engine.begin() as connection:
        key, other = rotate_key(connection, "shop"), add_site(connection, "blog")
        set_origins(connection, "shop", [website])
        site = next(site for site in list_sites(connection) if site.site_id == "shop")

    def seen(name, content="", site=site):
        if content:
            (tmp_path / name).write_text(f"<html><head>{content}</head></html>")
        return list(look_at_page(site, installation, f"{website}/{name}"))

    right = seen("right.html", f'<script async src="/tracker.js?v=1" data-key="{key}"></script>')
    assert [is_ok for is_ok, _ in right] == [True, True, True, True]
    assert right[2:] == [(True, "the script is there: /tracker.js?v=1"), (True, "its data-key is a key of this site")]
    wrong = seen("wrong.html", f"<script data-key='{other}' src='https://c.example/tracker.core.js'></script>")
    assert (wrong[-1][0], "footfall site rotate-key shop" in wrong[-1][1]) == (False, True)
    assert seen("none.html", "<script src=/app.js></script>")[-1][0] is False
    assert seen("gone.html")[0] == (False, f"{website}/gone.html answers with 404")
    (_, (may_post, why), *_) = seen("right.html", site=replace(site, origins=("https://shop.example",)))
    assert (may_post, f"--origin https://shop.example --origin {website}" in why) == (False, True)
    with pytest.raises(PageError, match="cannot be fetched"):
        list(look_at_page(site, installation, "http://127.0.0.1:1/"))
