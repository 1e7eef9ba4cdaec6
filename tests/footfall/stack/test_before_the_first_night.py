"""Before the first night, as `footfall up` prepares it: marts are there and empty, and every answer says so."""

import pytest
from sqlalchemy import create_engine, text

from footfall.answers.questions import answer, parameters, questions, reads_days
from footfall.pipeline.installation import published_marts
from footfall.stack.stack import prepare_database
from serving.page.navigation import PAGES
from tests.support.database import rows
from tests.support.serving.process import serving
from tests.support.serving.tokens import new
from warehouse.access.site_analysts import renew_site_analyst
from warehouse.tables.views import VIEWS


@pytest.fixture(scope="module")
def prepared(anew):
    with anew({"shop": "UTC"}) as installation:
        prepare_database(installation.settings)
        yield installation


def test_a_site_analyst_reads_every_mart_and_it_is_empty(prepared):
    with prepared.engine.begin() as connection:
        role, password = renew_site_analyst(connection, "shop")
    analyst = create_engine(prepared.engine.url.set(username=role, password=password))
    for mart in published_marts(prepared):
        assert rows(analyst, f"select count(*) from {mart.relation}") == [(0,)]
        assert rows(analyst, f"select count(*) from with_today.{mart.name}") == [(0,)]
    for view in VIEWS:
        if view.startswith("marts.") and "contact" not in view:
            rows(analyst, f"select * from {view}")
    assert rows(analyst, "select site_id, timezone, first_day, fresh_until from marts.sites") == [
        ("shop", "UTC", None, None)
    ]
    analyst.dispose()


def test_preparing_again_changes_nothing(prepared):
    relations = (
        "select oid, relfilenode, relacl::text from pg_class where relnamespace = 'marts'::regnamespace order by 1"
    )
    before = rows(prepared.engine, relations)
    prepare_database(prepared.settings)
    assert rows(prepared.engine, relations) == before


def test_every_question_of_published_days_is_answered_without_a_row(prepared):
    for name in questions():
        _, found = answer(prepared, name, parameters({}))
        assert not (found and reads_days(prepared, name)) or name == "sites", name


def test_the_page_and_the_api_answer_with_empty_states(prepared, tmp_path):
    url = prepared.database.administrator.render_as_string(hide_password=False)
    token = new(prepared, "reader", "shop")
    with serving(prepared.settings.home, tmp_path / "log", FOOTFALL_DATABASE_URL=url) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        for name in ("summary", "daily_trends", "traffic_sources", "recent_sessions"):
            found = client.get(f"/v1/sites/shop/questions/{name}")
            assert (found.status_code, found.json()["publication"], found.json()["rows"]) == (200, None, []), found.text
        exported = client.get("/v1/sites/shop/export/identities", params={"format": "ndjson"})
        assert (exported.status_code, exported.content) == (200, b""), exported.text
        for page in PAGES:
            shown = client.get(f"/sites/shop/{page.name}", headers={"Cookie": f"footfall={token}"})
            assert shown.status_code == 200, shown.text
            assert ("Nothing of shop is published yet" in shown.text) == page.has_days


def test_a_column_of_another_type_is_reported_and_stops_nothing_else(prepared, caplog):
    with prepared.engine.begin() as connection:
        connection.execute(text("drop view with_today.identities"))
        connection.execute(text("alter table marts.identities alter column to_at type timestamp"))
    prepare_database(prepared.settings)
    assert "nothing is built until this is right: marts.identities.to_at is timestamp without time zone" in caplog.text
