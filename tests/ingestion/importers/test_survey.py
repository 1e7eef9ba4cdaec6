"""Whose log it is, and whether it is one."""

import json
from pathlib import Path

import pytest

from ingestion.importers.access_log import import_access_log
from ingestion.importers.intake import ImportCount
from ingestion.importers.lines import ImporterError
from ingestion.importers.native import import_events
from tests.support.ingestion.imports import hit, imported, landed, write

OWN = "https://www.site.example"
GOOGLE = "https://www.google.com/"


def pages(tmp_path: Path, *lines: str, **options) -> list[str]:
    return [event["page_url"] for event in imported(tmp_path, *lines, **options)[1]]


def walk(address: str, *targets: str, host: str = OWN) -> list[str]:
    """A visitor who comes from nowhere and clicks through the targets."""
    referrers = ["-", *(host + target for target in targets)]
    return [
        hit(target, address=address, referrer=referrer) for target, referrer in zip(targets, referrers, strict=False)
    ]


def test_clicks_within_the_site_name_the_host_of_bare_paths(tmp_path):
    assert pages(tmp_path, *walk("192.0.2.1", "/", "/a", "/b?c=d")) == [f"{OWN}/", f"{OWN}/a", f"{OWN}/b?c=d"]


def test_a_search_engine_is_not_the_site_however_many_hits_it_sends(tmp_path):
    found = [hit("/", address=f"192.0.2.{n}", referrer=GOOGLE) for n in range(9)]
    again = [hit("/a", address=f"192.0.2.{n}", referrer=GOOGLE) for n in range(1)]
    assert pages(tmp_path, *found) == ["/"] * 9
    assert (
        pages(tmp_path / "b", *found, *again, *walk("198.51.100.1", "/", "/a"), *walk("198.51.100.2", "/", "/a"))[0]
        == f"{OWN}/"
    )


def test_a_page_that_others_asked_for_names_the_host_where_no_visitors_way_is_in_the_log(tmp_path):
    lines = hit("/a", address="192.0.2.1"), hit("/b", address="192.0.2.2", referrer=f"{OWN}/a?x=y")
    assert pages(tmp_path, *lines) == [f"{OWN}/a", f"{OWN}/b"]


def test_each_visitor_counts_once(tmp_path):
    spam = walk("192.0.2.1", *["/", "/a"] * 9, host="http://spam.example")
    assert pages(tmp_path, *spam, *walk("192.0.2.2", "/", "/a"), *walk("192.0.2.3", "/", "/a"))[0] == f"{OWN}/"


def test_a_host_without_secure_pages_keeps_its_scheme_and_port(tmp_path):
    assert pages(tmp_path, *walk("192.0.2.1", "/", "/a", host="http://Site.example:8080"))[0] == (
        "http://site.example:8080/"
    )


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("shop.example", "https://shop.example"),
        ("http://shop.example/", "http://shop.example"),
        ("shop.example:8080", "http://shop.example:8080"),
    ],
)
def test_a_given_host_counts_before_the_one_of_the_log(tmp_path, given, origin):
    assert pages(tmp_path, *walk("192.0.2.1", "/", "/a"), host=given) == [f"{origin}/", f"{origin}/a"]


@pytest.mark.parametrize("given", ["", "a b", "ftp://shop.example", "shop.example/path"])
def test_what_is_no_host_is_refused_before_anything_is_landed(tmp_path, given):
    with pytest.raises(ImporterError, match="is no host"):
        imported(tmp_path, hit(), host=given)
    assert not landed(tmp_path / "landing")


def test_the_virtual_host_of_a_line_counts_before_all_others(tmp_path):
    lines = [f"blog.example:443 {hit('/')}", hit("http://other.example/x"), hit("*"), hit("/c")]
    assert pages(tmp_path, *lines, host="shop.example") == [
        "https://blog.example/",
        "http://other.example/x",
        "*",
        "https://shop.example/c",
    ]


def test_each_file_has_its_own_host_and_a_file_that_shows_none_that_of_all(tmp_path):
    one = write(tmp_path / "one", *walk("192.0.2.1", "/", "/a"))
    other = write(tmp_path / "other", *walk("192.0.2.2", "/", "/a", host="https://blog.example"))
    none = write(tmp_path / "none", hit("/c", address="192.0.2.1", referrer=f"{OWN}/a"), *walk("192.0.2.4", "/c"))
    import_access_log([one, other, none, one], "web", tmp_path / "landing")
    assert [event["page_url"] for event in landed(tmp_path / "landing")][::2] == [
        f"{OWN}/",
        "https://blog.example/",
        f"{OWN}/c",
        f"{OWN}/",
    ]


def test_a_device_is_the_same_whatever_its_port_and_spelling(tmp_path):
    spellings = ["192.0.2.7", "192.0.2.7:51234", "192.0.2.7:51235", "::ffff:192.0.2.7", "192.0.2.7, 10.0.0.1"]
    _, events = imported(tmp_path, *[hit(address=spelling) for spelling in spellings])
    assert len({(event["anonymous_id"], event["ip"]) for event in events}) == 1


def test_three_visitors_of_a_virtual_host_are_three(tmp_path):
    _, events = imported(tmp_path, *[f"shop.example:443 {hit(address=f'192.0.2.{n}')}" for n in range(3)])
    assert len({event["anonymous_id"] for event in events}) == 3


def test_a_hit_without_an_address_is_of_no_one(tmp_path):
    _, (reject, _) = imported(tmp_path, hit(address="-"), hit())
    assert reject["reason"] == "missing_identity"


def test_logs_of_the_last_century_are_imported(tmp_path):
    _, (event,) = imported(tmp_path, hit(time="01/Jul/1995:00:00:01 -0400"))
    assert event["occurred_at"] == "1995-07-01T04:00:01Z"


COMMON = '192.0.2.7 - - [17/May/2026:12:05:03 +0200] "GET / HTTP/1.1" 200 512'
OTHERS = {
    COMMON: "Common Log Format",
    f"shop.example:443 {COMMON}": "Common Log Format",
    '{"event_name": "page_viewed"}': "footfall import events",
    '{"remote_addr": "192.0.2.7", "request": "GET / HTTP/1.1", "status": 200}': "access log in JSON",
    '{"a": 1}': "JSON lines that are no events",
    "[{": "JSON array",
    "#Software: Microsoft Internet Information Services 10.0": "W3C",
    "#Version: 1.0": "CloudFront",
    "[Fri Nov 20 10:00:00.123456 2026] [core:error] [pid 1] no": "error log of Apache",
    "2026/11/20 10:00:00 [error] 7#7: *1 open() failed": "error log of nginx",
    f"Nov 20 10:00:00 web nginx: {hit()}": "syslog",
    "h2 2026-11-20T10:00:00.1Z app/lb 192.0.2.7:51234 10.0.0.1:80": "load balancer",
    "2026-11-20 10:00:00 GET / 192.0.2.7": "time in front",
    "1795255203.123    45 192.0.2.7 TCP_MISS/200 512 GET http://a/": "Squid",
    "time,path,address,status": "CSV",
    "time\tpath\taddress": "TSV",
    f"192.0.2.1 {hit()}": "access log of its own format",
    "<html>": "HTML",
    "PK\x03\x04": "zip",
    "whatever this is": "not known",
}


@pytest.mark.parametrize(("line", "name"), OTHERS.items())
def test_a_file_of_another_format_is_refused_by_name_and_nothing_is_landed(tmp_path, line, name):
    good = write(tmp_path / "good.log", hit())
    other = write(tmp_path / "other.log", "", *[line] * 3)
    with pytest.raises(ImporterError, match=r"other\.log: no line of the first 3 is the Combined") as refused:
        import_access_log([good, other], "web", tmp_path / "landing")
    assert name in str(refused.value)
    assert not landed(tmp_path / "landing")


@pytest.mark.parametrize("line", [hit(), f"shop.example:443 {hit()}"])
def test_an_access_log_is_no_file_of_events(tmp_path, line):
    with pytest.raises(ImporterError, match="footfall import access-log"):
        import_events([write(tmp_path / "events", line)], "web", tmp_path / "landing")
    assert not landed(tmp_path / "landing")


def test_events_in_an_array_are_refused(tmp_path):
    with pytest.raises(ImporterError, match="JSON array"):
        import_events([write(tmp_path / "e", json.dumps([{"event_name": "a"}]))], "web", tmp_path / "landing")


def test_one_good_line_of_a_thousand_makes_it_a_log(tmp_path):
    assert imported(tmp_path, *["nonsense"] * 999, hit())[0] == ImportCount(lines=1000, events=1, rejects=999)
    with pytest.raises(ImporterError, match="first 1,000"):
        imported(tmp_path / "late", *["nonsense"] * 1000, hit())


def test_an_empty_file_is_of_every_format(tmp_path):
    assert imported(tmp_path, "", "") == (ImportCount(lines=2, skipped=2), [])
