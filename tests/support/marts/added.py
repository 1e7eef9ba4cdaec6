"""The acts of `tests/promises/test_add_a_mart.py`, run on a copy of the project on which all of the page was done."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine

from footfall.answers.documentation import write_page
from footfall.answers.metricflow import metrics
from footfall.answers.questions import Parameters, answer
from footfall.pipeline import dbt, night
from footfall.pipeline.installation import published_marts
from footfall.privacy import requests as privacy
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import with_settings
from tests.support.marts.comparison import differences
from tests.support.rights import deviations
from warehouse.access.site_analysts import renew_site_analyst, site_role
from warehouse.access.sites import add_site
from warehouse.postgres.roles import Role
from warehouse.privacy.person import Subject
from warehouse.retention.policies import set_policy
from warehouse.retention.prune import prune

QUIETLY = {"say": lambda line: None}
ADDED = ("daily_landing_pages", "long_sessions")
ANN = Subject("shop", "user", "ann")
SHOP = [
    event("2026-11-02 09:00", "ann's", event_id="1", page_url="https://shop.example/only-ann"),
    event("2026-11-02 09:12", "ann's", event_id="2", user_id="ann", properties={"experiment": "blue"}),
    event("2026-11-02 10:00", "stranger", event_id="3"),
    event("2026-11-02 10:11", "stranger", event_id="4", properties={"experiment": "green"}),
    event("2026-11-02 11:00", "stranger", event_id="5"),
    event("2026-11-03 09:00", "ann's", event_id="6", user_id="ann"),
    event("2026-11-03 09:00", "other", event_id="7", page_url="https://shop.example/offer"),
]
BLOG = [event(f"2026-11-02 09:{minute}", "bob's", event_id=minute, user_id="bob") for minute in ("00", "20")]
LANDING_PAGES = (
    "select page_path, session_count, visitor_count from marts.daily_landing_pages"
    " where site_id = 'shop' and event_date = '2026-11-02' order by 1"
)
LONG = "select visitor_id from marts.long_sessions order by 1"


def test_added_marts_keep_every_promise(installation, landing):
    with installation.engine.begin() as connection:
        add_site(connection, "blog")
    landing.land(*SHOP)
    Landing(landing.folder).land(*BLOG, site="blog")

    # Act 1: ours is built, and is what the oracle says; its unit tests, and that of the new property, hold.
    night.nightly(installation, **QUIETLY)
    found = differences(
        installation, for_oracle(SHOP, "shop") + for_oracle(BLOG, "blog"), {"shop": "UTC", "blog": "UTC"}
    )
    assert not found, found
    assert rows(installation.engine, LANDING_PAGES) == [("/", 2, 1), ("/only-ann", 1, 1)]
    assert rows(
        installation.engine, "select distinct experiment from marts.sessions where experiment is not null order by 1"
    ) == [("blue",), ("green",)]
    transformer = installation.database.roles[Role.TRANSFORMER]
    units = "daily_landing_pages,test_type:unit", "int_sessions,test_type:unit"
    assert len(dbt.run(installation.settings, transformer, "test", "--select", *units).results) > 10

    # Act 2: with a folder of one's own, its mart is built in the same night.
    own = with_settings(installation, models_path=Path(os.environ["OWN_MODELS"]))
    night.rebuild(own, **QUIETLY)
    assert rows(own.engine, LONG) == [("ann's",), ("bob's",), ("stranger",)]

    # Act 3: both were checked before they were published.
    for mart, doubt in (
        ("daily_landing_pages", "sessions_add_up_to_the_days"),
        ("long_sessions", "are_the_long_ones_of_the_sessions"),
    ):
        checks = rows(
            own.engine,
            "select expectation, passed from ops.check_results where mart = :mart"
            " and audit_id = (select max(audit_id) from ops.audits)",
            mart=mart,
        )
        assert {("key_is_unique", True), ("site_id_is_known", True), (doubt, True)} <= set(checks)
        assert all(passed for _, passed in checks)

    # Act 4: both are granted as all marts are, and an analyst of a site sees that site's rows alone.
    with own.engine.begin() as connection:
        _, password = renew_site_analyst(connection, "blog")
        assert deviations(connection, site_role("blog")) == []
    analyst = create_engine(own.engine.url.set(username=site_role("blog"), password=password))
    for mart in ADDED:
        query = f"select distinct site_id from marts.{mart} order by 1"
        assert rows(own.engine_of(Role.ANALYST), query) == [("blog",), ("shop",)]
        assert rows(analyst, query) == [("blog",)]
    analyst.dispose()

    # Act 5: both are in the documentation, in the database's comments and the page; metrics and questions go on.
    for mart in ADDED:
        ((said,),) = rows(own.engine, "select obj_description(to_regclass(:name))", name=f"marts.{mart}")
        assert said.startswith("One row per ")
    page = write_page(own).read_text()
    assert all(f"model.footfall.{mart}" in page for mart in ADDED)
    assert "sessions" in dict(metrics(own))
    assert answer(own, "summary", Parameters(days=0))[1]

    # Act 6: a person's rows are exported and erased, and so is on a frozen day the label that only they gave; what they
    # alone did on the other day goes with it, before that day is built again.
    ((age,),) = rows(own.engine, "select current_date - date '2026-11-03'")
    with own.engine.begin() as connection:
        connection.exec_driver_sql("update ops.retention_policies set keep_days = null")
        set_policy(connection, "raw_events", age)
    prune(own.engine_of(Role.RETENTION), own.settings, published_marts(own))
    exported = privacy.carry_out(own, privacy.request(own, "export", ANN), **QUIETLY)
    erased = privacy.carry_out(own, privacy.request(own, "erase", ANN), **QUIETLY)
    for places in (exported.places, erased.places):
        assert (places["marts.long_sessions"], places["marts.daily_landing_pages"]) == (1, 2)
    assert rows(own.engine, LONG) == [("bob's",), ("stranger",)]
    assert rows(own.engine, LANDING_PAGES) == [("/", 2, 1)]

    # Act 7: each goes with the policy it follows.
    with own.engine.begin() as connection:
        set_policy(connection, "anonymous_sessions", 1)
    prune(own.engine_of(Role.RETENTION), own.settings, published_marts(own))
    assert rows(own.engine, LONG) == [("bob's",)]
    assert rows(own.engine, LANDING_PAGES) == [("/", 2, 1)]
    with own.engine.begin() as connection:
        set_policy(connection, "signed_in_sessions", 1)
        set_policy(connection, "daily_tables", 1)
    prune(own.engine_of(Role.RETENTION), own.settings, published_marts(own))
    assert rows(own.engine, LONG) == []
    assert rows(own.engine, LANDING_PAGES) == []


def for_oracle(events, site):
    """The events as the oracle takes them."""
    moments = [datetime.fromisoformat(fields["client_timestamp"]) for fields in events]
    return [
        fields | {"site_id": site, "occurred_at": at, "received_at": at + timedelta(seconds=1)}
        for fields, at in zip(events, moments, strict=True)
    ]
