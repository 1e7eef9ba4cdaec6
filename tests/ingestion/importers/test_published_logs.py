"""What access logs say once they are published: whose site it is, who came, from where, and when."""

from footfall.pipeline import night
from ingestion.importers.access_log import import_access_log
from tests.support.database import rows
from tests.support.ingestion.imports import hit, write
from warehouse.retention.policies import set_policy

LOGS = {
    "own": [
        hit("/", address="192.0.2.1"),
        hit("/a", "17/May/2026:12:06:03 +0200", "192.0.2.1", "https://www.own.example/"),
        hit("/b", "17/May/2026:12:07:03 +0200", "192.0.2.1", "https://www.own.example/a"),
        hit("/a", address="192.0.2.2", referrer="https://www.google.com/"),
        # Back after the timeout, by a click.
        hit("/b", "17/May/2026:14:07:03 +0200", "192.0.2.2", "https://own.example/a"),
    ],
    "vhost": [f"shop.example:443 {hit('/a', address=f'192.0.2.{n}')}" for n in range(3)],
    "port": [
        hit("/a", address="203.0.113.71:51234"),
        hit("/b", "17/May/2026:12:05:13 +0200", "::ffff:203.0.113.71"),
        hit("/c", address="192.0.2.73:51234"),
    ],
    "order": [
        hit(target, f"17/May/2026:12:{n:02}:03 +0200", f"192.0.2.{n}")
        for n in range(20)
        for target in ("/", "/home", "/c")
    ],
    "old": [hit("/", "01/Jul/1995:00:00:01 -0400"), hit("/a", "31/Dec/1000:23:59:59 +0000", "192.0.2.8")],
}


def test_logs_are_published_with_their_hosts_visitors_and_sources(anew, tmp_path):
    with anew(dict.fromkeys(LOGS, "UTC")) as installation:
        with installation.engine.begin() as connection:
            set_policy(connection, "raw_events", None)
        for site, lines in LOGS.items():
            import_access_log([write(tmp_path / site, *lines)], site, installation.settings.landing)
        night.nightly(installation, say=lambda line: None)

        def of(site, columns):
            query = f"select {columns} from marts.sessions where site_id = :site order by started_at, 1, 2"
            return rows(installation.engine, query, site=site)

        assert of("own", "source, medium, landing_page") == [
            ("(direct)", "(none)", "/"),
            ("google", "organic", "/a"),
            ("(direct)", "(none)", "/b"),
        ]
        paths = """
            select path, count(*) from (
                select string_agg(page_path, ' ' order by position) as path
                from marts.page_views where site_id = 'order' group by session_id
            ) p group by 1
        """
        assert rows(installation.engine, paths) == [("/ /home /c", 20)]
        assert of("port", "ip_masked, page_view_count") == [("192.0.2.0/24", 1), ("203.0.113.0/24", 2)]
        assert of("old", "cast(event_date as text), landing_page") == [("1000-12-31", "/a"), ("1995-07-01", "/")]
        assert rows(
            installation.engine, "select count(distinct visitor_id) from marts.sessions where site_id = 'vhost'"
        ) == [(3,)]


def test_overlapping_files_keep_the_order_of_a_second_whichever_is_loaded_first(anew, tmp_path):
    first, second, third = (hit(target) for target in ("/", "/home", "/c"))
    whole = write(tmp_path / "whole", hit(time="17/May/2026:12:05:02 +0200"), first, second, third)
    begun = write(tmp_path / "begun", second, third, hit(time="17/May/2026:12:05:04 +0200"))
    for files in ((whole, begun), (begun, whole)):
        with anew({"shop": "UTC"}) as installation:
            with installation.engine.begin() as connection:
                set_policy(connection, "raw_events", None)
            for file in files:
                import_access_log([file], "shop", installation.settings.landing)
                night.load(installation)
            found = rows(
                installation.engine,
                "select page_url, sequence from raw.events where occurred_at = '2026-05-17 10:05:03Z' order by 2",
            )
            assert found == [("/", 1), ("/home", 2), ("/c", 3)]
