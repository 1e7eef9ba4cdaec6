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
        assert of("port", "ip_masked, page_view_count") == [("192.0.2.0/24", 1), ("203.0.113.0/24", 2)]
        assert of("old", "cast(event_date as text), landing_page") == [("1000-12-31", "/a"), ("1995-07-01", "/")]
        assert rows(
            installation.engine, "select count(distinct visitor_id) from marts.sessions where site_id = 'vhost'"
        ) == [(3,)]
