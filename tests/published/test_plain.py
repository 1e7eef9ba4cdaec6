"""With the transformer's password a candidate becomes more than a table: nothing of it runs with another role's rights."""

import pytest
from sqlalchemy import text

from footfall.pipeline import candidates, dbt, night
from tests.support.database import rows
from tests.support.installation import contents
from tests.support.marts.candidates import stand_again
from warehouse.postgres.roles import Role
from warehouse.publication.plain import NotPlain
from warehouse.publication.publish import PublishRefused
from warehouse.tables.contracts import read_marts

SPY = (
    "create table staging.seen (who name); grant insert on staging.seen to public; grant usage on schema staging to public",
    "create function staging.spy() returns boolean language plpgsql as"
    " 'begin insert into staging.seen values (current_user); return true; end'",
    "grant execute on function staging.spy to public",
)
AS_VIEW = (
    "alter table audit.visitors rename to hidden",
    "create view audit.visitors as select * from audit.hidden where staging.spy()",
    "grant select on audit.visitors, audit.hidden to public",
)
SPOILED = {
    "a view": (AS_VIEW, "audit.visitors is no plain table"),
    "a stored view": (
        (
            "alter table audit.visitors rename to hidden",
            "create materialized view audit.visitors as table audit.hidden",
        ),
        "audit.visitors is no plain table",
    ),
    "a policy": (
        (
            "create policy spied on audit.visitors using (staging.spy())",
            "alter table audit.visitors enable row level security",
        ),
        "audit.visitors has a policy",
    ),
    "a trigger": (
        (
            "create function staging.act() returns trigger language plpgsql as 'begin perform staging.spy(); return new; end'",
            "create trigger spied before insert on audit.visitors for each row execute function staging.act()",
        ),
        "audit.visitors has a trigger",
    ),
    "a rule": (
        ("create rule spied as on insert to audit.visitors do also select staging.spy()",),
        "audit.visitors has a rule",
    ),
    "a child": (
        ("create table audit.child () inherits (audit.visitors)",),
        "audit.visitors shares its rows with another table",
    ),
    "a type of its own": (
        (
            "create domain staging.odd as text",
            "alter table audit.visitors alter column site_id type staging.odd",
        ),
        "audit.visitors has a column that is more than data, site_id",
    ),
    "keys in a view": (
        (
            "alter table intermediate.replaced_visitors rename to hidden_keys",
            "create view intermediate.replaced_visitors as select * from intermediate.hidden_keys where staging.spy()",
            "grant select on intermediate.replaced_visitors, intermediate.hidden_keys to public",
        ),
        "intermediate.replaced_visitors is no plain table",
    ),
    "stale days in a view": (
        (
            "alter table intermediate.stale_days rename to hidden_days",
            "create view intermediate.stale_days as select * from intermediate.hidden_days where staging.spy()",
            "grant select on intermediate.stale_days, intermediate.hidden_days to public",
        ),
        "intermediate.stale_days is no plain table",
    ),
}


@pytest.fixture
def standing(morning_after):
    """An installation with a candidate that was built and not yet checked."""
    marts = read_marts(dbt.manifest(morning_after.settings, morning_after.database.roles[Role.TRANSFORMER]))
    with morning_after.engine.begin() as connection:
        stand_again(connection, marts)
    return morning_after


def spoil(installation, statements):
    with installation.engine_of(Role.TRANSFORMER).begin() as connection:
        for statement in (*SPY, *statements):
            connection.execute(text(statement))


def seen(installation):
    return {who for (who,) in rows(installation.engine, "select who from staging.seen")}


@pytest.mark.parametrize(("statements", "why"), SPOILED.values(), ids=SPOILED)
def test_a_candidate_that_is_more_than_a_table_is_neither_checked_nor_published(standing, statements, why):
    """Acts: checked as it should be, spoiled, published; then checked as it is."""
    assert candidates.check(standing).passed
    before = contents(standing)
    spoil(standing, statements)
    with pytest.raises(NotPlain, match=why):
        night.publish(standing)
    with pytest.raises(NotPlain, match=why):
        candidates.check(standing)
    assert seen(standing) == set()
    assert contents(standing) == before


def test_a_candidate_of_another_owner_is_refused(standing):
    assert candidates.check(standing).passed
    with standing.engine.begin() as connection:
        connection.execute(text("alter table audit.visitors owner to footfall_retention"))
    with pytest.raises(NotPlain, match=r"audit\.visitors belongs to footfall_retention"):
        night.publish(standing)


def test_what_is_checked_cannot_become_another_relation_meanwhile(standing, monkeypatch):
    """The transformer tries while the checks run."""
    tried = []

    def audited(*given, **more):
        with standing.engine_of(Role.TRANSFORMER).connect() as connection:
            connection.execute(text("set lock_timeout = '300ms'"))
            with pytest.raises(Exception, match="lock timeout"):
                connection.execute(text(AS_VIEW[0]))
        tried.append(True)
        return before(*given, **more)

    before = night.audit
    monkeypatch.setattr(candidates, "audit", audited)
    assert candidates.check(standing).passed
    assert tried
    assert night.publish(standing).days


def test_a_table_changed_in_place_is_still_refused_by_its_fingerprint(standing):
    assert candidates.check(standing).passed
    with standing.engine_of(Role.TRANSFORMER).begin() as connection:
        connection.execute(text("update audit.visitors set site_id = site_id || 'x'"))
    with pytest.raises(PublishRefused, match="changed after its check"):
        night.publish(standing)
