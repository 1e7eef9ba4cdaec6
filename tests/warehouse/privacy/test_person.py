"""Who belongs to an id: devices to their user and users to their device, one step each way, on one site."""

from datetime import UTC, datetime

import pytest

from footfall.pipeline import night
from footfall.pipeline.installation import published_marts
from footfall.privacy import requests as privacy
from tests.support.database import rows
from tests.support.events import event
from warehouse.access.sites import add_site
from warehouse.privacy.person import OwnershipInterval, Person, PersonError, Subject, find_person
from warehouse.tables.contracts import read_marts

FIGURES = {
    *("community_visits_daily", "daily_devices", "daily_event_stats", "daily_funnel"),
    *("daily_page_stats", "daily_property_stats", "daily_stats", "daily_traffic", "daily_goals", "daily_funnels"),
    "daily_retention",
}
LABELS = {
    *(("daily_page_stats", "page_path"), ("daily_event_stats", "event_name")),
    *(("daily_traffic", name) for name in ("channel", "source", "medium", "campaign", "referrer_host")),
    *(("daily_devices", name) for name in ("device_type", "browser", "os")),
    *(("daily_property_stats", name) for name in ("event_name", "property", "value")),
    *(("community_visits_daily", name) for name in ("community_id", "community_slug")),
    *(("daily_stats", name) for name in ("top_referrers", "top_landing_pages", "utm_sources")),
}


def find(installation, kind, subject, most=10, site="shop"):
    with installation.engine.connect() as connection:
        return find_person(connection, published_marts(installation), Subject(site, kind, subject), most)


def devices(person):
    return {each.device for each in person.intervals}


def at(hour):
    return datetime(2026, 11, 2, hour, tzinfo=UTC)


@pytest.fixture
def loaded(installation, landing):
    """Ann on two devices of her own, and with bea on a tablet; a phone on which no user signed in."""
    with installation.engine.begin() as connection:
        add_site(connection, "blog")
    used = [
        *((8, "ann's", None), (9, "ann's", "ann"), (10, "laptop", "ann"), (8, "phone", None)),
        *(
            (8, "tablet", None),
            (9, "tablet", "bea"),
            (10, "tablet", "ann"),
            (11, "tablet", None),
            (12, "tablet", "bea"),
        ),
        *((13, "tablet", "ann"), (14, "bea's", "bea")),
    ]
    landing.land(*(event(at(hour), device, **({"user_id": user} if user else {})) for hour, device, user in used))
    landing.land(event(at(9), "elsewhere", user_id="ann"), site="blog")
    night.load(installation)
    return installation


def test_a_user_has_the_devices_they_signed_in_on_and_of_a_shared_one_their_own_hours(loaded):
    shared = {OwnershipInterval("tablet", at(10), at(12)), OwnershipInterval("tablet", at(13), None)}
    assert find(loaded, "user", "ann") == Person(
        "shop", "ann", frozenset({OwnershipInterval("ann's"), OwnershipInterval("laptop")} | shared)
    )


def test_who_was_first_on_a_shared_device_was_there_before_they_signed_in(loaded):
    assert {OwnershipInterval("tablet", None, at(10)), OwnershipInterval("tablet", at(12), at(13))} <= find(
        loaded, "user", "bea"
    ).intervals


def test_a_device_of_one_user_is_that_user_with_all_their_devices(loaded):
    assert find(loaded, "device", "laptop") == find(loaded, "user", "ann")


def test_a_device_on_which_no_user_signed_in_is_itself(loaded):
    assert find(loaded, "device", "phone") == Person("shop", None, frozenset({OwnershipInterval("phone")}))


def test_a_shared_device_is_no_single_persons_and_the_refusal_names_no_one(loaded):
    with pytest.raises(PersonError, match="2 users signed in on that device") as refusal:
        find(loaded, "device", "tablet")
    assert "ann" not in str(refusal.value)
    with pytest.raises(PersonError):
        privacy.look(loaded, Subject("shop", "device", "tablet"))


def test_a_user_of_more_devices_than_anybody_has_is_refused(loaded):
    assert len(devices(find(loaded, "user", "ann", most=3))) == 3
    with pytest.raises(PersonError, match="more than 2 devices"):
        find(loaded, "user", "ann", most=2)


def test_the_same_id_on_another_site_is_another_person(loaded):
    assert devices(find(loaded, "user", "ann", site="blog")) == {"elsewhere"}


def test_marts_know_devices_whose_raw_events_are_gone(loaded):
    night.nightly(loaded, say=lambda line: None)
    before = find(loaded, "user", "ann")
    with loaded.engine.begin() as connection:
        connection.exec_driver_sql("truncate raw.events")
    assert find(loaded, "user", "ann") == before
    assert find(loaded, "device", "ann's") == before


def test_each_mart_is_either_peoples_or_figures(parsed_project):
    """What names a visitor or a user is people's."""
    marts = read_marts(parsed_project / "manifest.json")
    people = {mart.name for mart in marts if {"visitor_id", "user_id", "anonymous_id"} & set(mart.column_names)}
    assert people == {mart.name for mart in marts if mart.people}
    assert {mart.name for mart in marts if not mart.people} >= FIGURES
    assert {(mart.name, column) for mart in marts for column in mart.labels} >= LABELS


def test_of_a_person_nothing_is_said_while_a_published_table_is_no_mart_any_more(loaded):
    """Its rows have no known owner: neither an export nor an erasure would be whole."""
    night.nightly(loaded, say=lambda line: None)
    marts = [mart for mart in published_marts(loaded) if mart.name != "orders"]
    with loaded.engine.connect() as connection, pytest.raises(PersonError, match=r"marts\.orders: no model says"):
        find_person(connection, marts, Subject("shop", "user", "ann"), 10)


def test_each_relation_that_may_hold_an_id_is_walked_or_known_to_hold_none(installation):
    """A new column of such a name in raw or ops needs a place."""
    columns = "('user_id', 'anonymous_id', 'visitor_id', 'event_id', 'ip', 'email', 'payload', 'subject', 'user_agent')"
    found = rows(
        installation.engine,
        "select distinct attrelid::regclass::text from pg_attribute join pg_class on oid = attrelid"
        " where relnamespace in ('raw'::regnamespace, 'ops'::regnamespace) and relkind in ('r', 'p')"
        f" and not relispartition and attname in {columns} order by 1",
    )
    assert [name for (name,) in found] == [
        *(
            "ops.contact_reads",
            "ops.contact_vault",
            "ops.token_rights",
            "raw.events",
            "raw.lost_copies",
            "raw.privacy_subjects",
            "raw.rejects",
        ),
        "raw.user_agents",
        "raw.visitor_hashes",
    ]
