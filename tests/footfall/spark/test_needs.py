"""What a build on Spark needs, what `doctor` says where it is missing, and that a build then does not begin."""

import socket

import pytest

from footfall.pipeline import candidates
from footfall.spark.needs import SparkError, needs
from footfall.stack.doctor import examine
from runtime.settings import BuildEngine, Settings, SettingsError, load_settings
from tests.support.database import rows
from tests.support.installation import with_settings
from warehouse.publication.slices import parse_days


@pytest.fixture
def no_java(tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))


def unmet(settings: Settings) -> list[str]:
    return [f"{need.what}; {need.fix}" for need in needs(settings) if not need.ok]


def test_without_java_the_doctor_says_where_it_looked_and_what_to_install(tmp_path, no_java):
    (said,) = [said for said in unmet(Settings(home=tmp_path)) if "Java" in said]
    assert said.startswith(f"Java 17 is there: there is none in JAVA_HOME, {tmp_path}; apt install openjdk-17")
    findings = examine(Settings(home=tmp_path, engine=BuildEngine.SPARK))
    assert said in [f"{finding.what}; {finding.fix}" for finding in findings if not finding.ok]


def test_the_doctor_asks_for_no_java_where_postgresql_builds(tmp_path, no_java):
    assert not [finding for finding in examine(Settings(home=tmp_path)) if "Java" in finding.what]


def test_a_master_that_does_not_answer_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"spark://127.0.0.1:{taken.getsockname()[1]}"
        (said,) = [said for said in unmet(Settings(home=tmp_path, spark_url=url)) if "master" in said]
        assert url in said
        assert "does not answer" in said
        taken.listen()
        assert not [said for said in unmet(Settings(home=tmp_path, spark_url=url)) if "master" in said]


def test_one_of_several_masters_is_enough(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        ports = deaf.getsockname()[1], server.getsockname()[1]
        url = "spark://127.0.0.1:{},127.0.0.1:{}".format(*ports)
        assert not [said for said in unmet(Settings(home=tmp_path, spark_url=url)) if "master" in said]


def test_a_build_that_spark_cannot_do_does_not_begin(installation, no_java):
    here = with_settings(installation, engine=BuildEngine.SPARK)
    with pytest.raises(SparkError):
        candidates.build(here, parse_days("2026-11-02"))
    assert rows(installation.engine, "select count(*) from ops.candidates") == [(0,)]


@pytest.mark.parametrize(
    "url", ["local", "local[0]", "spark://", "spark://host", "sc://host:15002", "thrift://host:10000"]
)
def test_a_url_that_is_no_place_of_spark_is_refused(tmp_path, url):
    with pytest.raises(SettingsError, match="spark_url"):
        load_settings({"FOOTFALL_SPARK_URL": url}, tmp_path)


@pytest.mark.parametrize("url", ["local[*]", "local[2]", "spark://host:7077", "spark://one:7077,two:7077"])
def test_a_place_of_spark_is_taken(tmp_path, url):
    assert load_settings({"FOOTFALL_SPARK_URL": url}, tmp_path).spark_url == url
