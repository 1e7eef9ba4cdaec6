"""One Spark for all tests of this folder, and one build on both engines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from footfall.pipeline import candidates, night
from tests.support.engines import history, relations
from tests.support.engines.session import dbt, session
from tests.support.events import Landing
from warehouse.publication.slices import parse_days

WITHOUT_TESTS = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with session(tmp_path_factory.mktemp("spark")) as made:
        yield made


@pytest.fixture(scope="session")
def spark_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where dbt compiles for Spark."""
    return tmp_path_factory.mktemp("dbt_on_spark")


@dataclass(frozen=True)
class Built:
    """A slice that both engines built of the same raw events and published rows."""

    engine: Any
    models: dict[str, Any]
    """Relation → its node in dbt's manifest."""


@pytest.fixture(scope="module")
def built(anew: Any, spark: Any, spark_target: Path) -> Iterator[Built]:
    """A history of which a part is published; of the rest a candidate, late and hostile events among it."""
    with anew(history.ZONES) as installation:
        landing = Landing(installation.settings.landing)
        history.decide(installation)
        history.land(landing, history.early())
        night.nightly(installation, say=lambda line: None)
        history.land(landing, history.late())
        night.load(installation)
        candidates.build(installation, parse_days(history.SLICE))
        manifest = dbt(spark_target, "parse")
        models = {
            f"{node.schema}.{node.name}": node
            for node in manifest.nodes.values()
            if node.resource_type in ("model", "seed") and node.schema != "live"
        }
        read = {name for node in models.values() for name in node.depends_on_nodes if name in manifest.sources}
        for source in map(manifest.sources.get, sorted(read)):
            relations.hand_over(installation.engine, spark, f"{source.schema}.{source.name}")
        dbt(spark_target, "build", "--exclude", "config.schema:live", *WITHOUT_TESTS)
        yield Built(installation.engine, models)
