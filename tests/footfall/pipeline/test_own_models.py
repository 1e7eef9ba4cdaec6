"""The user's models: changes in their folder are noticed, and a broken model stops nights, erasures and retention only.

`tests/promises/test_add_a_mart.py` tests that they are built, checked and published.
"""

import re
import shutil
from contextlib import contextmanager

import pytest

from footfall.pipeline import dbt, night
from footfall.pipeline.installation import manifest_of, published_marts, sound_manifest
from footfall.privacy import requests as privacy
from footfall.stack.doctor import examine
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.support.installation import contents, with_settings
from tests.support.marts.own_models import QUERY, YML, write_models
from warehouse.privacy.person import PersonError, Subject
from warehouse.retention.policies import RetentionError
from warehouse.retention.prune import prune
from warehouse.tables.contracts import ContractError, read_marts

QUIETLY = {"say": lambda line: None}


@pytest.fixture
def folder(tmp_path):
    """One's own models, one mart by now."""
    folder = tmp_path / "models of mine"
    write_models(folder)
    return folder


@pytest.fixture
def own(installation, folder):
    return with_settings(installation, models_path=folder)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where the models of a published night lie. For each test they come with the times that they had then."""
    return tmp_path_factory.mktemp("place") / "models of mine"


@pytest.fixture(scope="module")
def copies(past, place, tmp_path_factory):
    kept = tmp_path_factory.mktemp("kept") / "models"

    def live(installation):
        write_models(place)
        shutil.copytree(place, kept)
        Landing(installation.settings.landing).land(event("2026-11-02 09:00", user_id="ann"))
        night.nightly(with_settings(installation, models_path=place), **QUIETLY)

    with past({"shop": "UTC"}, live) as copies:
        shutil.rmtree(place)

        @contextmanager
        def once():
            shutil.copytree(kept, place)
            try:
                with copies() as installation:
                    yield installation
            finally:
                shutil.rmtree(place)

        yield once


@pytest.fixture
def published(copies):
    """An installation, without the setting of one's own models, where one night with them is published."""
    with copies() as installation:
        yield installation


@pytest.mark.nights
def test_a_file_that_is_changed_added_or_taken_away_is_noticed(own, folder):
    def columns():
        return {mart.name: len(mart.columns) for mart in published_marts(own) if "mine" in mart.name}

    assert columns() == {"visits_of_mine": 6}
    short = YML.replace("      - {name: user_id, data_type: text, description: 'The user; null if anonymous.'}\n", "")
    short = short.replace("user: user_id, ", "").replace(
        "{signed_in: signed_in_sessions, anonymous: anonymous_sessions}", "anonymous_sessions"
    )
    (folder / "visits_of_mine.yml").write_text(short)
    assert columns() == {"visits_of_mine": 5}
    (folder / "deeper").mkdir()
    (folder / "deeper" / "more_of_mine.sql").write_text(QUERY)
    (folder / "deeper" / "more_of_mine.yml").write_text(YML.replace("visits_of_mine", "more_of_mine"))
    assert columns() == {"visits_of_mine": 5, "more_of_mine": 6}
    for path in (folder / "deeper").iterdir():
        path.unlink()
    assert columns() == {"visits_of_mine": 5}


def test_nothing_is_written_among_the_models_and_none_of_ours_is_parsed_with_them_by_another(own, installation, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    dbt.run(own.settings, own.database.administrator, "compile", "--select", "visits_of_mine", "--no-introspect")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert "visits_of_mine" not in {mart.name for mart in published_marts(installation)}


REACHED = "erasures reach all that is published"
NO_YML = "models: ["
BROKEN = {
    "does not compile": ("visits_of_mine.sql", "select * from {{ ref('nowhere') }}", dbt.BuildFailed, "nowhere"),
    "is no yml": ("visits_of_mine.yml", NO_YML, dbt.BuildFailed, "Syntax error"),
    "has not decided": ("visits_of_mine.yml", YML.replace("people:", "persons:"), ContractError, "`people`|`persons`"),
    "follows no policy": (
        "visits_of_mine.yml",
        YML.replace("anonymous: anonymous_sessions", "anonymous: a_week"),
        RetentionError,
        "mart visits_of_mine: config.meta.retention follows a_week",
    ),
    "is called as one of ours": ("orders.sql", QUERY, dbt.BuildFailed, "orders"),
}


@pytest.mark.parametrize(("file", "said", "refusal", "why"), BROKEN.values(), ids=BROKEN)
def test_with_a_model_that_is_broken_a_night_loads_and_publishes_nothing(published, place, file, said, refusal, why):
    own = with_settings(published, models_path=place)
    before = contents(own)
    assert before["visits_of_mine"]
    (place / file).write_text(said)
    Landing(own.settings.landing).land(event("2026-11-02 10:00", user_id="ann"))
    where = re.escape(str(place / file))
    if refusal is RetentionError or said == NO_YML:  # A policy is the database's to know; dbt names the file alone.
        where = file if said == NO_YML else ""
    with pytest.raises(refusal, match=rf"(?s){where}.*({why})"):
        night.nightly(own, **QUIETLY)
    assert contents(own) == before
    assert rows(own.engine, "select count(*) from raw.events") == [(2,)]
    assert rows(own.engine, "select distinct event_date::text from ops.dirty_days") == [("2026-11-02",)]
    if refusal is not RetentionError:
        marts = {mart.name for mart in read_marts(sound_manifest(own))}
        assert "sessions" in marts
        assert "visits_of_mine" not in marts
        assert re.search(rf"(?s){where}.*({why})", found_wrong(own)["all models are sound"])
        with pytest.raises(refusal):
            privacy.carry_out(own, privacy.request(own, "erase", Subject("shop", "user", "ann")), **QUIETLY)


def test_a_folder_that_is_not_there_stops_whatever_would_have_to_guess(own, folder):
    gone = with_settings(own, models_path=folder.with_name("gone"))
    with pytest.raises(dbt.BuildFailed, match=r"models_path: .*gone is no folder"):
        published_marts(gone)


def found_wrong(installation):
    """What `footfall doctor` finds wrong: what, and how to fix it."""
    return {finding.what: finding.fix for finding in examine(installation.settings) if not finding.ok}


def test_what_is_published_and_described_by_no_model_any_more_stops_erasures_until_it_is_dropped(published, place):
    installation, own = published, with_settings(published, models_path=place)
    asked = privacy.request(installation, "erase", Subject("shop", "user", "ann"))
    with pytest.raises(PersonError, match=r"marts\.visits_of_mine: no model says any more whose its rows are"):
        privacy.carry_out(installation, asked, **QUIETLY)
    with pytest.raises(RetentionError, match=r"marts\.visits_of_mine: no model decides any more"):
        prune(installation.engine, installation.settings, published_marts(installation))
    assert rows(installation.engine, "select count(*) from ops.suppressions") == [(0,)]
    assert REACHED not in found_wrong(own)
    assert found_wrong(installation)[REACHED].startswith("marts.visits_of_mine: no model says whose its rows are")
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("drop table marts.visits_of_mine cascade")
        connection.exec_driver_sql("create materialized view marts.copy_of_mine as table marts.sessions")
    assert found_wrong(installation)[REACHED].startswith("marts.copy_of_mine: ")
    with installation.engine.begin() as connection:
        connection.exec_driver_sql("drop materialized view marts.copy_of_mine")
    assert REACHED not in found_wrong(installation)
    asked = privacy.request(installation, "erase", Subject("shop", "user", "ann"))
    privacy.carry_out(installation, asked, **QUIETLY)
    assert rows(installation.engine, "select count(*) from marts.sessions") == [(0,)]


def test_another_version_of_a_model_of_ones_own_is_another_version_of_the_code(own, folder):
    from warehouse.tables.contracts import code_version

    project = dbt.PROJECT_DIR / "dbt_project.yml"
    before = code_version(manifest_of(own), project)
    (folder / "visits_of_mine.sql").write_text(f"{QUERY} where not is_bot")
    assert code_version(manifest_of(own), project) != before
