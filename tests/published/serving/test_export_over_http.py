"""Marts streamed over HTTP: the rows of the token, of one version, and no transaction for a reader that does not read."""

import io
import json
import re
import socket
import time
from contextlib import contextmanager

import pyarrow.parquet as pq
import pytest

from tests.support.database import rows
from tests.support.serving.process import serving
from warehouse.access.tokens import add_token

MANY, LAST = 200_000, 1000
MADE_UP = (
    "insert into marts.daily_event_stats (site_id, event_date, event_name, event_count, session_count, visitor_count)"
    f" select 'blog', '2026-11-03', 'made_up_' || i, i, 1, 1 from generate_series({{first}}, {MANY}) as g (i)"
)
IMPATIENT = """
import sys
from serving.api.routes import export
export.STALLED_SECONDS, export.WHOLE_SECONDS = 2, 8
from serving.__main__ import main
sys.exit(main())
"""
UNDER_WAY = "select pid from pg_stat_activity where application_name = 'footfall serving' and backend_xmin is not null"


def execute(installation, statement):
    with installation.engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.fixture(scope="module")
def installation(finished_night, tmp_path_factory):
    """The night, and on `blog` more rows of one mart than the buffers between server and reader hold."""
    with finished_night.beside(tmp_path_factory.mktemp("exporting") / "home") as installation:
        execute(installation, MADE_UP.format(first=1))
        yield installation


@pytest.fixture(scope="module")
def tokens(installation):
    with installation.engine.begin() as connection:
        return {
            name: add_token(connection, name, sites, **given).written
            for name, sites, given in (("shop", ["shop"], {}), ("all", [], {}), ("ann", ["shop"], {"user": "ann"}))
        }


@pytest.fixture(scope="module")
def client(installation, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "serving.log"
    url = installation.database.administrator.render_as_string(hide_password=False)
    with serving(installation.settings.home, log, ("-c", IMPATIENT), FOOTFALL_DATABASE_URL=url) as client:
        yield client


@pytest.fixture(scope="module")
def get(client, tokens):
    def get(path, token="shop", /, *, headers=(), **query):
        sent = {"Authorization": f"Bearer {tokens[token]}"} | dict(headers)
        return client.get(f"/v1/sites/{path}", params=query or None, headers=sent)

    return get


@contextmanager
def reader(client, tokens):
    """A reader of all that `blog` has, and what it has read so far; the rest waits."""
    with socket.socket() as reader:
        reader.settimeout(30)
        reader.connect((client.base_url.host, client.base_url.port))
        reader.sendall(
            b"GET /v1/sites/blog/export/daily_event_stats?format=ndjson HTTP/1.1\r\nHost: localhost\r\n"
            b"Connection: close\r\nAuthorization: Bearer %b\r\n\r\n" % tokens["all"].encode()
        )
        begun = reader.recv(4096)
        assert begun.startswith(b"HTTP/1.1 200")
        assert b"transfer-encoding: chunked" in begun.lower()
        yield reader, begun


def rest(reader):
    read = b""
    while part := reader.recv(1 << 20):
        read += part
    return read


def wait_for_no_transaction(installation, seconds):
    until = time.monotonic() + seconds
    while rows(installation.engine, UNDER_WAY):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_each_format_has_the_rows_of_the_site_and_the_days(installation, get):
    of_day = "select page_view_id from marts.page_views where site_id = 'shop' and event_date = '2026-11-02' order by 1"
    expected = [row[0] for row in rows(installation.engine, of_day)]
    given = {"from": "2026-11-02", "to": "2026-11-02"}
    for token in ("shop", "all"):
        answers = {form: get("shop/export/page_views", token, format=form, **given) for form in ("csv", "ndjson")}
        answers["parquet"] = get(
            "shop/export/page_views", token, headers={"Accept": "application/vnd.apache.parquet"}, **given
        )
        for answer in answers.values():
            assert answer.status_code == 200, answer.text
            assert (answer.headers["footfall-publication"], answer.headers["cache-control"]) == (
                "1",
                "private, no-cache",
            )
        lines = [json.loads(line) for line in answers["ndjson"].text.splitlines()]
        assert sorted(line["page_view_id"] for line in lines) == expected
        assert sorted(pq.read_table(io.BytesIO(answers["parquet"].content))["page_view_id"].to_pylist()) == expected
        head, *body = answers["csv"].text.splitlines()
        assert (head, len(body)) == (",".join(lines[0]), len(expected))
        assert answers["csv"].headers["content-type"].startswith("text/csv")


def test_a_token_gets_its_rows_and_no_others(get):
    of_user = [json.loads(line) for line in get("shop/export/sessions", "ann", format="ndjson").text.splitlines()]
    assert {row["user_id"] for row in of_user} == {"ann"}
    assert get("shop/export/daily_stats", "ann", format="ndjson").content == b""
    unknown = get("nowhere/export/sessions")
    assert unknown.status_code == 404
    for site in ("blog", "shop' or ''='", "shop%00", "%27"):
        refused = get(f"{site}/export/sessions")
        assert (refused.status_code, refused.content) == (404, unknown.content)


def test_a_repeated_export_costs_no_rows(get):
    first = get("shop/export/sessions")
    tag = first.headers["etag"]
    again = get("shop/export/sessions", headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    others = ({"format": "ndjson"}, {"from": "2026-11-02"}, {"for_spreadsheet": "true"})
    assert tag not in {get("shop/export/sessions", **given).headers["etag"] for given in others}
    assert tag != get("shop/export/sessions", "all").headers["etag"]


def test_what_does_not_fit_is_refused_by_its_name(get):
    assert get("shop/export/everything").status_code == 404
    assert get("shop/export/page_views", headers={"Accept": "application/json"}).status_code == 406
    for mart, name, value, more in (
        ("customers", "from", "2026-11-02", {}),
        ("customers", "to", "2026-11-02", {}),
        ("page_views", "from", "2026-13-02", {}),
        ("page_views", "to", "2026-11-01", {"from": "2026-11-02"}),
        ("page_views", "format", "json", {}),
        ("page_views", "days", "7", {}),
        ("page_views", "for_spreadsheet", "true", {"format": "ndjson"}),
    ):
        refused = get(f"shop/export/{mart}", **{name: value} | more)
        assert (refused.status_code, refused.json()["parameter"]) == (422, name), refused.text


def test_a_publication_meanwhile_changes_nothing(installation, client, tokens):
    with reader(client, tokens) as (slow, begun):
        execute(
            installation, f"delete from marts.daily_event_stats where site_id = 'blog' and event_count > {MANY - LAST}"
        )
        read = begun + rest(slow)
    execute(installation, MADE_UP.format(first=MANY - LAST + 1))
    assert read.endswith(b"0\r\n\r\n")
    assert re.sub(rb"\r\n[0-9a-f]+\r\n", b"", read).count(b'{"site_id"') >= MANY  # Without the sizes of chunks.


def test_a_reader_that_stalls_or_leaves_holds_no_transaction_and_sees_that_the_end_is_missing(
    installation, client, tokens
):
    with reader(client, tokens) as (stalled, begun):
        assert rows(installation.engine, UNDER_WAY)
        wait_for_no_transaction(installation, 6)
        read = begun + rest(stalled)
        assert b'"made_up_' in read
        assert not read.endswith(b"0\r\n\r\n")
    with reader(client, tokens):
        assert rows(installation.engine, UNDER_WAY)
    wait_for_no_transaction(installation, 1.5)


def test_a_reader_that_is_slow_for_too_long_is_cut_off(installation, client, tokens):
    with reader(client, tokens) as (slow, _):
        started = time.monotonic()
        while rows(installation.engine, UNDER_WAY):
            assert slow.recv(65536)
            time.sleep(0.05)
            assert time.monotonic() - started < 12
        assert not rest(slow).endswith(b"0\r\n\r\n")


def test_an_answer_that_the_server_ends_is_incomplete_and_the_next_one_is_whole(installation, client, tokens, get):
    with reader(client, tokens) as (interrupted, _):
        execute(installation, f"select pg_terminate_backend(pid) from ({UNDER_WAY}) as u")
        assert not rest(interrupted).endswith(b"0\r\n\r\n")
    assert get("shop/export/sessions", "all").status_code == 200
