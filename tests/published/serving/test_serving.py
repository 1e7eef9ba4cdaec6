"""Questions asked over HTTP of a server of its own: the same answers as `footfall ask`, and nothing beyond the token."""

import csv
import io
import json
import time
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text

from footfall.answers.questions import answer, parameters, questions
from ingestion.collector.rates import BURST_SECONDS
from tests.support.database import administer, rows
from tests.support.serving.process import serving
from tests.support.serving.tokens import ORIGIN, new
from warehouse.access.limits import TokenLimits
from warehouse.access.tokens import limit_token, list_tokens, revoke_token


def wait_until(condition, seconds=5):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.1)


def known(installation, name):
    with installation.engine.connect() as connection:
        (found,) = [token for token in list_tokens(connection) if token.name == name]
    return found


# Answers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", questions())
def test_every_question_is_answered_as_at_the_terminal(installation, get, name):
    for token in ("shop", "all"):
        found = get(f"shop/questions/{name}", token, days=0)
        assert found.status_code == 200, found.text
        columns, expected = answer(installation, name, parameters({"site": "shop", "days": 0}))
        body = found.json()
        assert [list(row) for row in body["rows"]] == [list(columns)] * len(expected)
        assert (body["question"], body["site"], body["publication"]) == (name, "shop", 1)
        for row, wanted in zip(body["rows"], expected, strict=True):
            for column, value in zip(columns, wanted, strict=True):
                assert str(row[column])[:19] == str(_plain(value))[:19], column


def _plain(value):
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return float(value) if type(value).__name__ == "Decimal" and "." in str(value) else value


def test_the_same_days_are_answered_whichever_token_asks(installation, get):
    _, expected = answer(installation, "daily_trends", parameters({"site": "shop", "days": 1}))
    for token in ("shop", "all"):
        assert len(get("shop/questions/daily_trends", token, days=1).json()["rows"]) == len(expected) == 1


def test_an_answer_comes_as_json_csv_and_ndjson(get):
    path = "shop/questions/revenue"
    in_json = get(path, days=0).json()["rows"]
    as_csv = get(path, days=0, format="csv")
    assert as_csv.headers["content-type"].startswith("text/csv")
    assert as_csv.headers["footfall-publication"] == "1"
    read = list(csv.DictReader(io.StringIO(as_csv.text)))
    assert [row["event_date"] for row in read] == [row["event_date"] for row in in_json]
    assert [float(row["revenue"]) for row in read] == [row["revenue"] for row in in_json]
    lines = get(path, days=0, headers={"Accept": "text/html;q=0.9, application/x-ndjson;q=0.5"})
    assert [json.loads(line) for line in lines.text.splitlines()] == in_json
    assert get(path, headers={"Accept": "image/png"}).status_code == 406


def test_a_long_answer_has_pages(get):
    first = get("shop/questions/recent_sessions", days=0, rows=3).json()
    found, following = first["rows"], first["next"]
    while following:
        page = get(following.removeprefix("/v1/sites/")).json()
        found, following = found + page["rows"], page["next"]
    assert len(found) == found[0]["total"] == first["total"] == 8
    assert len({row["session_id"] for row in found}) == 8
    beyond = get("shop/questions/recent_sessions", days=0, rows=4, page=3).json()
    assert (beyond["rows"], beyond["total"], beyond["next"]) == ([], 8, None)
    assert get("shop/questions/recent_sessions", days=0, rows=4, page=2).json()["next"] is None
    assert get("shop/questions/devices").json()["total"] is None
    assert get("shop/questions/recent_sessions", to="2020-01-01").json()["total"] == 0


def test_the_days_from_one_to_another_are_answered(get):
    path = "shop/questions/daily_trends"
    found = get(path, **{"from": "2026-11-02", "to": "2026-11-02"})
    assert [row["event_date"] for row in found.json()["rows"]] == ["2026-11-02"]
    assert [row["event_date"] for row in get(path, to="2026-11-02").json()["rows"]] == ["2026-11-02"]
    assert [row["event_date"] for row in get(path, **{"from": "2026-11-03"}).json()["rows"]] == ["2026-11-03"]
    other = get(path, **{"from": "2026-11-02", "to": "2026-11-03"})
    assert found.headers["etag"] != other.headers["etag"]
    assert get(path, to="2020-01-01").json()["is_final"] is None
    for given, named in (
        ({"from": "2026-11-03", "to": "2026-11-02"}, "to"),
        ({"from": "2026-11-03", "days": 7}, "days"),
        ({"from": "yesterday"}, "from"),
        ({"to": "20000"}, "to"),
        ({"to": "2026-02-30"}, "to"),
    ):
        refused = get(path, **given)
        assert (refused.status_code, refused.json()["parameter"]) == (422, named)


def test_days_that_are_final_are_said_to_be(installation, get):
    final = "update marts.daily_stats set is_final = {} where site_id = 'shop' and event_date = '2026-11-02'"
    with installation.engine.begin() as connection:
        connection.execute(text(final.format("true")))
    try:
        path, day = "shop/questions/daily_trends", "2026-11-02"
        assert get(path, **{"from": day, "to": day}).json()["is_final"] is True
        assert get(path, **{"from": day}).json()["is_final"] is False
        assert get(path, days=0).json()["is_final"] is False
    finally:
        with installation.engine.begin() as connection:
            connection.execute(text(final.format("false")))


def test_a_repeated_question_costs_no_answer_until_something_is_published(installation, get):
    path = "shop/questions/summary"
    first = get(path, days=0)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    again = get(path, days=0, headers={"If-None-Match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = (
        get(path, days=1),
        get(path, "all", days=0),
        get(path, days=0, format="csv"),
        get("shop/questions/devices", days=0),
    )
    assert tag not in [found.headers["etag"] for found in other]
    copied = (
        "with c as (insert into ops.candidates select (jsonb_populate_record(c, jsonb_build_object('candidate_id',"
        " gen_random_uuid()))).* from ops.candidates c limit 1 returning candidate_id) insert into ops.publications (candidate_id, first_date, last_date, file_ids,"
        " code_version) select candidate_id, '2026-11-02', '2026-11-03', '{}', '' from c returning publication_id"
    )
    more = "update marts.daily_stats set error_count = error_count {} 1 where site_id = 'shop' and event_date = '2026-11-02'"
    errors = first.json()["rows"][0]["error_count"]
    with installation.engine.begin() as connection:
        connection.execute(text(more.format("+")))
    assert get(path, days=0).json() == first.json(), "it was read once more"
    with installation.engine.begin() as connection:
        added = connection.scalar(text(copied))
    try:
        # The server is notified of it.
        wait_until(lambda: get(path, days=0, headers={"If-None-Match": tag}).status_code == 200, 2)
        assert get(path, days=0).json()["rows"][0]["error_count"] == errors + 1
    finally:
        with installation.engine.begin() as connection:
            connection.execute(text("delete from ops.publications where publication_id = :id"), {"id": added})
            connection.execute(text(more.format("-")))
    wait_until(lambda: get(path, days=0, headers={"If-None-Match": tag}).status_code == 304, 2)


def test_live_questions_are_not_kept(get):
    found = get("shop/questions/live_visitors")
    assert "etag" not in found.headers
    assert found.headers["cache-control"] == "private, no-store"
    assert found.json()["is_final"] is False


# What a token may not ------------------------------------------------------------------------------


def test_another_site_is_as_unknown_as_none(get):
    """Attempts by path, parameter, header and id."""
    unknown = get("nowhere/questions/summary", "blog")
    assert unknown.status_code == 404
    sites = ("shop", "SHOP", " shop", "shop%00", "sh%6Fp", "blog,shop", "*", "%25", "shop'--", "' or ''='", "{shop}")
    names = sorted(questions())[::4]
    tried = 0
    for site in sites:
        for name in names:
            refused = get(f"{site if '%' in site else quote(site)}/questions/{name}", "blog", days=0)
            assert (refused.status_code, refused.content) == (404, unknown.content), (site, name)
            tried += 1
    for path in (
        "blog/../shop/questions/summary",
        "blog/questions/../../shop/questions/summary",
        "//questions/summary",
    ):
        assert get(path, "blog").status_code == 404
    for parameter in ("site", "site_id", "user", "role", "token", "sites[]", "key"):
        found = get("blog/questions/summary", "blog", **{parameter: "shop"})
        assert (found.status_code, found.json()["parameter"]) == (422, parameter)
    for header in ("X-Site", "Footfall-Site", "X-Forwarded-User", "X-Original-URL", "Cookie", "Forwarded", "Host"):
        for name in names:
            found = get(f"blog/questions/{name}", "blog", headers={header: "shop"}, days=0)
            assert found.status_code == 200
            assert {row["site_id"] for row in found.json()["rows"]} <= {"blog"}, (header, name)
            tried += 1
    for sort in ("site_id", "page_views"):
        for name in questions():
            found = get(f"blog/questions/{name}", "blog", days=0, rows=1000, sort=sort)
            assert {row["site_id"] for row in found.json()["rows"]} <= {"blog"}, name
            tried += 1
    assert tried > 150


def test_a_token_of_one_user_gets_this_users_rows_and_no_figures(get):
    kinds = {}
    for name in questions():
        found = get(f"shop/questions/{name}", "ann", days=0, rows=1000)
        assert found.status_code == 200, found.text
        body = found.json()
        assert body["is_final"] in (None, False)
        kinds[name] = body["rows"]
        assert {row.get("user_id", "ann") for row in body["rows"]} <= {"ann"}, name
    assert len(kinds["recent_sessions"]) == kinds["recent_sessions"][0]["total"] == 1
    for closed in ("summary", "daily_trends", "top_events", "traffic_sources", "devices", "funnel", "popular_pages"):
        assert kinds[closed] == [], closed
    assert get("blog/questions/recent_sessions", "ann", days=0).status_code == 404


def test_only_a_valid_token_is_admitted(client, get, tokens):
    right = tokens["shop"]
    other = tokens["blog"]
    wrong = (
        "",
        "fft_",
        right[:-1],
        right + "a",
        right[:17] + other[17:],
        right.upper(),
        right.replace("fft_", "ff_"),
        f"{right} {right}",
        "x" * 5000,
    )
    refused = {get("shop/questions/summary", token).content for token in wrong}
    assert len(refused) == 1
    found = get("shop/questions/summary", wrong[4])
    assert (found.status_code, found.headers["www-authenticate"]) == (401, "Bearer")
    assert found.headers["content-type"] == "application/problem+json"
    in_address = client.get("/v1/sites/shop/questions/summary", params={"token": right})
    basic = client.get("/v1/sites/shop/questions/summary", auth=("token", right))
    assert in_address.status_code == basic.status_code == 401


def test_a_token_comes_and_goes_within_seconds_and_its_use_is_recorded(installation, get):
    written = new(installation, "fleeting", "shop")
    wait_until(lambda: get("shop/questions/summary", written).status_code == 200)
    wait_until(lambda: known(installation, "fleeting").last_used_at)
    has = {"If-None-Match": get("shop/questions/summary", written).headers["etag"]}
    assert get("shop/questions/summary", written, headers=has).status_code == 304
    with installation.engine.begin() as connection:
        revoke_token(connection, "fleeting")
    wait_until(lambda: get("shop/questions/summary", written, headers=has).status_code == 401)
    assert get("shop/questions/summary", written).status_code == 401


def test_a_bad_parameter_is_named(get):
    for name, value in (
        ("days", "x"),
        ("days", "-1"),
        ("days", "99999999999999999999"),
        ("rows", "0"),
        ("rows", "10001"),
        ("page", "0"),
        ("page", "100001"),
        ("sort", "a b"),
        ("sort", "\0"),
        ("ascending", "perhaps"),
        ("format", "xml"),
        ("row", "5"),
    ):
        refused = get("shop/questions/devices", **{name: value})
        assert (refused.status_code, refused.json()["parameter"]) == (422, name)
    assert get("shop/questions/payment_errors", user="carl").json()["parameter"] == "user"
    assert get("shop/questions/everything").status_code == 404
    assert get("shop/questions/customers", rows=10_000, page=100_000).json()["rows"] == []


def test_pages_of_other_origins_read_only_what_the_token_lets_them(client, get):
    path = "shop/questions/summary"
    assert get(path, headers={"Origin": ORIGIN}).headers["access-control-allow-origin"] == ORIGIN
    for token, origin in (
        ("blog", ORIGIN),
        ("shop", "https://evil.example"),
        ("shop", "null"),
        ("shop", ORIGIN + ".x"),
    ):
        assert "access-control-allow-origin" not in get(path, token, headers={"Origin": origin}).headers
    for origin, allowed in ((ORIGIN, ORIGIN), ("https://evil.example", None)):
        asked = {"Origin": origin, "Access-Control-Request-Method": "GET"}
        assert client.options(f"/v1/sites/{path}", headers=asked).headers.get("access-control-allow-origin") == allowed


# The server ----------------------------------------------------------------------------------------


def test_what_can_be_asked_is_described_without_anything_from_outside(client):
    document = client.get("/openapi.json").json()
    assert document["paths"].keys() >= {"/v1/sites/{site}/questions/{name}", "/v1/sites/{site}/export/{mart}"}
    for path, methods in document["paths"].items():
        assert {"200", "401", "404", "422", "429", "503"} <= set(methods["get"]["responses"]), path
    page = client.get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "https://" not in page.text
    for name in questions():
        assert name in page.text


def test_what_is_not_there_is_refused_with_a_problem(client):
    for method, path, status in (("GET", "/v2", 404), ("POST", "/v1/sites/shop/questions/summary", 405)):
        refused = client.request(method, path)
        assert (refused.status_code, refused.json()["status"]) == (status, status)
        assert refused.headers["content-type"] == "application/problem+json"


def test_a_token_asks_so_often_and_no_more(installation, tokens, tmp_path):
    url = installation.database.administrator.render_as_string(hide_password=False)
    given = {"FOOTFALL_DATABASE_URL": url, "FOOTFALL_SERVING_RATE_PER_TOKEN": "1"}
    with serving(installation.settings.home, tmp_path / "log", **given) as client:
        mine = {"Authorization": f"Bearer {tokens['shop']}"}
        began, answered = time.monotonic(), 0
        while (refused := client.get("/v1/sites/shop/questions/summary", headers=mine)).status_code == 200:
            answered += 1
            assert answered <= BURST_SECONDS + 1 + (time.monotonic() - began), "more than its rate"
        assert (refused.status_code, answered >= BURST_SECONDS) == (429, True)
        assert int(refused.headers["retry-after"]) >= 1
        other = {"Authorization": f"Bearer {tokens['blog']}"}
        assert client.get("/v1/sites/blog/questions/summary", headers=other).status_code == 200


def test_without_the_database_it_asks_for_patience_and_comes_back(installation, get, client):
    url = installation.database.administrator
    path = "shop/questions/summary"
    assert get(path).status_code == 200
    ended = f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{url.database}'"
    administer(url, ended)
    assert get(path).status_code == 200
    installation.engine.dispose()
    administer(url, f"alter database {url.database} allow_connections false", ended)
    try:
        wait_until(lambda: get(path).status_code == 503)
        assert int(get(path).headers["retry-after"]) > 0
        wait_until(lambda: client.get("/readyz").status_code == 503)
        assert client.get("/healthz").status_code == 200
    finally:
        administer(url, f"alter database {url.database} allow_connections true")
    wait_until(lambda: get(path).status_code == 200)


def test_while_a_restore_holds_the_tokens_it_asks_for_patience(installation, get):
    path = "shop/questions/summary"
    with installation.engine.begin() as connection:
        connection.execute(text("lock table ops.tokens in access exclusive mode"))
        wait_until(lambda: get(path).status_code == 503, 20)
        assert int(get(path).headers["retry-after"]) > 0
    wait_until(lambda: get(path).status_code == 200, 20)


def test_connections_are_few_and_each_is_a_tokens_own(installation, get):
    asked = [get("shop/questions/summary", token).status_code for token in ("shop", "blog", "all", "ann")]
    assert asked == [200, 404, 200, 200]

    def counts():
        return dict(
            rows(
                installation.engine,
                "select usename::text, count(*) from pg_stat_activity where application_name = 'footfall serving'"
                " and datname = current_database() group by 1",
            )
        )

    # It knows the tokens. One that was broken by a test before may not have ended.
    wait_until(lambda: counts()["footfall_serving"] == 1)
    of_tokens = counts()
    del of_tokens["footfall_serving"]
    assert len(of_tokens) == 4
    assert all(role.startswith("footfall_token_") and count <= 4 for role, count in of_tokens.items())


def test_a_token_reads_so_many_rows_at_once_and_no_more_until_it_has_other_limits(installation, get):
    narrow = new(installation, "narrow", "shop", limits=TokenLimits(rows=3))
    wait_until(lambda: get("shop/questions/summary", narrow).status_code == 200)
    for path, given, parameter in (
        ("questions/recent_sessions", {"days": 0, "rows": 4}, "rows"),
        ("sessions", {"days": 0, "limit": 4}, "limit"),
        ("export/sessions", {}, "from"),
    ):
        refused = get(f"shop/{path}", narrow, **given)
        assert (refused.status_code, refused.json().get("parameter")) == (422, parameter), path
        assert refused.headers["content-type"] == "application/problem+json"
    assert len(get("shop/questions/recent_sessions", narrow, days=0, rows=3).json()["rows"]) == 3
    assert len(get("shop/sessions", narrow, days=0, limit=3).json()["sessions"]) == 3
    assert get("shop/export/orders", narrow).status_code == 200
    with installation.engine.begin() as connection:
        limit_token(connection, "narrow", TokenLimits(requests_per_minute=6))
    wait_until(lambda: get("shop/export/sessions", narrow).status_code in (200, 429))
    refused = [get("shop/questions/summary", narrow) for _ in range(3)][-1]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 10
    assert known(installation, "narrow").limits == TokenLimits(requests_per_minute=6)


def test_nothing_of_a_token_is_in_the_log(log, tokens, get):
    assert isinstance(get("shop/questions/summary"), httpx.Response)
    written = log.read_text()
    for token in tokens.values():
        assert token[17:] not in written
        assert token not in written
