"""Rejects that pass the rules of today are loaded, each once, whatever happens to the replay."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from sqlalchemy import create_engine

from ingestion.event import properties
from ingestion.event.reception import Reception
from ingestion.event.validate import encode_line, validate
from ingestion.landing.writer import SegmentWriter
from ingestion.load.loader import load_sealed
from ingestion.rejects.found import Wanted, groups, masked
from ingestion.rejects.replay import replay
from tests.support.balance import require_balance
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.faults.crash_matrix import REPLAYING
from tests.support.faults.failing import fail
from tests.support.ingestion.loads import counts
from warehouse.access.sites import add_site, set_identity

AT = datetime(2026, 11, 10, 8, tzinfo=UTC)


@pytest.fixture
def landing(tmp_path):
    return Landing(tmp_path / "landing")


@pytest.fixture
def load(engine, landing):
    def load():
        load_sealed(engine, landing.folder, None, landing.folder.parent / "contact_key", 1)
        require_balance(engine)

    with engine.begin() as connection:
        add_site(connection, "shop")
    return load


@pytest.fixture
def again(engine, landing, load):
    """Replay, load, and give how many passed and why the others did not."""

    def again(**wanted):
        done = replay(engine, landing.folder, Wanted(**wanted))
        load()
        return done.landed, dict(done.left)

    return again


def large(number, **fields):
    """An event with more keys than one may have."""
    moment = AT + timedelta(seconds=number)
    return event(moment, event_id=f"large-{number}", properties={f"key{n}": n for n in range(120)}, **fields)


def loaded(engine):
    return rows(engine, "select count(*), count(distinct event_id) from raw.events")[0]


def test_a_thousand_rejects_are_loaded_once_after_a_limit_is_raised_and_again_nothing_changes(
    engine, landing, load, again, monkeypatch
):
    landing.land(*map(large, range(1_000)), event(AT + timedelta(days=3)))
    load()
    assert again() == (0, {"too_many_keys": 1_000})
    assert counts(engine) == (1_001, 1, 0, 1_000)
    with engine.begin() as connection:
        connection.exec_driver_sql("delete from ops.dirty_days")
    monkeypatch.setattr(properties, "MAX_KEYS", 200)
    assert again() == (1_000, {})
    assert loaded(engine) == (1_001, 1_001)
    assert rows(engine, "select distinct event_date::text from ops.dirty_days") == [("2026-11-10",)]
    assert rows(engine, "select count(distinct collector_id) from raw.events where collector_id ~ '^replay-'") == [
        (1_000,)
    ]
    before = counts(engine)
    assert again() == (0, {})
    assert counts(engine) == before == (2_001, 1_001, 0, 1_000)
    assert rows(engine, "select coalesce(sum(reject_count), 0) from ops.rejects_seen()") == [(0,)]


def replay_more_keys(url, folder):
    """Replay with a higher limit, in whatever process this is."""
    engine = create_engine(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(properties, "MAX_KEYS", 200)
        try:
            replay(engine, folder, Wanted())
        finally:
            engine.dispose()


@pytest.mark.parametrize("fault", REPLAYING)
def test_a_replay_that_breaks_off_and_is_repeated_loads_each_event_once(
    engine, landing, load, again, monkeypatch, fault
):
    landing.land(*map(large, range(1_200)))
    load()
    fail(fault, replay_more_keys, engine.url, landing.folder)
    load()
    monkeypatch.setattr(properties, "MAX_KEYS", 200)
    again()
    assert loaded(engine) == (1_200, 1_200)
    assert again() == (0, {})


def test_the_events_of_a_site_that_was_added_later_come_as_they_were(engine, landing, load, again):
    landing.land(event(AT, event_id="e1", ip="203.0.113.7", user_agent="Browser/1"), site="blog")
    load()
    assert again() == (0, {"unknown_site": 1})
    with engine.begin() as connection:
        add_site(connection, "blog")
    assert again(reason="too_old") == (0, {})
    assert again(site="blog") == (1, {})
    assert rows(engine, "select site_id, event_id, received_at, host(ip::inet) from raw.events") == [
        ("blog", "e1", AT + timedelta(seconds=1), "203.0.113.7")
    ]


def test_an_event_whose_site_goes_before_it_is_loaded_can_be_replayed_again(engine, landing, load, again):
    """Acts: an unknown site, a replay while it is there, the load when it is gone, and a replay when it is back."""

    def put(is_there):
        statement = "insert into ops.sites (site_id, timezone) values ('blog', 'UTC')"
        with engine.begin() as connection:
            connection.exec_driver_sql(statement if is_there else "delete from ops.sites where site_id = 'blog'")

    landing.land(event(AT, event_id="e1"), site="blog")
    load()
    put(is_there=True)
    assert replay(engine, landing.folder, Wanted()).landed == 1
    put(is_there=False)
    load()
    assert again() == (0, {"unknown_site": 1})
    put(is_there=True)
    assert again() == (1, {})
    assert loaded(engine) == (1, 1)


def test_a_client_that_writes_a_line_of_the_landing_zone_is_not_believed(engine, landing, load, again, monkeypatch):
    """Its text would name another site, time and address."""
    forged = msgspec.json.decode(encode_line(validate(msgspec.json.encode(event(AT)), Reception("other", AT, "c"))))
    with SegmentWriter(landing.folder, "test") as writer:
        content = msgspec.json.encode(forged | {"properties": {f"key{n}": n for n in range(120)}})
        writer.append(encode_line(validate(content, Reception("shop", AT + timedelta(seconds=5), "c"))))
    load()
    monkeypatch.setattr(properties, "MAX_KEYS", 200)
    assert again() == (1, {})
    ((site, received_at, collector, _),) = rows(
        engine, "select site_id, received_at, collector_id, event_id from raw.events"
    )
    assert (site, received_at, collector[:7]) == ("shop", AT + timedelta(seconds=5), "replay-")


def test_of_a_cookieless_site_no_device_that_a_client_names_is_taken(engine, landing, load, again, monkeypatch):
    landing.land(large(1), large(2, user_id="ann"))
    load()
    with engine.begin() as connection:
        set_identity(connection, "shop", "cookieless")
    monkeypatch.setattr(properties, "MAX_KEYS", 200)
    assert again() == (1, {"missing_identity": 1})
    assert rows(engine, "select anonymous_id, user_id from raw.events") == [(None, "ann")]


def test_what_no_rule_of_today_can_let_pass_stays(engine, landing, load, again):
    """A conflict, an event whose day is closed, a server's event whose key is not known any more."""
    landing.land(event(AT, event_id="e1"), event(AT, event_id="e1", page_title="other"))
    with SegmentWriter(landing.folder, "test") as writer:
        server = event(AT, context="server")
        writer.append(encode_line(validate(msgspec.json.encode(server), Reception("shop", AT, "c"))))
    load()
    with engine.begin() as connection:
        connection.exec_driver_sql("insert into ops.frozen_days (event_date) values ('2026-11-09')")
    landing.land(event(AT - timedelta(days=1)))
    load()
    stays = {"id_conflict": 1, "server_key_required": 1, "too_old": 1}
    assert again() == (0, stays)
    assert again() == (0, stays)


def test_groups_name_site_reason_field_and_the_newest_without_what_may_name_a_person(engine, landing, load):
    landing.land(large(1, user_id="ann"), large(2, user_id="ann"))
    load()
    with engine.connect() as connection:
        (group,) = groups(connection, Wanted(site="shop", since=AT))
        assert groups(connection, Wanted(since=AT + timedelta(days=1))) == []
    assert (group.site_id, group.reason, group.field, group.count) == ("shop", "too_many_keys", "properties", 2)
    assert (group.first_received_at, group.last_received_at) == (AT + timedelta(seconds=2), AT + timedelta(seconds=3))
    assert "event_name page_viewed" in group.example
    assert "an object of 120 keys" in group.example
    assert "ann" not in group.example


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ("", "nothing is stored of it"),
        ("ann@shop", "8 characters that are no JSON"),
        ("[1]", "a list of 1"),
        ('{"user_id": 7, "ann": 1, "page_url": null}', "user_id: a number; page_url: null; 1 other fields"),
        ('{"event_name": ["ann"]}', "event_name: a list of 1"),
    ],
)
def test_an_example_shows_kinds_and_sizes(payload, said):
    assert masked(payload) == said
