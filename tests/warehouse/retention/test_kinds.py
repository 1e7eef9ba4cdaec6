"""Retention keeps data of signed-in and of anonymous people apart: to the day, to the event, in batches."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text

from ingestion.load.loader import load_sealed
from runtime.settings import Settings
from tests.support.database import rows
from tests.support.events import Landing, event
from warehouse.access.sites import add_site, write_registry
from warehouse.retention import raw_kinds
from warehouse.retention.policies import Due, Policy, RetentionError, due_by, list_policies, set_policy
from warehouse.retention.prune import prune
from warehouse.tables.partitions import days_with_partition, ensure_partition, partition_name

DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
FIRST = date(2026, 1, 1)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path)


def change(engine, statement, **values):
    with engine.begin() as connection:
        connection.execute(text(statement), values)


def keep(engine, policy="raw_events", **days):
    """Set a policy for each kind, both 100 days where none is named; all others keep for ever."""
    change(engine, "update ops.retention_policies set keep_days = null")
    with engine.begin() as connection:
        for kind, keep_days in days.items():
            set_policy(connection, policy, keep_days, kind)


def noon(day):
    return datetime.combine(day, time(12), UTC)


def put(engine, at, event_id, device=None, user=None, site="shop", ip="203.0.113.7"):
    ensure_partition(engine, at.date())
    change(
        engine,
        "insert into raw.events (site_id, event_date, occurred_at, received_at, event_id, event_name, event_category,"
        " anonymous_id, user_id, client_timestamp, ip, collector_id, file_id, line_number) values (:site, :day, :at, :at,"
        " :id, 'page_viewed', 'engagement', :device, :user, :at, :ip, 'test', 1, 1)",
        **{"day": at.date(), "at": at, "id": event_id, "device": device, "user": user, "site": site, "ip": ip},
    )


def identify(engine, device, user, from_at, to_at=None, site="shop"):
    """A published interval in which the device had the user."""
    change(
        engine,
        "insert into marts.identities (site_id, visitor_id, user_id, from_at, to_at, session_id)"
        " values (:site, :device, :user, :from_at, :to_at, 's')",
        **{"site": site, "device": device, "user": user, "from_at": from_at, "to_at": to_at},
    )


def left(engine, where="true"):
    return [found for (found,) in rows(engine, f"select event_id from raw.events where {where} order by event_id")]


def pruned(engine, settings, marts, **options):
    return [
        (found.policy, found.kind, found.relation, found.rows)
        for found in prune(engine, settings, marts, **options)
        if found.rows
    ]


# Policies ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "due"),
    [
        ({"anonymous": 90, "signed_in": 90}, Due(date(2025, 10, 3))),
        ({"anonymous": 90, "signed_in": 100}, Due(date(2025, 9, 23), "anonymous", date(2025, 10, 3))),
        ({"anonymous": 100, "signed_in": 90}, Due(date(2025, 9, 23), "signed_in", date(2025, 10, 3))),
        ({"anonymous": 90, "signed_in": None}, Due(None, "anonymous", date(2025, 10, 3))),
        ({"anonymous": None, "signed_in": 90}, Due(None, "signed_in", date(2025, 10, 3))),
        ({"anonymous": None, "signed_in": None}, None),
        ({"anonymous": 0}, Due(None, "anonymous", FIRST)),
        ({"all": 90}, Due(date(2025, 10, 3))),
        ({"all": None}, None),
    ],
)
def test_what_is_due_of_both_kinds_and_then_of_one(days, due):
    policies = [Policy("raw_events", keep_days, "", kind) for kind, keep_days in days.items()]
    assert due_by(policies, FIRST).get("raw_events") == due


def test_both_kinds_are_kept_equally_by_default(engine):
    with engine.connect() as connection:
        found = {(each.name, each.kind): each.keep_days for each in list_policies(connection)}
    assert [found["raw_events", kind] for kind in ("anonymous", "signed_in")] == [90, 90]
    assert [found["ip_addresses", kind] for kind in ("anonymous", "signed_in")] == [30, 30]
    assert found["community_visits", "anonymous"] is None


def test_a_policy_is_set_for_one_kind_or_for_both(engine, tmp_path):
    def kept(policy):
        return rows(engine, "select kind, keep_days from ops.retention_policies where policy = :p order by 1", p=policy)

    with engine.begin() as connection:
        set_policy(connection, "raw_events", 1000, "signed_in")
        write_registry(connection, tmp_path / "sites.json")
    assert kept("raw_events") == [("anonymous", 90), ("signed_in", 1000)]
    # A day takes no event any more once those of one kind are due.
    assert '"raw_keep_days": 90' in (tmp_path / "sites.json").read_text()
    with engine.begin() as connection:
        set_policy(connection, "raw_events", None)
    assert kept("raw_events") == [("anonymous", None), ("signed_in", None)]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("logs", 5, "anonymous"), "policy logs does not separate kinds of people: leave out --kind"),
        (("raw_events", 5, "robots"), "policy raw_events has no kind 'robots'; it has anonymous and signed_in"),
        (("community_visits", 5, "signed_in"), "policy community_visits has no kind 'signed_in'; it has anonymous"),
        (("raw_events", 0, "anonymous"), "keep at least 1 day, or never prune"),
        (("community_visits", -1), "keep at least 0 days, or never prune"),
        (("visits", 5, "anonymous"), "there is no policy visits; there are .*community_visits"),
    ],
)
def test_a_kind_that_cannot_be_is_refused_with_the_reason(engine, given, why):
    before = rows(engine, "select * from ops.retention_policies order by policy, kind")
    with engine.begin() as connection, pytest.raises(RetentionError, match=why):
        set_policy(connection, *given)
    assert rows(engine, "select * from ops.retention_policies order by policy, kind") == before


# Whose an event is -------------------------------------------------------------------------------


def put_both(engine, day):
    """Events around a sign-in, to the microsecond, of one day. The names of what a signed-in person's is begin with s."""
    at = noon(day)
    identify(engine, f"device {day}", "ann", at)
    put(engine, at - MOMENT, f"a before {day}", f"device {day}")
    put(engine, at, f"s at that moment {day}", f"device {day}")
    put(engine, at + timedelta(hours=11), f"s later, unnamed {day}", f"device {day}")
    put(engine, at, f"s named {day}", f"other {day}", "bob")
    put(engine, at, f"s of a server {day}", None, "bob")
    put(engine, at, f"a of another site {day}", f"device {day}", site="blog")
    put(engine, at, f"a never signed in {day}", f"stranger {day}")


@pytest.mark.parametrize(("kind", "gone"), [("anonymous", "a"), ("signed_in", "s")])
def test_events_of_one_kind_go_to_the_day_and_those_of_the_other_stay(engine, settings, today, marts, kind, gone):
    """The later customer's events before the sign-in are anonymous."""
    other = "signed_in" if kind == "anonymous" else "anonymous"
    keep(engine, **{kind: 90, other: 100})
    for age in (90, 91, 100, 101):
        put_both(engine, today - age * DAY)
    before = left(engine)
    found = pruned(engine, settings, marts)
    stays = [each for each in before if not each.endswith(str(today - 101 * DAY))]
    assert left(engine) == [each for each in stays if each.endswith(str(today - 90 * DAY)) or not each.startswith(gone)]
    count = 3 if gone == "a" else 4
    assert found == [
        ("raw_events", None, f"raw.{partition_name(today - 101 * DAY)}", 7),
        ("raw_events", kind, f"raw.{partition_name(today - 100 * DAY)}", count),
        ("raw_events", kind, f"raw.{partition_name(today - 91 * DAY)}", count),
    ]
    assert rows(engine, "select event_date, reason from ops.frozen_days order by 1") == [
        (today - age * DAY, "pruned") for age in (101, 100, 91)
    ]
    assert pruned(engine, settings, marts) == []


def test_a_kind_that_is_never_pruned_stays_for_ever(engine, settings, today, marts):
    keep(engine, anonymous=90)
    put_both(engine, today - 4000 * DAY)
    pruned(engine, settings, marts)
    assert len(left(engine)) == 4
    assert all(each.startswith("s") for each in left(engine))


def test_an_interval_of_a_user_ends_with_another_users_and_the_device_has_one_all_along(engine, settings, today, marts):
    keep(engine, anonymous=90)
    at = noon(today - 91 * DAY)
    identify(engine, "d", "ann", at - 300 * DAY, at)
    identify(engine, "d", "bob", at)
    for hours in (-1, 0, 1):
        put(engine, at + timedelta(hours=hours), str(hours), "d")
    pruned(engine, settings, marts)
    assert len(left(engine)) == 3


def test_a_sign_in_that_is_loaded_and_not_yet_published_counts(engine, settings, today, marts):
    """It came late, for an earlier day that is dirty now. That day and its events stay."""
    keep(engine, anonymous=90)
    put(engine, noon(today - 95 * DAY), "a late", "d", "ann")
    put(engine, noon(today - 95 * DAY) - MOMENT, "b anonymous, of a dirty day", "d")
    put(engine, noon(today - 91 * DAY), "c of ann", "d")
    put(engine, noon(today - 96 * DAY), "d before", "d")
    change(
        engine,
        "insert into ops.dirty_days (site_id, event_date, cause) values ('shop', :day, 'events_loaded')",
        day=today - 95 * DAY,
    )
    pruned(engine, settings, marts)
    assert left(engine) == ["a late", "b anonymous, of a dirty day", "c of ann"]
    assert rows(engine, "select event_date from ops.frozen_days order by 1") == [
        (today - 96 * DAY,),
        (today - 91 * DAY,),
    ]


def test_days_after_a_dirty_one_wait_with_it(engine, settings, today, marts):
    """Its build reads where the sessions end that begin on it."""
    change(
        engine,
        "insert into ops.dirty_days (site_id, event_date, cause) values ('shop', :day, 'rebuild')",
        day=today - 100 * DAY,
    )
    for age in range(95, 103):
        put(engine, noon(today - age * DAY), str(age), "d")
    keep(engine, anonymous=90)
    pruned(engine, settings, marts)
    assert left(engine) == ["100", "97", "98", "99"]
    change(engine, "delete from ops.dirty_days")
    pruned(engine, settings, marts)
    assert left(engine) == []


def test_before_the_first_publication_events_say_themselves_whose_they_are(engine, settings, today):
    keep(engine, anonymous=90)
    put(engine, noon(today - 91 * DAY), "a", "d")
    put(engine, noon(today - 91 * DAY), "b", "d", "ann")
    pruned(engine, settings, ())
    assert left(engine) == ["b"]


# How they go -------------------------------------------------------------------------------------


def test_many_events_go_in_batches_of_bounded_size(engine, settings, today, marts, monkeypatch):
    """No transaction looks through more than its pages; together they find every event once."""
    day, batches = today - 91 * DAY, []
    put(engine, noon(day), "first", "d")
    change(
        engine,
        "insert into raw.events select (jsonb_populate_record(e, jsonb_build_object('event_id', 'n' || n,"
        " 'user_id', case when n % 3 = 0 then 'ann' end))).* from raw.events e, generate_series(1, 3000) n",
    )
    monkeypatch.setattr(raw_kinds, "BATCH_PAGES", 8)
    monkeypatch.setattr(raw_kinds, "reach", lambda place, connection=None: batches.append(place))
    ((pages,),) = rows(engine, f"select pg_relation_size('raw.{partition_name(day)}') / 8192")
    assert pages > 40
    keep(engine, anonymous=90, signed_in=200)
    (found,) = [each for each in prune(engine, settings, marts, dry_run=True) if each.rows]
    assert batches == []
    (done,) = [each for each in prune(engine, settings, marts) if each.rows]
    assert done == found
    assert (done.kind, done.rows) == ("anonymous", 2001)
    assert done.bytes > 2001 * 100
    assert batches.count("retain:batch") == -(-pages // 8)
    assert len(left(engine, "user_id is not null")) == len(left(engine)) == 1000


def test_a_dry_run_says_the_rows_of_each_kind_and_changes_nothing(engine, settings, today, marts):
    keep(engine, anonymous=90, signed_in=100)
    for age in (91, 101):
        put_both(engine, today - age * DAY)
    before = left(engine)
    said = pruned(engine, settings, marts, dry_run=True)
    assert left(engine) == before
    assert rows(engine, "select * from ops.frozen_days") == rows(engine, "select * from ops.pruned_kinds") == []
    assert pruned(engine, settings, marts) == said
    assert [(kind, count) for _, kind, _, count in said] == [(None, 7), ("anonymous", 3)]


def test_a_day_goes_as_a_whole_once_the_other_kind_is_due_as_well(engine, settings, today, marts):
    day = today - 91 * DAY
    put_both(engine, day)
    keep(engine, anonymous=90, signed_in=100)
    pruned(engine, settings, marts)
    assert rows(engine, "select event_date, policy, kind from ops.pruned_kinds") == [(day, "raw_events", "anonymous")]
    keep(engine, anonymous=90, signed_in=90)
    assert pruned(engine, settings, marts) == [("raw_events", None, f"raw.{partition_name(day)}", 4)]
    with engine.connect() as connection:
        assert days_with_partition(connection) == []
    assert rows(engine, "select * from ops.pruned_kinds") == []
    assert rows(engine, "select event_date from ops.frozen_days") == [(day,)]


def test_a_day_that_is_done_is_not_looked_through_again(engine, settings, today, marts, monkeypatch):
    keep(engine, anonymous=90)
    put_both(engine, today - 91 * DAY)
    pruned(engine, settings, marts)
    monkeypatch.setattr(raw_kinds, "freeze", lambda *_: pytest.fail("it was"))
    assert pruned(engine, settings, marts) == []


def test_copies_that_lost_go_with_the_event_that_won(engine, settings, today, marts):
    day = today - 92 * DAY
    put(engine, noon(day), "kept", "d", "ann")
    put(engine, noon(day), "gone", "d")
    put(engine, noon(day + 2 * DAY), "not due", "d")
    for event_id, lost_on in (("kept", day + DAY), ("gone", day), ("gone", day + DAY), ("not due", day + DAY)):
        change(engine, "insert into raw.lost_copies values ('shop', :id, :day)", id=event_id, day=lost_on)
    put(engine, noon(day + DAY), "another", "d")
    keep(engine, anonymous=90)
    pruned(engine, settings, marts)
    assert left(engine) == ["kept", "not due"]
    assert rows(engine, "select event_id, event_date from raw.lost_copies order by 1") == [
        ("kept", day + DAY),
        ("not due", day + DAY),
    ]


def test_anonymous_visits_to_communities_go_to_the_day_by_the_shorter_of_two_policies(engine, settings, today, marts):
    """0 days keep those of today alone, until they are published again: then they are left out."""
    for age in (0, 1, 9, 10, 11, 12):
        for user in (None, "ann"):
            change(
                engine,
                "insert into marts.community_visits (site_id, event_id, event_date, occurred_at, user_id)"
                " values ('shop', :id, :day, :day, :user)",
                **{"id": f"{user or 'a'} {age}", "day": today - age * DAY, "user": user},
            )
    for policy, keep_days, count in (("community_visits", 11, 1), ("anonymous_sessions", 10, 1),
                                     ("community_visits", 9, 1), ("community_visits", 0, 2)):  # fmt: skip
        change(engine, "update ops.retention_policies set keep_days = null")
        with engine.begin() as connection:
            set_policy(connection, policy, keep_days)
        (found,) = pruned(engine, settings, marts)
        assert found[0::2] == (policy, "marts.community_visits")
        assert found[3] == count
    assert rows(engine, "select event_id from marts.community_visits where user_id is null") == [("a 0",)]
    assert rows(engine, "select count(*) from marts.community_visits where user_id = 'ann'") == [(6,)]


@pytest.mark.parametrize(("kind", "gone"), [("anonymous", None), ("signed_in", "ann")])
def test_published_events_of_one_kind_go_with_the_raw_ones(engine, settings, today, marts, kind, gone):
    """Days that wait because a day before them is dirty keep their rows, too."""
    keep(engine, **{kind: 90})
    dirty = "insert into ops.dirty_days (site_id, event_date, cause) values ('blog', :day, 'rebuild')"
    change(engine, dirty, day=today - 95 * DAY)
    for age in (90, 91, 92, 95):
        for user in (None, "ann"):
            change(
                engine,
                "insert into marts.events (site_id, session_id, position, event_date, user_id)"
                " values ('shop', :id, 1, :day, :user)",
                **{"id": f"{user} {age}", "day": today - age * DAY, "user": user},
            )
    (found,) = pruned(engine, settings, marts)
    assert found == ("raw_events", kind, "marts.events", 1)
    left = rows(engine, "select session_id from marts.events")
    assert (f"{gone} 91",) not in left
    assert len(left) == 7


# Addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "gone"), [("anonymous", "a"), ("signed_in", "s")])
def test_addresses_of_one_kind_go_to_the_day_and_the_events_stay(engine, settings, today, marts, kind, gone):
    other = "signed_in" if kind == "anonymous" else "anonymous"
    keep(engine, "ip_addresses", **{kind: 30, other: 40})
    for age in (30, 31, 41):
        put_both(engine, today - age * DAY)
    events = left(engine)
    found = pruned(engine, settings, marts)
    assert left(engine) == events
    young, middle, old = ([each for each in events if each.endswith(str(today - age * DAY))] for age in (30, 31, 41))
    due = sorted([*old, *(each for each in middle if each.startswith(gone))])
    assert left(engine, "ip is null") == due
    assert found == [("ip_addresses", None, "raw.events", 7), ("ip_addresses", kind, "raw.events", len(due) - 7)]
    assert pruned(engine, settings, marts) == []
    assert set(young) < set(left(engine, "ip is not null"))


def test_masked_addresses_of_sessions_go_by_the_kind_of_the_session(engine, settings, today, marts):
    keep(engine, "ip_addresses", anonymous=30, signed_in=40)
    for age in (30, 31, 41):
        for user in (None, "ann"):
            change(
                engine,
                "insert into marts.sessions (site_id, session_id, event_date, user_id, ip_masked)"
                " values ('shop', :id, :day, :user, '203.0.113.0/24')",
                **{"id": f"{user} {age}", "day": today - age * DAY, "user": user},
            )
    assert pruned(engine, settings, marts) == [
        ("ip_addresses", None, "marts.sessions", 2),
        ("ip_addresses", "anonymous", "marts.sessions", 1),
    ]
    assert rows(engine, "select session_id from marts.sessions where ip_masked is null order by 1") == [
        ("None 31",),
        ("None 41",),
        ("ann 41",),
    ]


def test_frozen_days_without_addresses_are_not_looked_through_again(engine, settings, today, marts):
    """Otherwise a night would read all that is kept of signed-in people for years."""
    for age in (31, 91):
        put_both(engine, today - age * DAY)
    keep(engine, anonymous=90)
    pruned(engine, settings, marts)
    keep(engine, "ip_addresses", anonymous=30, signed_in=30)
    prune(engine, settings, marts)
    with engine.connect() as connection:
        days = raw_kinds.days_with_addresses(connection, ("anonymous", "signed_in"), today)
    assert days == [today - 31 * DAY]


# Late events -------------------------------------------------------------------------------------


@pytest.fixture
def load(engine, settings):
    with engine.begin() as connection:
        add_site(connection, "shop")

    def load(*events):
        Landing(settings.landing).land(*events)
        return load_sealed(engine, settings.landing, None, settings.home / "contact_key", 1)

    return load


def test_a_day_of_which_one_kind_is_gone_takes_no_event_of_either(engine, settings, today, marts, load):
    keep(engine, anonymous=90)
    at = noon(today - 91 * DAY)
    put(engine, at, "kept", "d", "ann")
    pruned(engine, settings, marts)
    report = load(event(at, "d"), event(at, "d", user_id="ann"))
    assert (report.loaded, report.rejected) == (0, 2)
    assert rows(engine, "select distinct reason from raw.rejects") == [("too_old",)]
    assert rows(engine, "select * from ops.dirty_days") == []


def test_an_event_that_stays_on_a_frozen_day_wins_over_a_copy_on_the_next(engine, settings, today, marts, load):
    """By the time it was received the copy would win, and change a day that stays as it is published."""
    keep(engine, anonymous=90)
    midnight = datetime.combine(today - 90 * DAY, time(), UTC)
    said = {"event_id": "one", "user_id": "ann", "client_timestamp": midnight.isoformat()}
    received, before = midnight + timedelta(hours=1), (midnight - MOMENT).isoformat()
    load(event(midnight - MOMENT, "d", received_at=received, **{**said, "client_timestamp": before}))
    change(engine, "delete from ops.dirty_days")
    pruned(engine, settings, marts)
    report = load(event(midnight, "d", received_at=received - timedelta(minutes=30), **said))
    assert (report.loaded, report.duplicates + report.rejected) == (0, 1)
    assert rows(engine, "select event_id, event_date from raw.events") == [("one", today - 91 * DAY)]
    assert rows(engine, "select * from ops.dirty_days") == []
