"""Two small marts and their candidates, made by hand: one by day, one by visitor."""

from datetime import date

from sqlalchemy import text

from warehouse.publication.publish import fingerprint, publish
from warehouse.publication.slices import Slice, begin_candidate, finish_candidate
from warehouse.tables.decisions import Column, Mart, People, Retention
from warehouse.tables.marts import ensure_marts

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (2, 3, 4))

PAGES = Mart(
    name="pages",
    description="One row per site, day and path.",
    columns=(
        Column("site_id", "text", "The site's name."),
        Column("event_date", "date", "The day."),
        Column("path", "text", '50 % of it\'s "quoted"; %s, {braces}.'),
        Column("views", "integer", "Views."),
        Column("revenue", "numeric(12,2)", "Euros; null: none."),
        Column("is_final", "boolean", "Whether it may still change."),
    ),
    primary_key=("site_id", "event_date", "path"),
    indexes=(("path",), ("event_date", "views")),
    replaced_keys="replaced_days",
    retention=Retention(policy="daily_tables"),
)
PEOPLE = Mart(
    name="people",
    description="One row per visitor.",
    columns=(
        Column("site_id", "text", "The site."),
        Column("visitor_id", "text", "The visitor."),
        Column("views", "bigint", "Views ever."),
        Column("first_seen_at", "timestamptz", "First sight; null: never seen."),
    ),
    primary_key=("site_id", "visitor_id"),
    indexes=(),
    replaced_keys="replaced_visitors",
    retention=Retention(kept="for the test"),
    people=People(device="visitor_id", at="first_seen_at"),
)
MARTS = (PAGES, PEOPLE)


def page(day, path, views):
    return {"day": day, "path": path, "views": views}


def build(engine, first, last, pages, people, moved=()):
    """A candidate of the days `first` to `last`: rows of both marts, and the keys whose rows they replace."""
    with engine.begin() as connection:
        ensure_marts(connection, MARTS)
        candidate = begin_candidate(connection, Slice(first, last), "code")
        for statement in _TABLES:
            connection.execute(text(statement))
        connection.execute(
            text("insert into intermediate.replaced_days select 'shop', cast(:day as date)"),
            [{"day": day} for day in Slice(first, last).days],
        )
        for row in pages:
            connection.execute(text("insert into audit.pages values ('shop', :day, :path, :views, 1.5, false)"), row)
        for visitor, views in people:
            row = {"visitor": visitor, "views": views}
            connection.execute(text("insert into audit.people values ('shop', :visitor, :views)"), row)
            connection.execute(text("insert into intermediate.replaced_visitors values ('shop', :visitor)"), row)
        for day in moved:
            connection.execute(
                text("insert into intermediate.stale_days values ('shop', :day, 'identity')"), {"day": day}
            )
        finish_candidate(connection)
    return candidate


def record_audit(engine, candidate, passed=True, expectations=3, failed=0, seen=None, marts=("pages", "people")):
    """An audit of what stands there now, as the gate would record it."""
    with engine.begin() as connection:
        audit_id = connection.execute(
            text(
                "insert into ops.audits (candidate_id, fingerprint, passed, expectation_count, failed_count)"
                " values (:candidate, :seen, :passed, :expectations, :failed) returning audit_id"
            ),
            {
                "candidate": candidate.candidate_id,
                "seen": seen or fingerprint(connection, MARTS),
                "passed": passed,
                "expectations": expectations,
                "failed": failed,
            },
        ).scalar_one()
        connection.execute(
            text(
                "insert into ops.check_results (audit_id, mart, expectation, passed) values (:audit, :mart, '', true)"
            ),
            [{"audit": audit_id, "mart": mart} for mart in marts],
        )


def publish_candidate(engine, candidate):
    with engine.begin() as connection:
        return publish(connection, candidate, MARTS)


def build_and_publish(engine, *what, **more):
    """Build, pass and publish."""
    candidate = build(engine, *what, **more)
    record_audit(engine, candidate)
    return publish_candidate(engine, candidate)


_TABLES = (
    "drop table if exists audit.pages, audit.people, intermediate.replaced_days, intermediate.replaced_visitors,"
    " intermediate.stale_days, intermediate.int_moved_days",
    "create table audit.pages"
    " (site_id text, event_date date, path text, views integer, revenue numeric(12,2), is_final boolean)",
    "create table audit.people (site_id text, visitor_id text, views bigint, first_seen_at timestamptz)",
    "create table intermediate.replaced_days (site_id text, event_date date)",
    "create table intermediate.replaced_visitors (site_id text, visitor_id text)",
    "create table intermediate.stale_days (site_id text, event_date date, cause text)",
    "create table intermediate.int_moved_days (site_id text, event_date date, cause text, is_whole boolean)",
)
