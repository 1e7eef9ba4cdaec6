"""One night, published once, that the tests of this folder read and none changes; and copies of it to spoil."""

import csv
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest

from footfall.pipeline import dbt, night
from footfall.pipeline.installation import readers_manifest
from tests.support.database import declare
from tests.support.events import Landing
from tests.support.installation import put_aside
from tests.support.marts.history import BLOG, SHOP
from warehouse.goals.funnels import Funnel, add_funnel
from warehouse.goals.goals import Goal, add_goal
from warehouse.goals.step import read_step
from warehouse.publication.declared_properties import DeclaredProperty

DECLARED = (
    DeclaredProperty("shop", "payment_failed", "error_code", "text", "Why it failed."),
    DeclaredProperty("shop", "order_placed", "amount", "number", ""),
)
GOALS = (
    Goal("shop", "offer", read_step("/offer/*")),
    Goal("shop", "declined", read_step("event:payment_failed"), "error_code", "card_declined"),
    Goal("shop", "sale", read_step("event:order_placed"), value_property="amount"),
)
FUNNEL = Funnel("shop", "buy", tuple(map(read_step, ("/offer/*", "event:checkout_started", "event:order_placed"))))


@pytest.fixture(scope="session")
def finished_night(anew, tmp_path_factory):
    """Copies of an installation with the marts of that history, and what dbt compiles for their readers."""
    with ExitStack() as kept:
        with anew({"shop": "UTC", "blog": "UTC"}) as installation:
            with installation.engine.begin() as connection:
                declare(connection, *DECLARED)
                for goal in GOALS:
                    add_goal(connection, goal, dbt.variables())
                add_funnel(connection, FUNNEL, dbt.variables())
            Landing(installation.settings.landing).land(*SHOP)
            Landing(installation.settings.landing).land(*BLOG, site="blog")
            night.nightly(installation, say=lambda line: None)
            for target in (dbt.PUBLISHED, dbt.WITH_TODAY):
                readers_manifest(installation, target)
            copies = kept.enter_context(put_aside(installation, tmp_path_factory.mktemp("published") / "home"))
        yield copies


@pytest.fixture(scope="session")
def published(finished_night, tmp_path_factory):
    """The night, for those that only read it."""
    with finished_night.beside(tmp_path_factory.mktemp("read") / "home") as installation:
        yield installation


@pytest.fixture
def morning_after(finished_night):
    """A copy of the night for one test, whose candidates still stand in schema audit."""
    with finished_night() as installation:
        yield installation


@pytest.fixture(scope="session")
def command(published):
    """`footfall …` on it."""

    def run(*arguments: str) -> subprocess.CompletedProcess:
        given = {
            "FOOTFALL_HOME": str(published.settings.home),
            "FOOTFALL_DATABASE_URL": published.database.administrator.render_as_string(hide_password=False),
        }
        return subprocess.run(
            [sys.executable, "-m", "footfall", *arguments],
            env=os.environ | given | {"NO_COLOR": "1", "COLUMNS": "160"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


@pytest.fixture(scope="session")
def query(command, tmp_path_factory):
    """Ask MetricFlow; the answer by what it is grouped by."""

    def ask(metrics, *group_by):
        file = tmp_path_factory.mktemp("metrics") / "answer.csv"
        given = command(
            "metrics", "query", "--metrics", ",".join(metrics), "--group-by", ",".join(group_by), "--csv", str(file)
        )
        assert given.returncode == 0, given.stdout + given.stderr
        with file.open() as lines:
            return {
                tuple(row[key] for key in group_by): {metric: row[metric] for metric in metrics}
                for row in csv.DictReader(lines)
            }

    return ask
