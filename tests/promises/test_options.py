"""Every option of the models holds through a whole night at another value than its default, for one site or for all.

The project itself lists the options: one that is added there without a value here fails. In one night each option is
changed alone, on a site of its own, and all are changed together on `shop`; in another night they are the project's.
"""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from footfall.pipeline import dbt, night
from runtime.settings import PROJECT
from tests.support.database import rows
from tests.support.events import Landing, event
from warehouse.publication.site_options import OPTIONS, PROJECT_WIDE, change_options, own_options, read_options

DEFAULTS = dbt.variables()
CHANGED = {
    "session_timeout_minutes": 45,
    "engaged_seconds": 20,
    "engaged_scroll_percent": 60,
    "engaged_clicks": 1,
    "engaged_time_cap_minutes": 5,
    "ga4_engaged_seconds": 8,
    "ga4_page_views": 3,
    "anonymous_min_page_views": 2,
    "own_subdomains": False,
    "key_events": ["review_posted"],
    "path_query_keys": ["id"],
    "currency": "EUR",
    "top_n": 1,
    "event_name_cap": 1,
    "page_path_cap": 1,
    "community_cap": 1,
    "commerce_events": ["checkout_started", "order_placed", "payment_failed", "refund_issued"],
    "contact_properties": ["email", "phone", "name", "street"],
    "events_mart": False,
}


def happened(at, device, name="page_viewed", path="/", **fields):
    fields.setdefault("page_url", f"https://shop.example{path}")
    return event(f"2026-11-{at}", device, name, event_id=f"{device} {at} {name}", **fields)


def ping(at, device, engaged_ms, scroll, clicks):
    said = {"engaged_ms": engaged_ms, "scroll_depth": scroll, "clicks": clicks}
    return happened(at, device, "page_engaged", properties=said)


HISTORY = (
    # A gap between both timeouts; a page that is read longer than the cap; two page views, soon one after the other.
    happened("02 09:00", "long's"),
    happened("02 09:40", "long's", path="/offer"),
    happened("02 09:00", "read's"),
    happened("02 09:10", "read's"),
    happened("02 09:00:00", "quick's"),
    happened("02 09:00:05", "quick's"),
    # Engaged by two criteria, each in turn near its border.
    happened("02 10:00", "time's", path="/a"),
    ping("02 10:00:30", "time's", 15_000, 70, 0),
    happened("02 10:00", "scroll's", path="/a"),
    ping("02 10:00:30", "scroll's", 25_000, 30, 0),
    happened("02 10:00", "click's", path="/a"),
    ping("02 10:00:30", "click's", 9_000, 70, 2),
    # Sources: another subdomain of the site, another site.
    happened("02 11:00", "sub's", referrer="https://blog.shop.example/post"),
    happened("02 11:00", "else's", referrer="https://elsewhere.example/"),
    # A page that a part of its query names.
    happened("02 11:30", "product's", path="/product?ref=mail&id=2"),
    # Money without a currency, an event of commerce that is none by default, a contact in the details of an error.
    happened("02 12:00", "ann's", "checkout_started", user_id="ann", properties={"total_amount": 30}),
    happened("02 12:01", "ann's", "payment_failed", user_id="ann", properties={"error_details": {"street": "Elm"}}),
    happened("02 12:02", "ann's", "order_placed", user_id="ann", properties={"order_id": "o", "amount": 30}),
    happened("02 12:03", "ann's", "refund_issued", user_id="ann"),
    happened("02 12:04", "rex's", "review_posted"),
    happened("02 12:05", "ann's", "community_visited", user_id="ann", properties={"community_id": "one"}),
    happened("02 12:06", "ann's", "community_visited", user_id="ann", properties={"community_id": "two"}),
    # Past midnight with a gap between both timeouts, and then a day with nothing but a short anonymous visit.
    happened("02 23:50", "late's", path="/b"),
    happened("03 00:30", "late's", path="/c"),
    happened("04 09:00", "short's"),
)  # fmt: skip


@contextmanager
def project_with(folder, changed) -> Iterator[None]:
    """The dbt project with other variables."""
    shutil.copytree(PROJECT / "dbt_project", folder)
    path = folder / "dbt_project.yml"
    said = msgspec.yaml.decode(path.read_bytes())
    path.write_bytes(msgspec.yaml.encode(said | {"vars": said["vars"] | changed}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt, "PROJECT_DIR", folder)
        yield


def published(installation):
    """Site → mart → rows, each as column → value."""
    names = rows(
        installation.engine, "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r'"
    )
    found = {}
    for (mart,) in names:
        for site, row in rows(
            installation.engine, f"select site_id, row_to_json(m)::text from marts.{mart} m order by 2"
        ):
            found.setdefault(site, {}).setdefault(mart, []).append(json.loads(row))
    return found


def run_night(installation):
    landing = Landing(installation.settings.landing)
    for (site,) in rows(installation.engine, "select site_id from ops.sites"):
        landing.land(*HISTORY, site=site)
    night.nightly(installation, say=lambda line: None)
    assert rows(installation.engine, "select * from ops.dirty_days") == []
    return published(installation)


def written(value):
    """An option's value as the command takes it."""
    return ",".join(value) if isinstance(value, list) else str(value)


@pytest.fixture(scope="module")
def by_site(anew, tmp_path_factory):
    """What a night publishes of a site without options, of sites with one option each, and of `shop` with all."""
    wide = {name: CHANGED[name] for name in PROJECT_WIDE}
    with (
        project_with(tmp_path_factory.mktemp("wide") / "dbt_project", wide),
        anew(dict.fromkeys(("default", "shop", *OPTIONS), "UTC")) as installation,
    ):
        with installation.engine.begin() as connection:
            for name in OPTIONS:
                wanted = read_options([f"{name}={written(CHANGED[name])}"])
                for site in (name, "shop"):
                    change_options(connection, site, wanted)
            assert own_options(connection, "shop") == {name: CHANGED[name] for name in OPTIONS}
        return run_night(installation)


def test_every_option_of_the_project_is_changed_here_and_says_whether_a_site_can_have_its_own():
    assert CHANGED.keys() == DEFAULTS.keys()
    assert [name for name in CHANGED if CHANGED[name] == DEFAULTS[name]] == []
    assert sorted([*OPTIONS, *PROJECT_WIDE]) == sorted(DEFAULTS)


def without_ids(marts):
    """The rows of marts without what is different on every site."""
    return {
        mart: sorted(
            json.dumps({name: value for name, value in row.items() if not re.search("(^|_)id$", name) or name == "community_id"})
            for row in found
        )
        for mart, found in marts.items()
    }  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_alone_passes_the_gate_and_changes_what_is_published(by_site, option):
    assert without_ids(by_site[option]) != without_ids(by_site["default"])


def test_a_site_without_options_has_the_defaults(by_site):
    days = {row["event_date"]: row["session_count"] for row in by_site["default"]["daily_stats"]}
    assert days == {"2026-11-02": 13, "2026-11-03": 1, "2026-11-04": 1}
    assert by_site["default"]["orders"][0]["amount"] is None


def test_short_anonymous_visits_that_are_left_out_close_no_gate(by_site):
    """Neither as the newest events of the site, nor as the only ones of a day."""
    kept = by_site["anonymous_min_page_views"]["sessions"]
    assert sorted((row["visitor_id"], row["page_view_count"]) for row in kept) == [
        ("ann's", 0),
        ("quick's", 2),
        ("read's", 2),
    ]
    assert {row["event_date"] for row in by_site["anonymous_min_page_views"]["daily_stats"]} == {"2026-11-02"}


def test_what_is_an_event_of_commerce_and_a_contact_is_the_projects_to_say(by_site):
    names = {row["event_name"] for row in by_site["default"]["commerce_events"]}
    assert names == {"checkout_started", "payment_failed", "order_placed", "refund_issued"}
    (failed,) = by_site["default"]["payment_errors"]
    assert failed["error_details"] == '{"street": "[contact]"}'


def test_without_their_mart_there_are_no_events_and_all_else_is_there(by_site):
    assert by_site["default"].keys() & {"events", "event_properties", "daily_property_stats"} == set()
    assert by_site["default"].keys() >= {"sessions", "page_views", "daily_event_stats"}


@pytest.mark.nights
def test_options_of_a_site_publish_what_the_same_options_of_the_project_publish(by_site, anew, tmp_path):
    with project_with(tmp_path / "dbt_project", CHANGED), anew({"shop": "UTC"}) as installation:
        of_project = run_night(installation)
    assert without_hashes(of_project["shop"]) == without_hashes(by_site["shop"])
    assert {mart for mart, found in of_project["shop"].items() if found} >= {"sessions", "orders", "daily_stats"}


def without_hashes(marts):
    """The rows of marts without the hash of contacts, whose key each installation makes for itself."""
    return {
        mart: [{name: value for name, value in row.items() if name != "contact_hash"} for row in found]
        for mart, found in marts.items()
    }
