"""Readers who hold everything open that they may read, and have lifted their limits: a whole night goes on beside them."""

from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import text

from footfall.pipeline import night
from footfall.pipeline.installation import published_marts
from footfall.stack.stack import prepare_database
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import password_of
from warehouse.access.readers import sessions
from warehouse.access.site_analysts import renew_site_analyst
from warehouse.postgres.connect import connect
from warehouse.postgres.roles import Role
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import prune
from warehouse.tables.partitions import ensure_partition, partition_name

READABLE = """
select format('%I.%I', nspname, relname) from pg_class c join pg_namespace n on n.oid = relnamespace
where nspname not in ('pg_catalog', 'information_schema') and nspname not like 'pg\\_%' and relkind in ('r', 'p', 'v', 'm', 'f')
    and has_schema_privilege(nspname, 'usage') and has_table_privilege(c.oid, 'select')
order by 1
"""
LIFTED = "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0"


@pytest.fixture
def patient(morning_after):
    """The installation; who waits for a lock for ten seconds fails."""
    name = morning_after.engine.url.database
    with morning_after.engine.begin() as connection:
        connection.execute(text(f"alter database {name} set lock_timeout = '10s'"))
    morning_after.dispose()
    return morning_after


@pytest.fixture
def readers(patient):
    """Three: an analyst at each isolation level, and the analyst of a site."""
    with ExitStack() as opened:
        with patient.engine.begin() as connection:
            role, password = renew_site_analyst(connection, "shop")
        who = ((Role.ANALYST, password_of(Role.ANALYST), "read committed"), (role, password, "repeatable read"))
        made = [
            (opened.enter_context(connect(patient.engine.url.set(username=name, password=word))), level)
            for name, word, level in (*who, (*who[0][:2], "serializable"))
        ]
        yield made
    with patient.engine.begin() as connection:
        connection.execute(text(f"drop owned by {role}"))
        connection.execute(text(f"drop role {role}"))


def hold(readers):
    """Let each open a transaction and read of all that it may. What it has read is locked until it ends."""
    held = 0
    for reader, level in readers:
        reader.execute(LIFTED)
        names = [name for (name,) in reader.execute(READABLE)]
        reader.execute(f"begin isolation level {level}")
        for name in names:
            reader.execute(f"select * from {name} limit 1")
        held += len(names)
    return held


def test_a_night_waits_for_no_reader_whatever_it_holds(patient, readers, size):
    """Acts: readers hold everything; traffic of a new day, nights, retention, an upgrade; the readers go on, then end."""
    with patient.engine.begin() as connection:
        set_policy(connection, "raw_events", 400)
    ((today,),) = rows(patient.engine, "select current_date")
    old = today - timedelta(days=500)
    ensure_partition(patient.engine, old)
    assert hold(readers) > 100
    locked = rows(
        patient.engine, "select distinct relation::regclass::text from pg_locks where mode = 'AccessShareLock'"
    )
    assert {("live.calendar",), ("raw.events",), ("marts.sessions",), ("ops.dirty_days",)} <= set(locked)
    before = rows(patient.engine, "select count(*) from ops.publications")
    for number in range(size(1, 5)):
        for site in ("shop", "blog"):
            moment = f"{today - timedelta(days=2 + number)} 10:00"
            Landing(patient.settings.landing).land(event(moment, f"{site}-{number}"), site=site)
        assert night.nightly(patient, say=lambda line: None)
    assert rows(patient.engine, "select count(*) from ops.publications") > before
    marts = published_marts(patient)
    pruned = {step.relation for step in prune(patient.engine_of(Role.RETENTION), patient.settings, marts)}
    assert f"raw.{partition_name(old)}" not in pruned
    prepare_database(patient.settings)
    with patient.engine.connect() as connection:
        assert [session.beyond for session in sessions(connection)] == [None] * 3
    for reader, _ in readers:
        assert reader.execute("select count(*) > 0 from marts.sessions").fetchone() == (True,)
        reader.execute("commit")
    assert night.nightly(patient, say=lambda line: None) == []
    pruned = {step.relation for step in prune(patient.engine_of(Role.RETENTION), patient.settings, marts)}
    assert f"raw.{partition_name(old)}" in pruned


def test_live_views_are_not_made_anew(patient):
    made = "select oid, xmin from pg_class where relnamespace = 'live'::regnamespace order by oid"
    before = rows(patient.engine, made)
    Landing(patient.settings.landing).land(event("2026-11-02 10:00", "late"), site="shop")
    assert night.nightly(patient, say=lambda line: None)
    assert rows(patient.engine, made) == before
