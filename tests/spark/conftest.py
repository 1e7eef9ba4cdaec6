"""What tests on Spark share: the Java of `make test-tools`, a session with little memory, and one that says little."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools import program

DEFAULTS = """
spark.driver.memory 1500m
spark.executor.memory 700m
spark.ui.enabled false
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC
spark.eventLog.enabled true
spark.eventLog.compress false
spark.eventLog.dir {events}
"""
QUICKLY = """
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
"""
"""Without code made for each query, which takes longer than a small table does. `make proof` goes as nights do."""
LOGGING = """
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %c{1}: %m%n
"""


def pytest_configure(config: pytest.Config) -> None:
    """Take no offence at py4j: it drops connections of threads that have ended, and the garbage collector closes them."""
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket:ResourceWarning")


@pytest.fixture(scope="session", autouse=True)
def event_log(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Path]:
    """Let Spark find its Java and its configuration, as for any person who runs it. Gives the folder of its event logs."""
    folder, events = tmp_path_factory.mktemp("conf"), tmp_path_factory.mktemp("events")
    quickly = "" if pytestconfig.getoption("--proof") else QUICKLY
    (folder / "spark-defaults.conf").write_text(DEFAULTS.format(events=events.as_uri()) + quickly)
    (folder / "log4j2.properties").write_text(LOGGING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(Path(program("openjdk-17-jre-headless")).resolve().parents[1]))
        patch.setenv("SPARK_CONF_DIR", str(folder))
        yield events
