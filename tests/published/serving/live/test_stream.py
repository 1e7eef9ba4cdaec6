"""A live stream: what it shows, to whom, what comes after a pause, and when it ends."""

import signal
import socket
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import psutil
import pytest
from sqlalchemy import text

from footfall.pipeline import night
from serving.live.loads import CHANNEL
from tests.support.events import Landing, event
from tests.support.ingestion.running_collector import wait_until
from tests.support.marts.history import happening
from tests.support.serving.process import serving
from tests.support.serving.stream import listening
from tests.support.serving.tokens import new
from warehouse.access.tokens import revoke_token

SHOP, BLOG, ALL = "/v1/sites/shop/live/stream", "/v1/sites/blog/live/stream", "/live/stream"
HASTY = """
import serving.live.stream, serving.live.watches, serving.server, serving.__main__
serving.live.stream.STALLED_SECONDS = 1
serving.live.stream.KEEP_ALIVE_SECONDS = 0.5
serving.live.watches.MOST_OF_TOKEN = 3
serving.server.UNREAD_BYTES = 4096
serving.__main__.main()
"""


@pytest.fixture(scope="module")
def happens(installation):
    """Let events land and be loaded now."""

    def happens(*events, site="shop"):
        Landing(installation.settings.landing).land(*events, site=site)
        night.load_waiting(installation)

    happens(*happening())
    return happens


@pytest.fixture(scope="module")
def hasty(installation, log):
    """A server of less patience."""
    url = installation.database.administrator.render_as_string(hide_password=False)
    with serving(installation.settings.home, log, ("-c", HASTY), FOOTFALL_DATABASE_URL=url) as client:
        yield client


def now(device, **fields):
    return event(datetime.now(UTC), device, received_at=datetime.now(UTC), **fields)


def test_it_shows_what_the_live_questions_answer_and_then_what_comes(client, get, tokens, happens):
    with listening(client, SHOP, tokens["shop"]) as stream:
        shown = stream.wait_for("now").data
        answered = get("shop/live").json() | get("shop/active").json()
        lists = ("areas", "pages", "checkouts", "payment_errors", "communities", "active_sessions")
        assert {name: shown[name] for name in lists} == {name: answered[name] for name in lists}
        assert shown["active_count"] == answered["total"] > 0
        assert len(stream.wait_for("happened").data["events"]) >= 5
        assert not {"properties", "email", "phone", "ip"} & set(stream.of("happened")[0].data["events"][0])

        happens(fresh := now("lea's", page_type="offer"))
        wait_until(lambda: fresh["event_id"] in stream.happened(), 5)
        assert "lea's" in {each["visitor_id"] for each in stream.wait_for("now", 2).data["active_sessions"]}
        assert len(stream.happened()) == len(set(stream.happened()))


def test_what_happens_elsewhere_never_appears_and_all_sites_say_which_is_which(client, tokens, happens):
    with listening(client, BLOG, tokens["blog"]) as blog, listening(client, ALL, tokens["all"]) as everywhere:
        blog.wait_for("now")
        happens(now("shop's own"))
        happens(seen := now("blog's own"), site="blog")
        wait_until(lambda: seen["event_id"] in blog.happened() and seen["event_id"] in everywhere.happened(), 5)
        assert "shop" not in blog.text.replace("https://shop.example", "")
    sites = {row["site"] for row in everywhere.of("now")[-1].data["active_sessions"]}
    assert sites == {"shop", "blog"}


@pytest.mark.parametrize(
    ("path", "token", "status"),
    [(SHOP, "ann", 403), (ALL, "ann", 403), (BLOG, "ann", 404), (BLOG, "shop", 404), (SHOP, "none", 401)],
)
def test_who_may_not_read_a_whole_site_gets_no_stream(client, tokens, path, token, status):
    with listening(client, path, tokens.get(token, token)) as refused:
        wait_until(lambda: refused.is_over)
    assert (refused.status, refused.problem["status"]) == (status, status)


def test_one_that_comes_back_is_sent_what_it_missed_and_nothing_twice(client, tokens, happens):
    with listening(client, SHOP, tokens["shop"]) as stream:
        happens(now("one"))
        wait_until(
            lambda: stream.of("happened") and stream.of("happened")[-1].data["events"][-1]["visitor_id"] == "one"
        )
        last = stream.of("happened")[-1].id
    happens(now("two"), now("three"))
    with listening(client, SHOP, tokens["shop"], **{"Last-Event-ID": last}) as again:
        back = again.wait_for("happened").data["events"]
    assert {each["visitor_id"] for each in back} == {"two", "three"}
    # Also where the server is another one, or the right was not read meanwhile.
    assert again.wait_for("now").data["active_count"]
    with listening(client, ALL, tokens["all"], **{"Last-Event-ID": last}) as other:
        assert "three" in {each["visitor_id"] for each in other.wait_for("happened").data["events"]}
    with listening(client, SHOP, tokens["shop"], **{"Last-Event-ID": "unknown"}) as stranger:
        assert 3 < len(stranger.wait_for("happened").data["events"]) <= 20


def test_a_right_is_read_at_loads_and_once_a_second_at_most_however_many_watch(client, tokens, installation):
    role = f"footfall_token_{tokens['shop'].split('_')[1]}"
    asked = text("select xact_start, query_start from pg_stat_activity where usename = :role")
    with ExitStack() as many:
        streams = [many.enter_context(listening(client, SHOP, tokens["shop"])) for _ in range(25)]
        for stream in streams:
            stream.wait_for("now")
        time.sleep(1)
        with installation.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:

            def reads(seconds, loads):
                seen, began = set(), time.monotonic()
                before = connection.scalar(text("select now()"))
                while time.monotonic() - began < seconds:
                    if loads:
                        connection.execute(text(f"notify {CHANNEL}"))
                    rows = connection.execute(asked, {"role": role}).all()
                    # Between its transactions a connection shows the end of the last one.
                    seen |= {row.query_start for row in rows if row.xact_start is None and row.query_start > before}
                    time.sleep(0.05)
                return len(seen)

            assert 3 <= reads(5, loads=True) <= 6
            assert reads(5, loads=False) <= 2


def test_a_token_that_is_revoked_or_expires_ends_its_streams_within_five_seconds(client, installation):
    fleeting, short = new(installation, "fleeting", "shop"), new(installation, "short", "shop")
    for token in (fleeting, short):
        known = {"Authorization": f"Bearer {token}"}
        wait_until(lambda known=known: client.get("/v1/sites/shop/live", headers=known).is_success)
    with listening(client, SHOP, fleeting) as revoked, listening(client, SHOP, short) as expired:
        revoked.wait_for("now")
        expired.wait_for("now")
        with installation.engine.begin() as connection:
            revoke_token(connection, "fleeting")
            soon = datetime.now(UTC) + timedelta(seconds=1)
            connection.execute(text("update ops.tokens set expires_at = :soon where name = 'short'"), {"soon": soon})
        assert "no longer valid" in revoked.wait_for("end", seconds=5).data["reason"]
        assert "no longer valid" in expired.wait_for("end", seconds=6).data["reason"]
        wait_until(lambda: revoked.is_over and expired.is_over)
    with listening(client, SHOP, fleeting) as again:
        assert again.status == 401


def test_a_quiet_stream_is_kept_alive_and_a_token_has_so_many(hasty, tokens, happens):
    with ExitStack() as three:
        streams = [three.enter_context(listening(hasty, SHOP, tokens["shop"])) for _ in range(3)]
        streams[0].wait_for("comment", 2)
        with listening(hasty, SHOP, tokens["shop"]) as fourth:
            assert fourth.status == 429
        with listening(hasty, SHOP, tokens["all"]) as of_another:
            assert of_another.status == 200


def test_a_reader_that_takes_nothing_is_cut_off_and_delays_no_other(hasty, tokens, happens, log):
    with socket.socket() as slow, listening(hasty, SHOP, tokens["shop"]) as stream:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect((hasty.base_url.host, hasty.base_url.port))
        asked = f"GET {SHOP} HTTP/1.1\r\nHost: local\r\nAuthorization: Bearer {tokens['shop']}\r\n\r\n"
        slow.sendall(asked.encode())
        stream.wait_for("now")
        for number in range(12):
            happens(*(now(f"{number} {'long' * 20} {each}", page_url=f"/{each}") for each in range(100)))
            stream.wait_for("now", number + 2)
            if "cut off" in log.read_text():
                break
        wait_until(lambda: "cut off: its reader took nothing" in log.read_text(), 5)


def test_a_server_that_stops_ends_its_streams_at_once(installation, tokens, tmp_path):
    url = installation.database.administrator.render_as_string(hide_password=False)
    own = serving(installation.settings.home, tmp_path / "log", FOOTFALL_DATABASE_URL=url)
    with own as client, listening(client, SHOP, tokens["shop"]) as stream:
        stream.wait_for("now")
        for process in psutil.Process().children():
            if any(each.laddr.port == client.base_url.port for each in process.net_connections()):
                process.send_signal(signal.SIGTERM)
        assert stream.wait_for("end", seconds=2).data == {"reason": "the server stops"}
        wait_until(lambda: stream.is_over, 2)
        assert not stream.was_cut
