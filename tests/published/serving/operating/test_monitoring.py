"""The page of monitoring: who is given it, what it says of a night, and that the example rules name what it has."""

import re
import subprocess
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from footfall.backup.backup import make_backup
from footfall.pipeline.steps import STEPS
from runtime.settings import PROJECT
from serving.monitoring.figures import read
from serving.monitoring.names import GAUGES, Figure, page
from tests.support.events import Landing, event
from tests.support.installation import with_settings
from tests.tools import program

RULES = PROJECT / "docs" / "alerts.yml"
OF_THE_COLLECTOR = "footfall_collector_"


@pytest.fixture(scope="module")
def scraped(installation, client):
    """What Prometheus reads after a night, with a file that waits, a reject, an open alarm and a backup."""
    Landing(installation.settings.landing).land(event(datetime.now(UTC)))
    with installation.engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.alarms (rule, site_id, part, title, description, path, since)"
                " values ('rejects', 'shop', '', 'a', 'b', '/', now())"
            )
        )
    make_backup(installation, installation.settings.backups)
    token = installation.settings.monitoring_token.read_text()
    answered = client.get("/metrics", headers={"authorization": f"Bearer {token}"})
    assert answered.status_code == 200
    return answered.text


@pytest.mark.parametrize("sent", [{}, {"authorization": "Bearer"}, {"authorization": "Bearer guessed"}])
def test_who_holds_no_token_of_monitoring_is_refused(client, sent):
    assert client.get("/metrics", headers=sent).status_code == 401


def test_a_readers_token_is_none_of_monitoring(client, tokens):
    assert client.get("/metrics", headers={"authorization": f"Bearer {tokens['all']}"}).status_code == 401


def test_it_says_what_is_published_what_waits_and_how_large_it_is(scraped, installation):
    said = dict(line.rsplit(" ", 1) for line in scraped.splitlines() if not line.startswith("#"))
    assert float(said["footfall_database_up"]) == 1
    assert float(said['footfall_landing_files{stage="sealed"}']) == 1
    assert float(said['footfall_dirty{site="shop"}']) == 0
    assert float(said["footfall_audit_passed"]) == 1
    assert float(said['footfall_alarms_open{rule="rejects",site="shop"}']) == 1
    assert float(said['footfall_schema_bytes{schema="marts"}']) > 8192
    with installation.engine.connect() as connection:
        until = connection.scalar(
            text("select extract(epoch from cast(max(last_date) + 1 as timestamp)) from ops.publications")
        )
    assert float(said['footfall_published_until_timestamp_seconds{site="shop"}']) == float(until)
    for step in STEPS:
        assert float(said[f'footfall_night_step_seconds{{step="{step}"}}']) > 0


def test_it_is_what_prometheus_reads_and_every_figure_has_a_line_of_help(scraped):
    checked = subprocess.run(
        [program("prometheus"), "check", "metrics"], input=scraped, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    names = set(re.findall(r"^(footfall_\w+)", scraped, re.MULTILINE))
    assert names <= {f"footfall_{name}" for name in GAUGES}
    # None of these is the case here.
    absent = {"process_up", "held_back", "rejects_last_day", "dirty_oldest_timestamp_seconds"}
    assert {f"footfall_{name}" for name in GAUGES if name not in absent} <= names


def test_without_a_database_the_home_is_still_watched(installation):
    gone = installation.database.administrator.set(database="gone").render_as_string(hide_password=False)
    names = {figure.name: figure.value for figure in read(with_settings(installation, database_url=gone).settings)}
    assert names["database_up"] == 0
    assert names["home_free_bytes"] > 0
    assert "dirty" not in names


def test_a_label_that_would_end_its_quotes_is_escaped():
    line = page([Figure("dirty", {"site": 'a"b\\c\nd'}, 1)]).splitlines()[-1]
    assert line == r'footfall_dirty{site="a\"b\\c\nd"} 1'


def test_the_example_rules_are_sound_and_name_only_figures_that_there_are():
    checked = subprocess.run(
        [program("prometheus"), "check", "rules", RULES], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    named = set(re.findall(r"footfall_[a-z_]+", "\n".join(re.findall(r"expr: (.*)", RULES.read_text()))))
    assert {name for name in named if not name.startswith(OF_THE_COLLECTOR)} <= {f"footfall_{name}" for name in GAUGES}


def test_every_figure_is_documented():
    documented = (PROJECT / "docs" / "deploy.md").read_text()
    for name, meaning in GAUGES.items():
        labels = f"{{{','.join(meaning.labels)}}}" if meaning.labels else ""
        assert f"| `footfall_{name}{labels}` | {meaning.help} |" in documented, name
