"""What a JDBC driver says of the marts: tools that draw the model and join by themselves read exactly this."""

import os
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.tools import classes, program
from warehouse.postgres.roles import Role, set_password
from warehouse.tables.contracts import read_marts

pytestmark = pytest.mark.bi
SOURCE = Path(__file__).parent / "jdbc" / "Keys.java"


@pytest.fixture(scope="module")
def marts(installation):
    return read_marts(installation.settings.dbt_target / "manifest.json")


@pytest.fixture(scope="module")
def said(installation, marts):
    url = installation.database.roles[Role.ANALYST]
    with installation.engine.begin() as connection:
        # The driver signs in where a password is as dear as servers make it; that of a test run makes it cheap.
        connection.execute(text("set local scram_iterations = 4096"))
        set_password(connection, Role.ANALYST, str(url.password))
    place = f"jdbc:postgresql://{url.host}:{url.port}/{url.database}"
    java = str(Path(program("default-jdk-headless")).with_name("java"))
    command = [java, "--class-path", classes(), str(SOURCE), place, str(url.username)]
    done = subprocess.run(
        [*command, *(mart.name for mart in marts)],
        env=os.environ | {"PASSWORD": str(url.password)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


def test_the_driver_lists_every_mart(said, marts):
    listed = {name for kind, name, *_ in said if kind == "relation"}
    assert listed >= {mart.name for mart in marts}


def test_the_driver_finds_the_key_of_each_mart_that_belongs_to_another(said, marts):
    keys = defaultdict(list)
    for kind, *words in said:
        if kind == "key":
            mart, column, other, other_column, _, name = words
            assert column == other_column
            keys[mart, other, name].append(column)
    found = sorted((mart, other, tuple(columns)) for (mart, other, _), columns in keys.items())
    declared = sorted((mart.name, reference.mart, reference.columns) for mart in marts for reference in mart.belongs_to)
    assert declared
    assert [(*pair, set(columns)) for *pair, columns in found] == [(*pair, set(columns)) for *pair, columns in declared]
