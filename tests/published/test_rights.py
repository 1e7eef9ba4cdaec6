"""The rights of each role after a night with two sites: read from the catalogue, and tried by connecting as the role."""

import itertools
import re
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from footfall.pipeline import night
from footfall.pipeline.installation import published_marts
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import password_of
from tests.support.rights import SCHEMAS, deviations
from warehouse.access.rights import rights_of
from warehouse.access.site_analysts import renew_site_analyst, revoke_site_analyst, site_role
from warehouse.access.sites import SiteError, add_site
from warehouse.postgres.roles import CONTACT_READER, SITE_ANALYST, SITE_READER_CONNECTIONS, Role
from warehouse.publication import publish
from warehouse.tables.partitions import partition_name

SITES = ("shop", "blog")
READERS = [*Role, *map(site_role, SITES)]
NOW = "select now()"


@pytest.fixture(scope="module")
def installation(finished_night, tmp_path_factory):
    """The night, something going on at both sites, and an analyst of each."""
    with finished_night.beside(tmp_path_factory.mktemp("rights") / "home") as installation:
        ((now,),) = rows(installation.engine, NOW)
        community = {"community_id": "m-1", "visitor_division_id": "1", "community_division_id": "2"}
        for site in SITES:
            Landing(installation.settings.landing).land(
                event(now, f"{site}-a", page_type="homepage", page_identifier=site),
                event(now, f"{site}-b", "payment_failed", properties={"checkout_id": "c", "error_code": site}),
                event(now, f"{site}-c", "community_visited", properties=community),
                site=site,
                user_agent=f"Mozilla/5.0 (X11; Linux x86_64; {site})",
            )
        night.load(installation)
        yield installation


@pytest.fixture(scope="module")
def connect(installation):
    """Connections of a role, an analyst of a site among them."""
    made = {}
    with installation.engine.begin() as connection:
        for site in SITES:
            role, password = renew_site_analyst(connection, site)
            made[role] = create_engine(installation.engine.url.set(username=role, password=password))
    yield lambda role: made[role] if role in made else installation.engine_of(role)
    for engine in made.values():
        engine.dispose()


# The catalogue -----------------------------------------------------------------------------------


def test_every_role_may_do_with_every_relation_what_the_table_says(installation, connect):
    with installation.engine.connect() as connection:
        assert deviations(connection, *map(site_role, SITES)) == []


@pytest.mark.parametrize(
    ("statement", "reported"),
    [
        ("create table raw.fresh (n int)", "raw.fresh: undecided"),
        ("create table ops.fresh (n int)", "ops.fresh: undecided"),
        ("create view live.fresh as select 1 as n", "live.fresh: undecided"),
        ("create table marts.fresh (site_id text)", "marts.fresh: rows of all sites are seen"),
        ("create view marts.fresh as select * from marts.sessions", "marts.fresh: rows of all sites are seen"),
        ("create table audit.fresh (n int)", "audit.fresh: footfall_checker may not SELECT"),
        ("alter table marts.sessions no force row level security", "marts.sessions: rows of all sites are seen"),
        ("drop policy own_site on marts.sessions", "marts.sessions: rows of all sites are seen"),
        ("alter policy own_site on marts.sessions using (true)", "marts.sessions: rows of all sites are seen"),
        ("grant select on raw.events to footfall_analyst", "raw.events: footfall_analyst may SELECT"),
        ("grant select on ops.site_keys to public", "ops.site_keys: footfall_loader may SELECT"),
        ("revoke select on marts.sessions from footfall_analyst", "marts.sessions: footfall_analyst may not SELECT"),
    ],
)
def test_what_is_undecided_is_reported(installation, statement, reported):
    with installation.engine.connect() as connection:
        connection.execute(text(statement))
        assert [line for line in deviations(connection) if line.startswith(reported)]
        connection.rollback()


def test_no_one_but_the_administrator_has_powers_over_the_server(installation):
    powers = "rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls"
    assert rows(installation.engine, f"select rolname from pg_roles where rolname ~ '^footfall_' and ({powers})") == []
    cannot_log_in = (
        "select rolname from pg_roles where rolname in ('footfall_owner', :group, :contacts) and rolcanlogin"
    )
    assert rows(installation.engine, cannot_log_in, group=SITE_ANALYST, contacts=CONTACT_READER) == []


def test_functions_with_the_rights_of_others_are_not_for_everybody_and_look_in_no_other_schema(installation):
    found = rows(
        installation.engine,
        "select oid::regprocedure::text from pg_proc where pronamespace = any(cast(:schemas as regnamespace[]))"
        " and prosecdef and (has_function_privilege('public', oid, 'execute')"
        " or not coalesce('search_path=pg_catalog, pg_temp' = any(proconfig), false))",
        schemas=SCHEMAS,
    )
    assert found == []


# Two sites ---------------------------------------------------------------------------------------

_RELATIONS = """
select nspname || '.' || relname, exists (
    select from pg_attribute where attrelid = c.oid and attname = 'site_id' and not attisdropped
)
from pg_class c join pg_namespace n on n.oid = relnamespace
where nspname = any(:schemas) and relkind in ('r', 'p', 'v')
"""


@pytest.mark.parametrize("role", READERS)
def test_a_role_reads_what_it_may_and_an_analyst_of_a_site_its_rows_alone(installation, connect, role):
    site = next((site for site in SITES if role == site_role(site)), None)
    for name, has_site in rows(installation.engine, _RELATIONS, schemas=SCHEMAS):
        line = rights_of(name)
        # The publisher makes the views on contacts and sites, which run with the rights of who reads them.
        reads_as_owner = line.owner == role and "SELECT" not in line.granted.get(CONTACT_READER, ())
        reads_as_owner = reads_as_owner and name != "marts.sites"
        may = reads_as_owner or "SELECT" in line.granted.get(SITE_ANALYST if site else role, ())
        query = f"select distinct {'site_id' if has_site else '1'} from {name}"
        if not may:
            with pytest.raises(DBAPIError, match="permission denied"):
                rows(connect(role), f"select * from {name}")
            continue
        found, all_there = set(rows(connect(role), query)), set(rows(installation.engine, query))
        assert found == (all_there & {(site,)} if site and has_site else all_there), name


def test_there_is_something_of_both_sites_to_hide(installation):
    for name in ("live.active_sessions", "live.areas", "live.visitors_by_page", "live.payment_errors", "live.events"):
        assert rows(installation.engine, f"select distinct site_id from {name} order by 1") == [("blog",), ("shop",)]
    for name in ("live.community_visitors", "marts.sessions", "marts.sessions_current_user", "marts.daily_stats"):
        assert rows(installation.engine, f"select distinct site_id from {name} order by 1") == [("blog",), ("shop",)]


@pytest.mark.parametrize(
    ("relation", "column"),
    [
        ("marts.sessions", "visitor_id"),
        ("marts.sessions_current_user", "visitor_id"),
        ("live.active_sessions", "visitor_id"),
        ("live.areas", "site_id"),
        ("live.visitors_by_page", "page_identifier"),
        ("live.payment_errors", "error_code"),
        ("live.community_visitors", "community_slug"),
        ("live.events", "event_id"),
    ],
)
def test_a_function_that_reports_what_it_is_given_is_given_no_other_sites_rows(installation, connect, relation, column):
    reported = []
    with connect(site_role("blog")).connect() as connection:
        connection.connection.driver_connection.add_notice_handler(
            lambda notice: reported.append(notice.message_primary)
        )
        connection.execute(text("set transaction read write"))
        connection.execute(
            text(
                "create function pg_temp.report(site text, anything text) returns boolean language plpgsql"
                " immutable cost 0.000001 as 'begin raise notice ''%'', coalesce(site, ''?''); return true; end'"
            )
        )
        found = connection.execute(
            text(f"select count(*) from {relation} where pg_temp.report(site_id, {column}::text)")
        ).scalar_one()
        reported_of = set(reported)
    assert found
    assert reported_of == {"blog"}


@pytest.mark.parametrize("view", ["active_sessions", "payment_errors", "community_visitors", "events"])
def test_a_live_view_finds_a_sites_rows_by_time_in_the_partitions_around_now(installation, connect, view):
    with connect(site_role("blog")).connect() as connection:
        connection.execute(text("set enable_seqscan = off"))  # There are few rows.
        plan = "\n".join(connection.execute(text(f"explain (costs off) select * from live.{view}")).scalars())
    ((today,),) = rows(installation.engine, "select current_date")
    days = {partition_name(today + timedelta(days=n)) for n in range(-2, 3)}
    assert set(re.findall(r"on (events_\d+)", plan)) <= days
    scans = plan.count("Index Scan using events_")
    assert scans > 0
    assert scans == len(re.findall(r"Index Cond: .*occurred_at >= ", plan))
    assert scans == len(re.findall(r"Filter: .*site_id = \(InitPlan", plan))


def test_an_analyst_of_a_site_that_becomes_another_role_or_asks_for_all_rows_gets_none_of_it(connect):
    with connect(site_role("blog")).connect() as connection:
        for attempt in ("set role footfall_analyst", f"set role {site_role('shop')}", "set role footfall_owner"):
            with pytest.raises(DBAPIError, match="permission denied"):
                connection.execute(text(attempt))
            connection.rollback()
        connection.execute(text("set row_security = off"))
        with pytest.raises(DBAPIError, match="would be affected by row-level security"):
            connection.execute(text("select * from marts.sessions"))


def test_a_role_of_the_group_without_a_site_sees_nothing(installation):
    with installation.engine.connect() as connection:
        connection.execute(text(f"set local role {SITE_ANALYST}"))
        for relation in ("marts.sessions", "live.active_sessions", "live.areas"):
            assert connection.execute(text(f"select count(*) from {relation}")).scalar_one() == 0


def test_an_analyst_that_is_revoked_sees_nothing_more_and_does_not_come_back(installation):
    with installation.engine.begin() as connection:
        add_site(connection, "fleeting")
        role, password = renew_site_analyst(connection, "fleeting")
    engine = create_engine(installation.engine.url.set(username=role, password=password))
    with engine.connect() as connection:
        assert connection.scalar(text("select site_id from live.areas limit 1")) == "fleeting"
        connection.rollback()
        with installation.engine.begin() as administrator:
            assert revoke_site_analyst(administrator, "fleeting") == role
        with pytest.raises(DBAPIError, match="permission denied"):
            connection.execute(text("select site_id from live.areas"))
    engine.dispose()
    with pytest.raises(OperationalError, match=r"not permitted to log in|password authentication failed"):
        engine.connect()
    with installation.engine.begin() as connection, pytest.raises(SiteError, match="has no analyst"):
        revoke_site_analyst(connection, "fleeting")


def test_sites_of_long_names_have_roles_of_their_own():
    long = "s" * 63
    assert site_role("shop") == "footfall_site_shop"
    assert len(site_role(long)) == len(site_role(long[:-1] + "t")) == 63
    assert site_role(long) != site_role(long[:-1] + "t")


# What each must not ------------------------------------------------------------------------------

FORBIDDEN = {
    Role.LOADER: (
        "truncate raw.events",
        "drop table raw.events",
        "update raw.events set user_id = null",
        "select * from ops.site_keys",
        "select * from marts.sessions",
        "delete from ops.landed_files",
        "create table raw.mine (n int)",
    ),
    Role.TRANSFORMER: (
        "insert into ops.audits (candidate_id, fingerprint, passed, expectation_count, failed_count)"
        " select candidate_id, '', true, 1, 0 from ops.candidates",
        "delete from marts.sessions",
        "delete from raw.events",
        "select * from ops.contact_vault",
        "drop view live.areas",
    ),
    Role.CHECKER: (
        "delete from audit.sessions",
        "delete from marts.sessions",
        "update ops.candidates set state = 'published'",
        "update ops.audits set passed = true",
    ),
    Role.PUBLISHER: (
        "select * from raw.events",
        "select * from ops.contact_vault",
        "update audit.sessions set is_bot = true",
        "insert into ops.audits (candidate_id, fingerprint, passed, expectation_count, failed_count)"
        " select candidate_id, '', true, 1, 0 from ops.candidates",
        "update ops.audits set passed = true",
    ),
    Role.RETENTION: (
        "insert into marts.sessions select * from marts.sessions",
        "select * from audit.sessions",
        "update ops.retention_policies set keep_days = 1",
        "drop table marts.sessions",
    ),
    Role.ERASER: (
        "insert into raw.lost_copies select * from raw.lost_copies",
        "drop table marts.sessions",
        "update ops.retention_policies set keep_days = 1",
    ),
    Role.ANALYST: (
        "insert into marts.sessions select * from marts.sessions",
        "update marts.sessions set is_bot = true",
        "delete from marts.sessions",
        "truncate marts.sessions",
        "drop table marts.sessions",
        "create table marts.mine (n int)",
        "create table public.mine (n int)",
        "insert into ops.dirty_days (site_id, event_date, cause) values ('shop', now(), 'mine')",
        "select * from raw.rejects",
        "select failing_rows from ops.check_results",
        "create role mine",
        "select raw.make_partition('2026-01-01')",
    ),
    site_role("shop"): (
        "update marts.sessions set is_bot = true",
        "create table public.mine (n int)",
        "select * from ops.sites",
        "select * from ops.restatements",
    ),
}


@pytest.mark.parametrize(
    ("role", "statement"),
    [(role, statement) for role, statements in FORBIDDEN.items() for statement in statements],
)
def test_a_role_cannot_do_what_is_anothers_work(connect, role, statement):
    with connect(role).connect() as connection:
        connection.execute(text("set transaction read write"))
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            connection.execute(text(statement))


def test_the_checker_cannot_publish(installation):
    marts = published_marts(installation)
    with (
        installation.engine_of(Role.CHECKER).begin() as connection,
        pytest.raises(DBAPIError, match="permission denied"),
    ):
        publish._replace(connection, marts[0])


# Who connects ------------------------------------------------------------------------------------


def test_each_role_needs_its_own_password(installation):
    for role, another in itertools.pairwise([*Role, Role.LOADER]):
        assert rows(installation.engine_of(role), "select current_user, current_setting('application_name')") == [
            (role, f"footfall {role.name.lower()}")
        ]
        wrong = create_engine(installation.engine.url.set(username=role, password=password_of(another)))
        with pytest.raises(OperationalError, match="password authentication failed"):
            wrong.connect()


def test_a_sites_analyst_reads_the_clock_and_the_freshness_of_its_site_alone(installation, connect):
    facts = "select site_id, timezone, currency, first_day, last_day, fresh_until from marts.sites"
    facts += " where site_id in ('blog', 'shop') order by 1"
    of_both = rows(installation.engine_of(Role.ANALYST), facts)
    assert [(site, fresh_until is not None) for site, *_, fresh_until in of_both] == [("blog", True), ("shop", True)]
    assert [rows(connect(site_role(site)), facts) for site in ("blog", "shop")] == [[row] for row in of_both]


@pytest.mark.parametrize("role", [Role.ANALYST, site_role("shop")])
def test_readers_only_read_unless_asked_and_neither_run_nor_wait_for_ever(connect, role):
    engine = connect(role)
    assert rows(engine, "show default_transaction_read_only") == [("on",)]
    assert rows(engine, "show statement_timeout") == [("10min",)]
    assert rows(engine, "show idle_in_transaction_session_timeout") == [("5min",)]
    assert rows(engine, "select coalesce(current_setting('transaction_timeout', true), '30min')") == [("30min",)]
    assert rows(engine, "show search_path") == [("marts, live",)]
    with engine.connect() as connection:
        connection.execute(text("set statement_timeout = 50"))
        with pytest.raises(OperationalError, match="statement timeout"):
            connection.execute(text("select pg_sleep(5)"))


def test_a_reader_has_so_many_connections_and_no_more(installation, connect):
    engine = connect(site_role("blog"))
    engine.dispose()
    with create_engine(engine.url, pool_size=SITE_READER_CONNECTIONS + 1).connect() as first:
        pool = first.engine
        held = [pool.connect() for _ in range(SITE_READER_CONNECTIONS - 1)]
        with pytest.raises(OperationalError, match="too many connections for role"):
            pool.connect()
        for connection in held:
            connection.close()
    pool.dispose()
