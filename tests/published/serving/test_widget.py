"""The seven answers of a chat widget's analytics, to a client that knows nothing but the names of their fields."""

import csv
import io
import json

import pytest

from tests.support.database import rows

PEOPLE = "from marts.sessions where site_id = 'shop' and not is_bot"
COUNTS = "select {}, count(*) " + PEOPLE + " group by 1 order by 2 desc, 1"
SUMMARY = f"""
select count(*), count(distinct visitor_id), count(*) filter (where had_conversation),
    round(avg(duration_seconds), 2)::float, round(100.0 * count(*) filter (where had_conversation) / count(*), 2)::float
{PEOPLE}
"""
TRENDS = f"""
select event_date::text, count(*), count(*) filter (where had_conversation),
    sum(messages_sent_count + messages_received_count)::int,
    round(100.0 * count(*) filter (where had_conversation) / count(*), 2)::float
{PEOPLE} group by 1 order by 1
"""
EVENTS = f"""
select name, sum(amount::int)::int, count(*)
from (select session_id, event_counts {PEOPLE}) s, jsonb_each_text(s.event_counts) e (name, amount)
group by 1 order by 2 desc, 1
"""


def fields(found, *names):
    return [tuple(each[name] for name in names) for each in found]


def test_a_client_that_knows_only_the_names_of_fields_reads_what_sql_on_the_marts_gives(installation, get):
    def ask(name, **query):
        found = get(f"shop/{name}", **query)
        assert found.status_code == 200, found.text
        return found.json()

    def sql(query):
        return rows(installation.engine, query)

    summary = ask("summary", days=30)
    assert (summary["period_days"], summary["publication"], summary["is_final"]) == (30, 1, False)
    names = "total_sessions unique_visitors total_conversations avg_session_duration_seconds conversion_rate"
    assert fields([summary["summary"]], *names.split()) == sql(SUMMARY)
    trends = ask("trends", days=30)["trends"]
    assert fields(trends, "stat_date", "sessions", "conversations", "messages", "conversion_rate") == sql(TRENDS)
    events = ask("events", days=30)["events"]
    assert fields(events, "event_name", "event_count", "unique_sessions") == sql(EVENTS)
    sessions = ask("sessions", days=30, limit=100)
    assert (sessions["page"], sessions["limit"], sessions["total"], sessions["next"]) == (1, 100, 8, None)
    assert fields(sessions["sessions"], "session_id") == sql(
        f"select session_id {PEOPLE} order by started_at desc, session_id"
    )
    traffic = ask("traffic-sources", days=30)
    assert fields(traffic["utm_sources"], "source", "count") == sql(
        COUNTS.format("utm_source").replace("group by", "and utm_source is not null group by")
    )
    assert fields(traffic["referrers"], "domain", "count") == sql(COUNTS.format("coalesce(referrer_host, 'direct')"))
    assert traffic["referrers"][0]["domain"] == "direct"
    devices = ask("devices", days=30)
    assert fields(devices["devices"], "type", "count") == sql(COUNTS.format("device_type"))
    assert fields(devices["browsers"], "name", "count") == sql(COUNTS.format("browser"))
    assert fields(devices["operating_systems"], "name", "count") == sql(COUNTS.format("os"))
    assert ask("active")["active_sessions"] == []


def test_the_days_of_an_answer_are_those_asked_for(get):
    for given, days, sessions in (
        ({}, 7, 8),
        ({"days": 1}, 1, 6),
        ({"days": 0}, None, 8),
        ({"from": "2026-11-01", "to": "2026-11-02"}, 2, 2),
        ({"from": "2026-11-03"}, None, 6),
        ({"to": "2020-01-01"}, None, 0),
    ):
        answer = get("shop/summary", **given).json()
        assert (answer["period_days"], answer["summary"]["total_sessions"]) == (days, sessions), given
    assert answer["summary"]["conversion_rate"] is None


def test_pages_have_a_total_and_an_end(get):
    for path, name in (("events", "events"), ("sessions", "sessions")):
        whole = get(f"shop/{path}", limit=100).json()
        found, page = [], get(f"shop/{path}", limit=3).json()
        while True:
            found += page[name]
            assert (page["limit"], page["total"]) == (3, len(whole[name]))
            if page["next"] is None:
                break
            page = get(page["next"].removeprefix("/v1/sites/")).json()
        assert found == whole[name]
        beyond = get(f"shop/{path}", limit=3, page=99).json()
        assert (beyond[name], beyond["total"], beyond["next"]) == ([], len(found), None)
    for wrong in ("0", "101"):
        assert get("shop/sessions", limit=wrong).json()["parameter"] == "limit"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("trends", "trends"),
        ("events", "events"),
        ("sessions", "sessions"),
        ("traffic-sources", "utm_sources"),
        ("devices", "devices"),
    ],
)
def test_fields_have_the_same_names_in_every_format(get, path, name):
    in_json = get(f"shop/{path}").json()[name]
    lines = get(f"shop/{path}", format="ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == in_json
    read = csv.DictReader(io.StringIO(get(f"shop/{path}", format="csv").text))
    assert read.fieldnames == list(in_json[0])
    assert len(list(read)) == len(in_json)


def test_a_token_of_one_user_reads_this_users_sessions_and_no_figures(get):
    assert [each["user_id"] for each in get("shop/sessions", "ann", days=0).json()["sessions"]] == ["ann"]
    assert get("shop/summary", "ann").json()["summary"]["total_sessions"] == 0
    for path in ("trends", "events", "devices"):
        assert get(f"shop/{path}", "ann").json()[path] == []
    for path in ("summary", "trends", "events", "active", "sessions", "traffic-sources", "devices"):
        assert get(f"shop/{path}", "blog").status_code == 404
