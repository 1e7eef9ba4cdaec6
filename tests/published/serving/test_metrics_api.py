"""Metrics over HTTP: what `footfall metrics query` gives, of the token's site."""

import json

import pytest

from footfall.answers import metricflow


def test_every_metric_is_what_the_command_gives(installation, query, get):
    names = [name for name, _ in metricflow.metrics(installation)]
    expected = {(day[:10], site): row for (day, site), row in query(names, "metric_time__day", "site").items()}
    # Visitors of a month and of a year are dated by its first day, which had no sessions.
    asked = {"metrics": ",".join(names), "group_by": "metric_time__day,site", "days": 0}
    found = [row for site in ("shop", "blog") for row in get(f"{site}/metrics", "all", **asked).json()["rows"]]
    assert len(found) == len(expected) == 8
    for row in found:
        of_command = expected[row["metric_time__day"], row["site"]]
        for name in names:
            assert (row[name] is None) == (of_command[name] == ""), name
            assert float(row[name] or 0) == pytest.approx(float(of_command[name] or 0), abs=1e-9), name


def test_metrics_are_those_of_the_site_the_days_and_what_the_token_may_read(get):
    def rows(token="shop", **given):
        return get("shop/metrics", token, **{"metrics": "sessions"} | given).json()["rows"]

    assert rows() == rows("all") == rows(group_by="") == [{"sessions": 8}]
    assert rows("ann") == [{"sessions": 1}]
    assert get("blog/metrics", "ann", metrics="sessions").status_code == 404
    assert rows(days=1) == rows(**{"from": "2026-11-03"}) == [{"sessions": 6}]
    assert rows(to="2026-11-02", group_by="metric_time__month") == [{"metric_time__month": "2026-11-01", "sessions": 2}]


def test_metrics_have_pages_and_formats(get):
    asked = {"metrics": "sessions,visitors", "group_by": "session__channel,session__landing_page"}
    whole = get("shop/metrics", **asked).json()
    assert whole["total"] == len(whole["rows"]) > 3
    first = get("shop/metrics", **asked, rows=2).json()
    second = get(first["next"].removeprefix("/v1/sites/")).json()
    assert first["rows"] + second["rows"] == whole["rows"][:4]
    assert get("shop/metrics", **asked, page=9).json()["total"] == whole["total"]
    lines = get("shop/metrics", **asked, format="ndjson").text.splitlines()
    assert [json.loads(line) for line in lines] == whole["rows"]
    header = get("shop/metrics", **asked, format="csv").text.splitlines()[0]
    assert header == "session__channel,session__landing_page,sessions,visitors"
    tag = get("shop/metrics", **asked).headers["etag"]
    assert get("shop/metrics", **asked, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("given", "parameter", "says"),
    [
        ({"metrics": "sessions,nonsense"}, "metrics", "engagement_rate"),
        ({"metrics": "sessions", "group_by": "site,weather"}, "group_by", "session__channel"),
        ({"metrics": "sessions,orders", "group_by": "order__currency"}, "group_by", "session__channel"),
        ({"metrics": "sessions,sessions"}, "metrics", "twice"),
        ({"metrics": "sessions", "group_by": "site,site"}, "group_by", "twice"),
        ({"metrics": "sessions", "group_by": "Dimension('site')"}, "group_by", ""),
        ({"metrics": "sessions; drop table marts.sessions"}, "metrics", ""),
        ({"group_by": "site"}, "metrics", ""),
    ],
)
def test_metrics_and_groups_that_are_not_there_are_named_with_those_that_are(get, given, parameter, says):
    refused = get("shop/metrics", **given)
    assert (refused.status_code, refused.json()["parameter"]) == (422, parameter)
    assert says in refused.json()["detail"]


def test_what_metrics_are_asked_for_is_not_logged(get, log):
    asked = {"metrics": "page_views,orders", "group_by": "metric_time__week"}
    assert get("shop/metrics", **asked).status_code == 200
    assert "page_views" not in log.read_text()
    assert "metric_time" not in log.read_text()
